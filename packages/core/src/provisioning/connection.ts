import type { DeviceId } from '@palmkey/envelope';
import { parseRendezvousSender, toHex } from '@palmkey/envelope';
import { type Deadline, withDeadline } from '../timing/deadline.ts';
import { KexError } from './errors.ts';
import { MAX_PAYLOAD_BYTES, PACKET_NONCE_BYTES, PacketReceiver, sealPacket } from './packet.ts';
import { LONG_POLL_MS, Pauses } from './polling.ts';
import type { KexDeps, RoutedMessage } from './ports.ts';
import type { KexSession } from './session.ts';

/** The most bytes that wait to be read. */
export const MAX_QUEUED_BYTES = 1024 * 1024;
const EMPTY = new Uint8Array(0);
const never = new AbortController().signal;

/** What one read gave. */
export type Read =
  | { readonly is: 'data'; readonly bytes: Uint8Array }
  /** The other side has closed, and all that it wrote was read. */
  | { readonly is: 'end' }
  /** Without waiting: there is nothing yet. */
  | { readonly is: 'nothing' };

/**
 * A stream of bytes to and from the other device of a session (spec/provisioning.md, "The stream"). The first error, of
 * whichever direction, ends it for good: every later call throws that error, and what was queued is gone. A read that
 * times out or is cancelled is no such error.
 */
export class Connection {
  readonly #deps: KexDeps;
  readonly #session: KexSession;
  readonly #receiver: PacketReceiver;
  readonly #pauses: Pauses;
  readonly #over = new AbortController();
  readonly #queue: Uint8Array[] = [];
  #queuedBytes = 0;
  #failure: KexError | null = null;
  #isEnded = false;
  #isClosed = false;
  #isReading = false;
  #isWriteBroken = false;
  /** Writes of which the relay has not said yet that it has them. */
  #underway = 0;
  #seqno: number;
  #writes: Promise<unknown> = Promise.resolve();

  constructor(deps: KexDeps, session: KexSession) {
    this.#deps = deps;
    this.#session = session;
    this.#receiver = new PacketReceiver(session);
    this.#pauses = new Pauses(deps.clock);
    this.#seqno = session.firstSeqno - 1;
  }

  /** The other device; null as long as none is known. */
  get peer(): DeviceId | null {
    return this.#receiver.peer;
  }

  /**
   * Up to `maxBytes` of what has come. Waits for `waitMs`, then throws {@link KexError} `timed-out`; with null it asks
   * the relay once, for no more than {@link LONG_POLL_MS}, and gives "nothing". `signal` ends the waiting with
   * `cancelled`. One read at a time: TypeError for a second.
   */
  async read(maxBytes: number, waitMs: number | null, signal: AbortSignal = never): Promise<Read> {
    if (this.#isReading) throw new TypeError('one read at a time');
    if (!(maxBytes >= 1)) throw new RangeError('a read of no bytes');
    this.#isReading = true;
    try {
      const ready = this.#take(maxBytes);
      if (ready) return ready;
      if (waitMs === null) {
        const soon = withDeadline(this.#deadline(LONG_POLL_MS, [signal]), (inner) => this.#poll(0, inner));
        await soon.catch((error: unknown) => {
          if (!(error instanceof KexError && error.code === 'timed-out')) throw error;
        });
        return this.#take(maxBytes) ?? { is: 'nothing' };
      }
      return await withDeadline(this.#deadline(waitMs, [signal]), (inner) => this.#await(maxBytes, waitMs, inner));
    } finally {
      this.#isReading = false;
    }
  }

  /**
   * Writes the bytes, in as many packets as they need, and returns when the relay has all of them; writes go out in the
   * order of their calls. Throws {@link KexError}: `closed`, `timed-out`, `unreachable`, or what ended the stream.
   */
  async write(bytes: Uint8Array, waitMs: number): Promise<void> {
    if (this.#failure) throw this.#failure;
    if (this.#isClosed) throw new KexError('closed');
    if (bytes.length > 0) await this.#inTurn(waitMs, (signal) => this.#postAll(bytes.slice(), signal));
  }

  /** Ends the own direction; the other's can still be read. Does nothing if it has closed, or the stream is over. */
  async close(waitMs: number): Promise<void> {
    if (this.#failure || this.#isClosed) return;
    this.#isClosed = true;
    await this.#inTurn(waitMs, (signal) => this.#postPacket(EMPTY, signal));
  }

  /**
   * Writes `last` and ends the own direction, also after an error in what came: what goes is as good as before, and the
   * other side would wait. Where a write has failed, a bare empty message has to do. Never throws.
   */
  async leave(last: Uint8Array, waitMs: number): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    await this.#lastWords(waitMs, async (signal) => {
      await this.#writes;
      if (this.#isWriteBroken) return this.#postBare(signal);
      await this.#postAll(last, signal);
      await this.#postPacket(EMPTY, signal);
    });
  }

  /**
   * Closes at once, for somebody whose time may be over any moment: as {@link close} does where the relay has all that
   * was written, otherwise as {@link abort}. Never throws.
   */
  async part(waitMs: number): Promise<void> {
    if (this.#underway > 0) await this.abort(waitMs);
    else await this.close(waitMs).catch(() => undefined);
  }

  /** Ends both directions at once, with a bare empty message if the relay takes it in time. Never throws. */
  async abort(waitMs: number): Promise<void> {
    if (this.#failure) return;
    this.#isClosed = true;
    this.#fail(new KexError('aborted'));
    await this.#lastWords(waitMs, (signal) => this.#postBare(signal));
  }

  async #await(maxBytes: number, waitMs: number, signal: AbortSignal): Promise<Read> {
    const { clock } = this.#deps;
    const until = clock.now() + waitMs;
    while (!signal.aborted) {
      // By a clock that is put right meanwhile the time may be over before it is: without waiting nobody is to ask on.
      const leftMs = until - clock.now();
      await this.#poll(leftMs > 0 ? Math.min(LONG_POLL_MS, leftMs) : LONG_POLL_MS, signal);
      const ready = isOver(signal) ? null : this.#take(maxBytes);
      if (ready) return ready;
    }
    return { is: 'nothing' };
  }

  /** Asks the relay once, and queues what it gave. After the caller's time nothing is taken: it is asked for again. */
  async #poll(pollMs: number, signal: AbortSignal): Promise<void> {
    const { router, clock } = this.#deps;
    const { rendezvous, self, passedOver } = this.#session;
    const since = clock.now();
    let messages: readonly RoutedMessage[];
    try {
      messages = await router.get(rendezvous, parseRendezvousSender(self), this.#receiver.next, pollMs, signal);
    } catch (cause) {
      if (signal.aborted) return;
      throw this.#fail(new KexError('unreachable', { cause }));
    }
    if (signal.aborted) return;
    const news = messages.filter(({ sender }) => !passedOver.has(toHex(sender)));
    for (const message of news) if (!this.#isEnded) this.#accept(message);
    if (news.length === 0) await this.#pauses.pause(since, pollMs, signal);
    else this.#pauses.reset();
  }

  #accept(routed: RoutedMessage): void {
    if (routed.message.length === 0) throw this.#fail(new KexError('aborted'));
    let payload: Uint8Array;
    try {
      payload = this.#receiver.receive(routed);
    } catch (error) {
      throw error instanceof KexError ? this.#fail(error) : error;
    }
    if (payload.length === 0) this.#isEnded = true;
    this.#queuedBytes += payload.length;
    if (this.#queuedBytes > MAX_QUEUED_BYTES) throw this.#fail(new KexError('flooded'));
    if (payload.length > 0) this.#queue.push(payload);
  }

  /** What can be given without asking; null if that is nothing. */
  #take(maxBytes: number): Read | null {
    if (this.#failure) throw this.#failure;
    if (this.#queue.length === 0) return this.#isEnded ? { is: 'end' } : null;
    const bytes = new Uint8Array(Math.min(maxBytes, this.#queuedBytes));
    let filled = 0;
    while (filled < bytes.length) {
      const [first = EMPTY] = this.#queue;
      const part = first.subarray(0, bytes.length - filled);
      bytes.set(part, filled);
      filled += part.length;
      if (part.length === first.length) this.#queue.shift();
      else this.#queue[0] = first.subarray(part.length);
    }
    this.#queuedBytes -= filled;
    return { is: 'data', bytes };
  }

  /** One write after the other. One that is not through in time leaves open what the other side has: the stream is over. */
  async #inTurn(waitMs: number, work: (signal: AbortSignal) => Promise<void>): Promise<void> {
    const before = this.#writes;
    this.#underway += 1;
    const turn = withDeadline(this.#deadline(waitMs, []), async (signal) => {
      await before;
      if (this.#failure) throw this.#failure;
      await work(signal);
    });
    this.#writes = turn.catch(() => {
      // Cut short by an error in what came, it leaves at worst a gap, which ends the stream at the other side as well.
      this.#isWriteBroken ||= this.#failure === null;
    });
    try {
      await turn;
    } catch (error) {
      throw error instanceof KexError ? this.#fail(error) : error;
    } finally {
      this.#underway -= 1;
    }
  }

  async #postAll(bytes: Uint8Array, signal: AbortSignal): Promise<void> {
    for (let at = 0; at < bytes.length; at += MAX_PAYLOAD_BYTES) {
      await this.#postPacket(bytes.subarray(at, at + MAX_PAYLOAD_BYTES), signal);
    }
  }

  async #postPacket(payload: Uint8Array, signal: AbortSignal): Promise<void> {
    const { router, randomBytes } = this.#deps;
    const { id, rendezvous, self, writeKey } = this.#session;
    if (signal.aborted) return;
    const head = { sender: self, session: id, seqno: ++this.#seqno };
    const packet = sealPacket(writeKey, head, randomBytes(PACKET_NONCE_BYTES), payload);
    try {
      await router.post(rendezvous, parseRendezvousSender(self), head.seqno, packet, signal);
    } catch (cause) {
      throw new KexError('unreachable', { cause });
    }
  }

  async #postBare(signal: AbortSignal): Promise<void> {
    const { rendezvous, self } = this.#session;
    await this.#deps.router.post(rendezvous, parseRendezvousSender(self), ++this.#seqno, EMPTY, signal);
  }

  /** The relay takes them in that time or does not: it is over in either case. */
  async #lastWords(ms: number, say: (signal: AbortSignal) => Promise<void>): Promise<void> {
    const late = () => new KexError('timed-out');
    await withDeadline({ clock: this.#deps.clock, ms, late, cancelled: late, signals: [] }, say).catch(() => undefined);
  }

  #deadline(ms: number, signals: readonly AbortSignal[]): Deadline {
    const late = () => new KexError('timed-out');
    const cancelled = () => this.#failure ?? new KexError('cancelled');
    return { clock: this.#deps.clock, ms, late, cancelled, signals: [this.#over.signal, ...signals] };
  }

  /** The first error stays; whoever waits gets it. */
  #fail(error: KexError): KexError {
    if (this.#failure === null) {
      this.#failure = error;
      this.#queue.length = 0;
      this.#queuedBytes = 0;
      this.#over.abort();
    }
    return this.#failure;
  }
}

/** Whether it is aborted by now: after an await it may be what it was not before. */
function isOver(signal: AbortSignal): boolean {
  return signal.aborted;
}
