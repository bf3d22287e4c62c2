import { parseRendezvousSender, type RendezvousId, type RendezvousSender, toHex } from '@palmkey/envelope';
import type { MessageRouter, RoutedMessage } from '../provisioning/index.ts';
import type { ManualClock } from './manual-clock.ts';

/** What becomes of the `index`-th message (from 0) that is posted. */
export type RouterFault = (message: RoutedMessage, index: number) => readonly RoutedMessage[];

/** Nothing happens to it. */
const faithful: RouterFault = (message) => [message];

/** How a {@link FakeRouter} differs from an honest one. */
export interface RouterHabits {
  readonly fault?: RouterFault;
  /** Gives a receiver its own messages too. */
  readonly reflects?: boolean;
  /** Gives what was asked for and all that was before, whatever `low` says. */
  readonly replays?: boolean;
  /** Gives messages in the order in which they came to lie there, not by sender and seqno. */
  readonly unsorted?: boolean;
  /** With nothing there it lets the clock run to the end of the poll at once, instead of waiting for a message. */
  readonly hurries?: boolean;
}

interface Stored extends RoutedMessage {
  readonly rendezvous: string;
}

/** A rendezvous in memory, with whatever habits a relay may have. */
export class FakeRouter implements MessageRouter {
  /** All that was posted, in order, before its fault. */
  readonly posted: RoutedMessage[] = [];
  /** How long each get was to wait, ms. */
  readonly polls: number[] = [];
  readonly #clock: ManualClock;
  readonly #habits: RouterHabits;
  readonly #stored: Stored[] = [];
  #wake: (() => void)[] = [];
  #isDown = false;

  constructor(clock: ManualClock, habits: RouterHabits = {}) {
    this.#clock = clock;
    this.#habits = habits;
  }

  post(rendezvous: RendezvousId, sender: RendezvousSender, seqno: number, message: Uint8Array): Promise<void> {
    if (this.#isDown) return Promise.reject(new Error('down'));
    const index = this.posted.length;
    const routed = { sender: sender.slice() as Uint8Array as RendezvousSender, seqno, message: message.slice() };
    this.posted.push(routed);
    for (const out of (this.#habits.fault ?? faithful)(routed, index)) this.put(rendezvous, out);
    return Promise.resolve();
  }

  async get(
    rendezvous: RendezvousId,
    receiver: RendezvousSender,
    low: number,
    pollMs: number,
    signal: AbortSignal,
  ): Promise<readonly RoutedMessage[]> {
    this.polls.push(pollMs);
    const look = () => this.#lookUp(toHex(rendezvous), toHex(receiver), low);
    this.#throwIfDown();
    if (look().length > 0 || pollMs === 0) return look();
    if (this.#habits.hurries) this.#clock.advance(pollMs);
    else {
      const poll: { isOver: boolean } = { isOver: false };
      const over = this.#clock.after(pollMs, signal).then(() => (poll.isOver = true));
      while (look().length === 0 && !poll.isOver) {
        await Promise.race([over, new Promise<void>((wake) => this.#wake.push(wake))]);
        this.#throwIfDown();
      }
    }
    return look();
  }

  /** Puts a message there, as whoever it says. */
  put(rendezvous: RendezvousId, message: RoutedMessage): void {
    this.#stored.push({ ...message, rendezvous: toHex(rendezvous) });
    this.#wakeAll();
  }

  /** From now on nothing can be asked of it, and who waits has waited for nothing. */
  breakDown(): void {
    this.#isDown = true;
    this.#wakeAll();
  }

  #throwIfDown(): void {
    if (this.#isDown) throw new Error('down');
  }

  #wakeAll(): void {
    const wake = this.#wake;
    this.#wake = [];
    for (const each of wake) each();
  }

  #lookUp(rendezvous: string, receiver: string, low: number): RoutedMessage[] {
    const { reflects = false, replays = false, unsorted = false } = this.#habits;
    const found = this.#stored.filter(
      (each) =>
        each.rendezvous === rendezvous &&
        (reflects || toHex(each.sender) !== receiver) &&
        (replays || each.seqno >= low),
    );
    const name = ({ sender, seqno }: RoutedMessage) => toHex(sender) + String(seqno).padStart(10, '0');
    return unsorted ? found : found.sort((a, b) => (name(a) < name(b) ? -1 : 1));
  }
}

/** A sender whose bytes are all the same. */
export function senderOf(byte: number): RendezvousSender {
  return parseRendezvousSender(new Uint8Array(16).fill(byte));
}
