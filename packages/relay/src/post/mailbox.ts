import { coalescingKeyOf, isDurable, numberOf, overwriteDelivery, type DeviceId } from '@palmkey/envelope';
import { Ring } from './ring.ts';

/** How much mail one device may have (spec/relay.md, "Mail"). */
export interface MailboxLimits {
  /** What waits, messages and bytes of frames; what is on its way does not count. */
  readonly maxWaiting: number;
  readonly maxWaitingBytes: number;
  /** What is on its way unacked, likewise. */
  readonly maxOnTheWay: number;
  readonly maxOnTheWayBytes: number;
}

/** A message in a mailbox. */
export interface Letter {
  readonly from: DeviceId;
  /** As it goes out: `peer` is the sender, the last field the number of the delivery. */
  frame: Buffer;
  /** By the steady clock, ms. */
  readonly deadline: number;
  readonly delivery: number;
  /** What replaces it, for as long as it has not been sent; null where nothing does. */
  readonly coalescing: string | null;
  /** Under which a durable letter that is sent again is known; null for one that is not durable. */
  readonly once: string | null;
  /** It was acked, replaced, expired or withdrawn. */
  gone: boolean;
  /** The frame is bytes of its own, not a view of what came in with others. */
  owned: boolean;
}

/**
 * The mail of one device, in the order in which it came. Every step takes the same time, however much there is, but
 * for {@link expire} and {@link rewind}, which look at each letter once.
 *
 * Letters stand in a ring: first those on their way, then those that were on their way before the last
 * {@link rewind}, then those that were never sent. A letter that goes from the middle leaves its place behind, which is
 * passed over and, when such places are many, swept out.
 */
export class Mailbox {
  readonly #limits: MailboxLimits;
  readonly #ring = new Ring<Letter>();
  /** Places in the ring before which all is on its way; and before which all has been sent at some time. */
  #sent = 0;
  #seen = 0;
  #onTheWay = 0;
  #onTheWayBytes = 0;
  #waiting = 0;
  #waitingBytes = 0;
  /** No letter's deadline is before this. */
  #earliest = Infinity;
  #coalescing: Map<string, Letter> | null = null;
  #once: Map<string, Letter> | null = null;

  constructor(limits: MailboxLimits) {
    this.#limits = limits;
  }

  get isEmpty(): boolean {
    return this.#onTheWay + this.#waiting === 0;
  }

  get onTheWay(): number {
    return this.#onTheWay;
  }

  /** The durable letter of a sender with that number, if it is held. */
  durable(from: DeviceId, number: number): Letter | undefined {
    return this.#once?.get(onceKey(from, number));
  }

  /**
   * Takes a sound frame whose `peer` is the sender already; the number of its delivery, higher than any before, is
   * written over the coalescing key. `onReplaced` gets what it replaces. Undefined where the box is full, unless `must`.
   */
  put(
    from: DeviceId,
    frame: Buffer,
    delivery: number,
    deadline: number,
    onReplaced: (letter: Letter) => void,
    must = false,
  ): Letter | undefined {
    const durable = isDurable(frame);
    const key = durable ? 0 : coalescingKeyOf(frame);
    const coalescing = key === 0 ? null : onceKey(from, key);
    const former = coalescing === null ? undefined : this.#coalescing?.get(coalescing);
    const waiting = this.#waiting - (former ? 1 : 0);
    const waitingBytes = this.#waitingBytes - (former?.frame.length ?? 0);
    const { maxWaiting, maxWaitingBytes } = this.#limits;
    if (!must && (waiting >= maxWaiting || waitingBytes + frame.length > maxWaitingBytes)) return undefined;
    if (former) {
      this.remove(former);
      onReplaced(former);
    }
    overwriteDelivery(frame, delivery);
    const once = durable ? onceKey(from, numberOf(frame)) : null;
    const letter: Letter = { from, frame, deadline, delivery, coalescing, once, gone: false, owned: false };
    this.#ring.push(letter);
    this.#waiting++;
    this.#waitingBytes += frame.length;
    if (deadline < this.#earliest) this.#earliest = deadline;
    if (coalescing !== null) (this.#coalescing ??= new Map()).set(coalescing, letter);
    if (once !== null) (this.#once ??= new Map()).set(once, letter);
    return letter;
  }

  /** The next letter to be sent, which is on its way from now on; undefined where none waits or the window is full. */
  next(): Letter | undefined {
    for (let letter = this.#ring.at(this.#sent); letter; letter = this.#ring.at(this.#sent)) {
      if (letter.gone) {
        this.#pass();
        continue;
      }
      const bytes = this.#onTheWayBytes + letter.frame.length;
      if (this.#onTheWay >= this.#limits.maxOnTheWay || bytes > this.#limits.maxOnTheWayBytes) return undefined;
      this.#pass();
      this.#waiting--;
      this.#waitingBytes -= letter.frame.length;
      this.#onTheWay++;
      this.#onTheWayBytes = bytes;
      if (letter.coalescing !== null) this.#coalescing?.delete(letter.coalescing);
      return letter;
    }
    return undefined;
  }

  /** Lets go of what was sent at some time and has a number up to `delivery`; `onAcked` gets each. */
  ack(delivery: number, onAcked: (letter: Letter) => void): void {
    while (this.#seen > 0) {
      const letter = this.#ring.at(0);
      if (!letter || (letter.delivery > delivery && !letter.gone)) break;
      if (!letter.gone) this.#forget(letter, this.#sent > 0);
      this.#shift();
      if (!letter.gone) onAcked(letter);
      letter.gone = true;
    }
    if (this.isEmpty) this.#reset();
  }

  /** Whoever read is gone: what is on its way waits again, at its place. */
  rewind(): void {
    this.#waiting += this.#onTheWay;
    this.#waitingBytes += this.#onTheWayBytes;
    this.#onTheWay = 0;
    this.#onTheWayBytes = 0;
    this.#sent = 0;
  }

  /** Takes a letter out, wherever it stands. */
  remove(letter: Letter): void {
    if (letter.gone) return;
    const first = this.#ring.at(this.#sent);
    this.#forget(letter, first === undefined || letter.delivery < first.delivery);
    letter.gone = true;
    if (this.isEmpty) this.#reset();
    else if (this.#ring.length > 32 + 2 * (this.#onTheWay + this.#waiting)) this.#sweepOut();
  }

  /** Takes out what is of no use any more at `now`, by the steady clock; `onExpired` gets each. */
  expire(now: number, onExpired: (letter: Letter) => void): void {
    if (now < this.#earliest) return;
    const dead: Letter[] = [];
    let earliest = Infinity;
    for (let index = 0; index < this.#ring.length; index++) {
      const letter = this.#ring.at(index);
      if (!letter || letter.gone) continue;
      if (letter.deadline <= now) dead.push(letter);
      else if (letter.deadline < earliest) earliest = letter.deadline;
    }
    this.#earliest = earliest;
    for (const letter of dead) {
      this.remove(letter);
      onExpired(letter);
    }
  }

  /**
   * Gives the letters up to a delivery that have none yet bytes of their own: a view would keep alive all that it came in.
   */
  own(upTo: number): void {
    for (let index = this.#ring.length - 1; index >= 0; index--) {
      const letter = this.#ring.at(index);
      if (!letter || letter.owned) return;
      if (letter.delivery > upTo) continue;
      letter.owned = true;
      if (letter.gone) continue;
      const bytes = Buffer.allocUnsafeSlow(letter.frame.length);
      bytes.set(letter.frame);
      letter.frame = bytes;
    }
  }

  /** Empties it; the letters that it held. */
  clear(): Letter[] {
    const letters: Letter[] = [];
    for (let letter = this.#ring.shift(); letter; letter = this.#ring.shift()) {
      if (!letter.gone) letters.push(letter);
      letter.gone = true;
    }
    this.#onTheWay = this.#onTheWayBytes = this.#waiting = this.#waitingBytes = 0;
    this.#coalescing = this.#once = null;
    this.#reset();
    return letters;
  }

  /** Moves on by a place. */
  #pass(): void {
    this.#sent++;
    if (this.#seen < this.#sent) this.#seen = this.#sent;
  }

  /** Takes the first place off the ring. */
  #shift(): void {
    this.#ring.shift();
    this.#seen--;
    if (this.#sent > 0) this.#sent--;
  }

  /** A letter counts no more. */
  #forget(letter: Letter, onTheWay: boolean): void {
    if (onTheWay) {
      this.#onTheWay--;
      this.#onTheWayBytes -= letter.frame.length;
    } else {
      this.#waiting--;
      this.#waitingBytes -= letter.frame.length;
    }
    if (letter.once !== null) this.#once?.delete(letter.once);
    if (letter.coalescing !== null && this.#coalescing?.get(letter.coalescing) === letter) {
      this.#coalescing.delete(letter.coalescing);
    }
  }

  #sweepOut(): void {
    const [sent, seen] = [this.#sent, this.#seen];
    this.#sent = 0;
    this.#seen = 0;
    this.#ring.retain((letter, index) => {
      if (letter.gone) return false;
      if (index < sent) this.#sent++;
      if (index < seen) this.#seen++;
      return true;
    });
  }

  /** Nothing is held: what is left of the ring is places. */
  #reset(): void {
    this.#earliest = Infinity;
    this.#ring.clear();
    this.#sent = 0;
    this.#seen = 0;
  }
}

/** A sender and a number of it, as the key of a map. */
function onceKey(from: DeviceId, number: number): string {
  return Buffer.from(from.buffer, from.byteOffset, 16).toString('latin1') + String(number);
}
