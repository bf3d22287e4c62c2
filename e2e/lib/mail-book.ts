/** The book of a test about mail: what was sent, what the relay said of it, and how often it was opened. */
import { randomBytes } from 'node:crypto';
import { RelayClientError } from '@palmkey/relay-client';
import { toHex } from '@palmkey/envelope';
import { type Fate, LABEL_BYTES, type MailDevice, type MailDeviceEvents } from './mail-device.ts';

interface Entry {
  readonly from: MailDevice;
  readonly durable: boolean;
  opened: number;
  settled: boolean;
  /** Why it was not delivered, or is not known to have been, as its sender was told. */
  told: string | null;
}

/** Sums over a kind of mail. `lost` and `opened more than once` are the two that may never be. */
export interface MailCounts {
  readonly sent: number;
  /** Whose mailbox has taken it, by the relay's word. */
  readonly accepted: number;
  readonly openedOnce: number;
  readonly openedMoreThanOnce: number;
  /** Not opened, and its sender was told. */
  readonly told: number;
  /** Not opened, accepted, and nobody was told. */
  readonly lost: number;
  /** Not opened, and the sender does not know yet. */
  readonly underWay: number;
}

export class MailBook implements MailDeviceEvents {
  /** Bodies that came again and were dropped by their receiver. */
  replayed = 0;
  /** What came and cannot be what a peer sent. */
  readonly broken: unknown[] = [];
  /** Messages that were not sent because their sender was not connected. */
  notSent = 0;
  readonly #byLabel = new Map<string, Entry>();
  readonly #byNumber = new Map<string, Entry>();
  #wake: () => void = () => undefined;

  /** Sends mail and writes it down; false where its sender is not connected and so has not sent it. */
  async send(from: MailDevice, to: MailDevice, durable: boolean): Promise<boolean> {
    const label = randomBytes(LABEL_BYTES).toString('hex');
    const entry: Entry = { from, durable, opened: 0, settled: false, told: null };
    const body = await from.seal(to, label);
    this.#byLabel.set(label, entry);
    try {
      const number = from.client.send(to.id, body, { durable, lifetimeMs: 20 * 60_000 });
      this.#byNumber.set(`${toHex(from.id)}/${number}`, entry);
      return true;
    } catch (error) {
      if (!(error instanceof RelayClientError)) throw error;
      this.#byLabel.delete(label);
      this.notSent++;
      return false;
    }
  }

  onOpened(_to: MailDevice, label: string): void {
    const entry = this.#byLabel.get(label);
    if (entry) entry.opened++;
    else this.broken.push(new Error('a message that nobody sent'));
    this.#wake();
  }

  onReplayed(): void {
    this.replayed++;
  }

  onBroken(_to: MailDevice, error: unknown): void {
    this.broken.push(error);
  }

  onFate(from: MailDevice, number: number, fate: Fate): void {
    const entry = this.#byNumber.get(`${toHex(from.id)}/${number}`);
    if (!entry) return;
    if (fate.is === 'settled') entry.settled = true;
    else entry.told = fate.code;
    this.#wake();
  }

  /** The program of a sender ended: there is nobody to be told of what it had under way, but for what its outbox keeps. */
  onProgramEnded(from: MailDevice): void {
    for (const entry of this.#byNumber.values()) {
      if (entry.from === from && !entry.durable && !entry.settled) entry.told ??= 'program ended';
    }
    for (const [key, entry] of this.#byNumber) if (entry.from === from && !entry.durable) this.#byNumber.delete(key);
  }

  counts(durable: boolean): MailCounts {
    const entries = [...this.#byLabel.values()].filter((entry) => entry.durable === durable);
    const unopened = entries.filter(({ opened }) => opened === 0);
    const count = (test: (entry: Entry) => boolean): number => entries.filter(test).length;
    return {
      sent: entries.length,
      accepted: count(({ settled }) => settled),
      openedOnce: count(({ opened }) => opened === 1),
      openedMoreThanOnce: count(({ opened }) => opened > 1),
      told: unopened.filter(({ told }) => told !== null).length,
      lost: unopened.filter(({ told, settled }) => told === null && settled).length,
      underWay: unopened.filter(({ told, settled }) => told === null && !settled).length,
    };
  }

  /** Until each message is opened or its sender was told; false when nothing of that has happened for so long. */
  async allAccountedFor(patienceMs: number): Promise<boolean> {
    for (;;) {
      const open = [true, false]
        .map((durable) => this.counts(durable))
        .some(({ lost, underWay }) => lost + underWay > 0);
      if (!open) return true;
      const woken = await new Promise<boolean>((resolve) => {
        const timer = setTimeout(() => resolve(false), patienceMs);
        this.#wake = () => {
          clearTimeout(timer);
          setTimeout(() => resolve(true), 100);
        };
      });
      this.#wake = () => undefined;
      if (!woken) return false;
    }
  }
}
