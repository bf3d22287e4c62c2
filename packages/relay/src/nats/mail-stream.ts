import { JetStreamApiError, jetstreamManager, type JetStreamManager, type StreamConfig } from '@nats-io/jetstream';
import { nanos } from '@nats-io/transport-node';
import type { DeviceId } from '@palmkey/envelope';
import type { NatsLink } from './nats-link.ts';
import { unwrapMail, type StoredMail } from './stored-mail.ts';

/** What the stream is to hold at most. */
export interface MailStreamLimits {
  /** How long mail is kept at most, ms. */
  readonly mailLimitMs: number;
  /** Messages in the mailbox of one device. */
  readonly mailboxMessages: number;
  /** Bytes of all mailboxes. */
  readonly totalBytes: number;
}

/** Mail stays in the stream a little longer than it may wait, so that its expiry is noticed and told. */
const AGE_SLACK_MS = 60_000;
const ANSWER_WITHIN_MS = 5_000;
/** JetStream's API error `stream name already in use with a different configuration`. */
const STREAM_NAME_IN_USE = 10_058;

/**
 * The one stream of all mailboxes. A subject is a mailbox, a sequence number is the number of a delivery. What was
 * stored is said again on a second subject (`republish`), so that a connected device costs the server a subscription and
 * not a consumer; the number of the message before it tells whether one was missed. Needs nats-server 2.9.
 */
export class MailStream {
  readonly name: string;
  readonly #link: NatsLink;
  readonly #limits: MailStreamLimits;
  readonly #manager: JetStreamManager;
  /** When the stream was made, ms since 1970 UTC: with a stream that is lost the numbers begin anew. */
  epoch = 0;

  private constructor(link: NatsLink, limits: MailStreamLimits, manager: JetStreamManager) {
    this.name = `${link.address.prefix}-mail`;
    this.#link = link;
    this.#limits = limits;
    this.#manager = manager;
  }

  static async open(link: NatsLink, limits: MailStreamLimits): Promise<{ stream: MailStream; lastSequence: number }> {
    const manager = await jetstreamManager(link.connection, { checkAPI: false, timeout: ANSWER_WITHIN_MS });
    const stream = new MailStream(link, limits, manager);
    return { stream, lastSequence: await stream.ensure() };
  }

  /** Makes the stream, or brings it to this relay's limits; the number of its last message. Throws what NATS refuses. */
  async ensure(): Promise<number> {
    const { mailLimitMs, mailboxMessages, totalBytes } = this.#limits;
    const { prefix, replicas } = this.#link.address;
    const age = nanos(mailLimitMs + AGE_SLACK_MS);
    const config: Partial<StreamConfig> & { name: string } = {
      name: this.name,
      subjects: [`${prefix}.mail.*`],
      storage: 'file',
      retention: 'limits',
      num_replicas: replicas,
      max_age: age,
      // A durable message is known again as long as it can be held.
      duplicate_window: age,
      max_msgs_per_subject: mailboxMessages,
      max_bytes: totalBytes,
      discard: 'new',
      discard_new_per_subject: true,
      allow_direct: true,
      republish: { src: `${prefix}.mail.*`, dest: `${prefix}.stored.{{wildcard(1)}}` },
    };
    let info;
    try {
      info = await this.#manager.streams.add(config);
    } catch (error) {
      if (!(error instanceof JetStreamApiError) || error.code !== STREAM_NAME_IN_USE) throw error;
      info = await this.#manager.streams.update(this.name, config);
    }
    this.epoch = Date.parse(info.created);
    return info.state.last_seq;
  }

  /** The first message for a device from this number on; null where there is none. */
  async next(device: string, from: number): Promise<StoredMail | null> {
    const query = { seq: from, next_by_subj: this.mailbox(device) };
    // A replica may lag behind what was acknowledged, so with more than one only the leader is asked.
    const stored =
      this.#link.address.replicas === 1
        ? await this.#manager.direct.getMessage(this.name, query)
        : await this.#manager.streams.getMessage(this.name, query);
    return stored === null ? null : unwrapMail(stored.seq, stored.data);
  }

  /** Lets go of a device's mail up to a number, or of all of it. */
  async purge(device: string, upTo?: number): Promise<void> {
    const filter = this.mailbox(device);
    await this.#manager.streams.purge(this.name, upTo === undefined ? { filter } : { filter, seq: upTo + 1 });
  }

  /** Takes one message out; whether it was still there. Of several who try, one is told that it was. */
  async take(sequence: number): Promise<boolean> {
    try {
      return await this.#manager.streams.deleteMessage(this.name, sequence, false);
    } catch (error) {
      if (error instanceof JetStreamApiError) return false;
      throw error;
    }
  }

  /** Where mail for a device is published. */
  mailbox(device: string): string {
    return `${this.#link.address.prefix}.mail.${device}`;
  }

  /** Where mail for a device is said again once it is stored. */
  stored(device: string): string {
    return `${this.#link.address.prefix}.stored.${device}`;
  }
}

/** How a device is called in subjects: 32 hexadecimal digits. */
export function subjectOf(device: DeviceId): string {
  return Buffer.from(device.buffer, device.byteOffset, device.byteLength).toString('hex');
}
