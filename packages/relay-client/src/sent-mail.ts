import { FrameError, type DeviceId } from '@palmkey/envelope';

/** Mail that a relay was given. */
export interface SentMessage {
  readonly number: number;
  /** The recipient; zeros for all other devices of the account. */
  readonly to: DeviceId;
  /** The relay has it on disk when it is settled. */
  readonly durable: boolean;
  /** It is sent again until it is settled. */
  readonly isKept: boolean;
  /** When it is of no use any more, ms since 1970 UTC. */
  readonly expiresAt: number;
}

/** What became of sent mail. */
export interface SentMailEvents {
  /** Its mailbox has taken it. */
  onSettled(message: SentMessage): void;
  /** Nobody can say whether it has come, or will. Only for what is not sent again. */
  onUnknown(message: SentMessage): void;
}

/** How many messages that were taken, or are not settled, are remembered. */
const MAX_WATCHED = 4_096;

/**
 * The mail that one relay was given, until it is known what became of it (spec/relay.md, "Mail"): first until the relay
 * acks it, then, where a restart of the relay could lose it, for as long as it lives.
 */
export class SentMail {
  readonly #events: SentMailEvents;
  readonly #now: () => number;
  /** Not settled, by number, in the order of sending, each with its place among the mail of this connection. */
  readonly #unsettled = new Map<number, SentMessage & { readonly place: number }>();
  /** Taken, not durable, by number. */
  readonly #taken = new Map<number, SentMessage>();
  #sent = 0;
  #settled = 0;
  /** In which the taken ones were taken; 0 before the first. */
  #epoch = 0;

  constructor(events: SentMailEvents, now: () => number) {
    this.#events = events;
    this.#now = now;
  }

  /** A connection is made; the relay's mail is in this epoch, 0 where it has none. */
  begin(epoch: number): void {
    this.#sent = 0;
    this.#settled = 0;
    if (epoch === this.#epoch) return;
    this.#epoch = epoch;
    const lost = [...this.#taken.values()];
    this.#taken.clear();
    for (const message of lost) if (message.expiresAt > this.#now()) this.#events.onUnknown(message);
  }

  /** A message goes out. */
  sent(message: SentMessage): void {
    this.#unsettled.set(message.number, { ...message, place: ++this.#sent });
    this.#bound();
  }

  /** The relay has settled so many of this connection's mail; throws `FrameError` for more than were sent. */
  acked(count: number): void {
    if (count > this.#sent) throw new FrameError('bad-frame', 'an ack of what was not sent');
    if (count <= this.#settled) return;
    this.#settled = count;
    for (const message of this.#unsettled.values()) {
      if (message.place > count) break;
      this.#unsettled.delete(message.number);
      if (!message.durable) this.#taken.set(message.number, message);
      this.#events.onSettled(message);
    }
    this.#bound();
  }

  /** The relay has refused a message or let it expire; false if it is none of these. */
  refused(number: number): boolean {
    return this.#unsettled.delete(number) || this.#taken.delete(number);
  }

  /** The connection ended. */
  end(): void {
    const lost = [...this.#unsettled.values()];
    this.#unsettled.clear();
    for (const message of lost) if (!message.isKept) this.#events.onUnknown(message);
  }

  #bound(): void {
    if (this.#taken.size + this.#unsettled.size <= MAX_WATCHED) return;
    for (const [number, { expiresAt }] of this.#taken) if (expiresAt <= this.#now()) this.#taken.delete(number);
    // A relay that settles nothing makes the other list long: its oldest goes then, durable or not.
    while (this.#taken.size + this.#unsettled.size > MAX_WATCHED) {
      const list = this.#taken.size > 0 ? this.#taken : this.#unsettled;
      const [oldest] = list.values();
      if (oldest === undefined) return;
      list.delete(oldest.number);
      if (!oldest.isKept) this.#events.onUnknown(oldest);
    }
  }
}
