import { FrameType, relayErrors } from '@palmkey/envelope';
import { collectDefaultMetrics, Counter, Gauge, Registry } from 'prom-client';
import type { Meter, Tally } from './meter.ts';

/** What stands at the moment of a scrape. */
export interface Gauges {
  /** Open connections, those that are nobody's yet counted in. */
  connections(): number;
  /** Devices that are connected. */
  devices(): number;
  /** The memory that mail takes on this node; null where it is kept elsewhere. */
  mailBytes(): number | null;
  /** Whether this node hears the others; null where it is alone. */
  busConnected(): boolean | null;
}

/** The metrics of one relay, named as Prometheus recommends (https://prometheus.io/docs/practices/naming/). */
export class Exposition {
  readonly #registry = new Registry();

  constructor(meter: Meter, gauges: Gauges) {
    collectDefaultMetrics({ register: this.#registry });
    this.#gauge('palmkey_connections', 'Open connections, those not yet admitted counted in', () =>
      gauges.connections(),
    );
    this.#gauge('palmkey_devices_connected', 'Devices connected to this node', () => gauges.devices());
    if (gauges.mailBytes() !== null) {
      this.#gauge('palmkey_mailbox_bytes', 'Memory that waiting mail takes', () => gauges.mailBytes() ?? 0);
    }
    if (gauges.busConnected() !== null) {
      this.#gauge('palmkey_bus_connected', 'Whether this node hears the others', () =>
        gauges.busConnected() === true ? 1 : 0,
      );
    }
    this.#counter('palmkey_received_bytes_total', 'Bytes of frames from devices', () => meter.bytesIn);
    this.#counter('palmkey_sent_bytes_total', 'Bytes of frames to devices', () => meter.bytesOut);
    this.#counters('palmkey_frames_received_total', 'Frames from devices', 'type', () => byType(meter.framesIn));
    this.#counters('palmkey_frames_sent_total', 'Frames to devices', 'type', () => byType(meter.framesOut));
    this.#counters('palmkey_errors_total', 'Errors sent to devices in frames', 'code', () => byCode(meter.errors));
    this.#counters('palmkey_admissions_total', 'Authentications of devices', 'outcome', () => words(meter.admissions));
    this.#counters('palmkey_pushes_total', 'Pushes that devices asked for', 'outcome', () => words(meter.pushes));
    this.#counters('palmkey_chain_posts_total', 'Posts to account chains', 'outcome', () => words(meter.chainPosts));
    this.#counter('palmkey_mail_taken_total', 'Messages that mailboxes took', () => meter.mailTaken);
    this.#counter('palmkey_mail_delivered_total', 'Messages sent from mailboxes', () => meter.mailDelivered);
    this.#counter('palmkey_mail_expired_total', 'Messages that expired unread', () => meter.mailExpired);
    this.#counter('palmkey_journal_commits_total', 'Transactions of durable mail', () => meter.journalCommits);
    this.#counter(
      'palmkey_journal_messages_total',
      'Durable messages written; by the commits, how many share one wait for the disk',
      () => meter.journalMessages,
    );
  }

  /** The media type of {@link text}. */
  get contentType(): string {
    return this.#registry.contentType;
  }

  /** All of it as Prometheus reads it. */
  text(): Promise<string> {
    return this.#registry.metrics();
  }

  #gauge(name: string, help: string, read: () => number): void {
    const gauge: Gauge = new Gauge({
      name,
      help,
      registers: [this.#registry],
      collect: () => {
        gauge.set(read());
      },
    });
  }

  #counter(name: string, help: string, read: () => number): void {
    const counter: Counter = new Counter({
      name,
      help,
      registers: [this.#registry],
      collect: () => {
        counter.reset();
        counter.inc(read());
      },
    });
  }

  #counters(name: string, help: string, label: string, read: () => Iterable<[string, number]>): void {
    const counter: Counter = new Counter({
      name,
      help,
      labelNames: [label],
      registers: [this.#registry],
      collect: () => {
        counter.reset();
        for (const [word, count] of read()) counter.inc({ [label]: word }, count);
      },
    });
  }
}

function words(tally: Tally<string>): [string, number][] {
  return Object.entries(tally);
}

function byCode(counts: Float64Array): [string, number][] {
  return Object.entries(relayErrors).map(([code, { number }]) => [code, counts[number] ?? 0]);
}

function byType(counts: Float64Array): [string, number][] {
  return Object.entries(FrameType).map(([name, type]) => [name, counts[type] ?? 0]);
}
