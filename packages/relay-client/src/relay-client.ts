/**
 * The state machine of a connection and the whole surface that its owner sees, in one file although it is long: what a
 * state allows and what each call does in it are read together.
 */
import {
  encodeControlFrame,
  encodeFrame,
  encodeResume,
  equal,
  FrameError,
  FrameType,
  isRelayErrorCode,
  NOBODY,
  parseAccountDataWord,
  parseChainHead,
  parseRelayError,
  relayErrors,
  sealedBody,
  type AccountDataWord,
  type ChainHead,
  type DeviceId,
  type Frame,
  type Grant,
  type RelayError,
  type RelayErrorCode,
  type SealedBody,
} from '@palmkey/envelope';
import { backoffMs, retryAfter } from './backoff.ts';
import type { RelayClientOptions, SendOptions } from './client-options.ts';
import { Connection } from './connection.ts';
import { DurableMail, newDurableNumber } from './durable-mail.ts';
import { RelayClientError, type UndeliveredCode } from './errors.ts';
import type { Admission } from './handshake.ts';
import { Listeners } from './listeners.ts';
import { Outbox } from './outbox.ts';
import { PendingOrders } from './pending-orders.ts';
import { memoryCursor, ReceivedMail } from './received-mail.ts';
import { RelayOrders } from './relay-orders.ts';
import { SentMail } from './sent-mail.ts';
import type { ClientState, ConnectionFault } from './state.ts';

/** From dialling to admission. */
const ADMITTED_WITHIN_MS = 15_000;
/** A connection that lasted so long was a good one: the next failure is again the first. */
const GOOD_AFTER_MS = 10_000;
/** How long an echo may take before a connection is taken for dead. */
const ECHO_WITHIN_MS = 4_000;

/**
 * A device's connection to one relay, kept up until `close()` or the relay's final no.
 *
 * It carries sealed bodies and can open none. Of mail it tells what became of it, and it sends durable messages until
 * the relay has them; what else was sent and is lost is for the sender to send again (spec/requests.md, "The rules").
 * To a relay of version 1, which keeps no mail, all goes out as live messages, and a durable one only once.
 */
export class RelayClient extends RelayOrders implements Disposable {
  readonly #options: RelayClientOptions;
  readonly #orders: PendingOrders;
  readonly #sentMail: SentMail;
  readonly #receivedMail: ReceivedMail;
  readonly #durable: DurableMail;
  readonly #outbox: Outbox;
  readonly #onState = new Listeners<[ClientState]>();
  readonly #onBody = new Listeners<[DeviceId, SealedBody]>();
  readonly #onUndelivered = new Listeners<[DeviceId, number, UndeliveredCode, number]>();
  readonly #onStored = new Listeners<[DeviceId, number]>();
  readonly #onSettled = new Listeners<[DeviceId, number]>();
  readonly #onPresence = new Listeners<[DeviceId, boolean]>();
  readonly #onChainHead = new Listeners<[ChainHead]>();
  readonly #onAccountData = new Listeners<[AccountDataWord]>();
  #state: ClientState = { is: 'idle' };
  #grant: Grant | undefined;
  #connection: Connection | undefined;
  /** Cancels the timer of the present state: the end of a try, the next try, or when a connection is a good one. */
  #cancelTimer: () => void = () => undefined;
  #cancelEcho: (() => void) | undefined;
  #failures = 0;
  #lastNumber = 0;

  constructor(options: RelayClientOptions) {
    super();
    const { timers, random } = options;
    this.#options = options;
    this.#grant = options.grant;
    this.#outbox = options.outbox ?? new Outbox();
    this.#orders = new PendingOrders(timers);
    this.#receivedMail = new ReceivedMail(options.cursor ?? memoryCursor(), timers);
    this.#sentMail = new SentMail(
      {
        onSettled: ({ to, number, durable }) => {
          if (durable) this.#durable.settled(number);
          this.#onSettled.call(to, number);
        },
        onUnknown: ({ to, number }) => {
          this.#onUndelivered.call(to, number, 'unknown-outcome', 0);
        },
      },
      () => timers.now(),
    );
    this.#durable = new DurableMail({
      outbox: this.#outbox,
      timers,
      random,
      send: ({ number, to, body, expiresAt }) =>
        this.#sendMail(number, to, body, { durable: true, lifetimeMs: expiresAt - timers.now() }),
      onUndelivered: ({ to, number }, code) => {
        this.#onUndelivered.call(to ?? NOBODY, number, code, 0);
      },
    });
  }

  /** Where it stands now. */
  get state(): ClientState {
    return this.#state;
  }

  /** How many durable messages are not settled yet. */
  get unsettled(): number {
    return this.#outbox.size;
  }

  /** Calls `listener` on each change of state; what it returns ends that, as for all listeners. */
  onState(listener: (state: ClientState) => void): () => void {
    return this.#onState.add(listener);
  }

  /**
   * Calls `listener` with each body that comes, and with the sender's id as the relay tells it. Mail is acked when
   * all listeners have returned, and what they returned, if promises, has settled.
   */
  onBody(listener: (from: DeviceId, body: SealedBody) => unknown): () => void {
    return this.#onBody.add(listener);
  }

  /**
   * Calls `listener` with each sent message that did not arrive, or of which nobody knows whether it did: recipient
   * (zeros for a broadcast), number, why, and how long the relay asks to wait, ms. Durable ones come here only when
   * they are not tried again.
   */
  onUndelivered(
    listener: (to: DeviceId, number: number, code: UndeliveredCode, retryAfterMs: number) => void,
  ): () => void {
    return this.#onUndelivered.add(listener);
  }

  /** Calls `listener` with each sent message that waits because its recipient is not connected. */
  onStored(listener: (to: DeviceId, number: number) => void): () => void {
    return this.#onStored.add(listener);
  }

  /** Calls `listener` with each message that the recipient's mailbox has taken; zeros for a broadcast. */
  onSettled(listener: (to: DeviceId, number: number) => void): () => void {
    return this.#onSettled.add(listener);
  }

  /** Calls `listener` with each device of the account that is connected, and from then on with each change. */
  onPresence(listener: (device: DeviceId, present: boolean) => void): () => void {
    return this.#onPresence.add(listener);
  }

  /** Calls `listener` when the account's chain has another head. One may be missed: whoever connects asks. */
  onChainHead(listener: (head: ChainHead) => void): () => void {
    return this.#onChainHead.add(listener);
  }

  /** Calls `listener` when another member has written account data. One may be missed: whoever connects reads. */
  onAccountData(listener: (word: AccountDataWord) => void): () => void {
    return this.#onAccountData.add(listener);
  }

  /** Begins to connect; also after the relay has refused. Does nothing while it connects, waits or is connected. */
  start(): void {
    if (this.#state.is === 'idle' || this.#state.is === 'refused') this.#dial();
  }

  /** Shows this grant from the next try on; undefined takes it back. */
  setGrant(grant: Grant | undefined): void {
    this.#grant = grant;
  }

  /**
   * Tries now instead of later: for a device that has woken up or got its network back. A connection that seems to
   * stand is asked for an echo and replaced if none comes, because a browser does not say when one has died.
   */
  reconnectNow(): void {
    if (this.#state.is === 'connected') this.#askForEcho();
    else if (this.#state.is === 'waiting' || this.#state.is === 'refused') this.#dial();
  }

  /** Ends it for good; what waits for an answer is rejected with `closed`. */
  close(): void {
    if (this.#state.is === 'closed') return;
    this.#hangUp(new RelayClientError('closed'));
    this.#durable.close();
    this.#enter({ is: 'closed' });
  }

  [Symbol.dispose](): void {
    this.close();
  }

  /** Resolves when it is connected; rejects when the relay refuses, with `closed`, or with the signal's reason. */
  async connected(signal?: AbortSignal): Promise<void> {
    for (;;) {
      signal?.throwIfAborted();
      const state = this.#state;
      if (state.is === 'connected') return;
      if (state.is === 'closed') throw new RelayClientError('closed');
      if (state.is === 'refused') throw new RelayClientError('not-connected', state.code);
      await this.#change(signal);
    }
  }

  /**
   * Sends a body to a device and returns the message's number; what becomes of it comes to {@link onUndelivered},
   * {@link onStored} and {@link onSettled}. Throws `FrameError` `too-large`; {@link RelayClientError} `not-connected`
   * where it is not for the outbox, `outbox-full` and `closed` where it is.
   */
  send(to: DeviceId, body: SealedBody, options: SendOptions = {}): number {
    return this.#post(to, body, options);
  }

  /** The same to every other device of this device's account. */
  broadcast(body: SealedBody, options: SendOptions = {}): number {
    return this.#post(null, body, options);
  }

  get #keepsMail(): boolean {
    return this.#state.is === 'connected' && this.#state.keepsMail;
  }

  #post(to: DeviceId | null, body: SealedBody, options: SendOptions): number {
    const { lifetimeMs = 0, durable = false } = options;
    if (durable !== false && lifetimeMs <= 0) throw new FrameError('bad-frame', 'a durable message without a lifetime');
    if (durable === true) {
      if (this.#state.is === 'closed') throw new RelayClientError('closed');
      return this.#durable.post(to, body, lifetimeMs);
    }
    const number = durable === 'once' ? newDurableNumber(this.#options.random) : ++this.#lastNumber;
    this.#sendMail(number, to, body, options);
    return number;
  }

  /** Whether the relay will say what became of it. */
  #sendMail(number: number, to: DeviceId | null, body: SealedBody, options: SendOptions): boolean {
    const { lifetimeMs = 0, coalescingKey = 0 } = options;
    const durable = options.durable !== undefined && options.durable !== false && this.#keepsMail;
    const type = to === null ? FrameType.broadcast : FrameType.unicast;
    const lifetimeS = Math.ceil(lifetimeMs / 1000);
    const peer = to ?? NOBODY;
    this.#write(
      encodeFrame({
        type,
        lifetimeS,
        number,
        peer,
        durable,
        body,
        coalescingKey: this.#keepsMail && !durable ? coalescingKey : 0,
      }),
    );
    if (!this.#keepsMail || lifetimeS === 0) return false;
    const expiresAt = this.#options.timers.now() + lifetimeS * 1000;
    this.#sentMail.sent({ number, to: peer, durable, isKept: options.durable === true, expiresAt });
    return true;
  }

  protected override async order(
    type: FrameType,
    body: Uint8Array,
    peer: DeviceId = NOBODY,
    lifetimeS = 0,
  ): Promise<Frame> {
    const number = ++this.#lastNumber;
    const frame = encodeFrame({ type, lifetimeS, number, peer, coalescingKey: 0, body });
    this.#requireConnection();
    return this.#orders.wait(number, () => {
      this.#write(frame);
    });
  }

  #write(frame: Uint8Array): void {
    const connection = this.#requireConnection();
    this.#receivedMail.ackAlong();
    connection.send(frame);
  }

  #requireConnection(): Connection {
    if (this.#state.is !== 'connected' || !this.#connection) throw new RelayClientError('not-connected');
    return this.#connection;
  }

  #dial(): void {
    this.#hangUp(new RelayClientError('not-connected'));
    this.#enter({ is: 'connecting' });
    const { relay, device, sockets, random, timers } = this.#options;
    this.#cancelTimer = timers.after(ADMITTED_WITHIN_MS, () => {
      this.#lost('no-answer', 0);
    });
    this.#connection = new Connection(
      { relay, device, sockets, random, grant: this.#grant },
      {
        onAdmitted: (admission) => {
          this.#admitted(admission);
        },
        onFrame: (frame) => {
          this.#receive(frame);
        },
        onEnd: (fault, retryAfterMs) => {
          this.#lost(fault, retryAfterMs);
        },
      },
    );
  }

  #admitted({ maxBodyBytes, relayTime, epoch }: Admission): void {
    const { timers } = this.#options;
    this.#cancelTimer();
    this.#cancelTimer = timers.after(GOOD_AFTER_MS, () => {
      this.#failures = 0;
    });
    const keepsMail = epoch !== null;
    this.#state = { is: 'connected', keepsMail, maxBodyBytes, aheadOfRelayMs: timers.now() - relayTime };
    this.#sentMail.begin(epoch ?? 0);
    if (keepsMail) {
      const resume = this.#receivedMail.begin(epoch, (delivery) => {
        this.#requireConnection().send(encodeControlFrame(FrameType.ack, delivery, new Uint8Array(0)));
      });
      this.#write(encodeControlFrame(FrameType.resume, 0, encodeResume(resume)));
    }
    this.#durable.begin();
    this.#enter(this.#state);
  }

  #receive(frame: Frame): void {
    switch (frame.type) {
      case FrameType.unicast:
      case FrameType.broadcast:
        this.#arrived(frame);
        return;
      case FrameType.ack:
        this.#sentMail.acked(frame.number);
        return;
      case FrameType.presence:
        this.#onPresence.call(frame.peer, parsePresence(frame));
        return;
      case FrameType.chainHead:
        this.#onChainHead.call(parseChainHead(frame.body));
        return;
      case FrameType.accountData:
        this.#onAccountData.call(parseAccountDataWord(frame.body));
        return;
      case FrameType.stored:
        this.#onStored.call(frame.peer, frame.number);
        return;
      case FrameType.done:
      case FrameType.pushed:
        this.#orders.answered(frame);
        return;
      case FrameType.error:
        this.#failed(frame, parseRelayError(frame.body));
        return;
      default:
        throw new FrameError('bad-frame', 'a frame that a relay does not send');
    }
  }

  #arrived({ peer, body, coalescingKey: delivery }: Frame): void {
    if (equal(peer, this.#options.device.id) && body.length === 0) this.#echoed();
    // On a relay of version 1 the last field is whatever the sender wrote.
    else if (delivery === 0 || !this.#keepsMail) this.#onBody.call(peer, sealedBody(body));
    else this.#receivedMail.take(delivery, body.length, () => this.#onBody.call(peer, sealedBody(body)));
  }

  #failed({ peer, number }: Frame, error: RelayError): void {
    if (this.#orders.failed(number, error)) return;
    const isMail = this.#sentMail.refused(number);
    if (this.#durable.refused(number, error) === 'kept') return;
    // The echo's own number: its failure says that the relay is there.
    if (!isMail && equal(peer, this.#options.device.id)) this.#echoed();
    else if (isMail || !equal(peer, NOBODY)) this.#onUndelivered.call(peer, number, error.code, error.retryAfterMs);
  }

  #lost(fault: ConnectionFault, retryAfterMs: number): void {
    this.#hangUp(new RelayClientError('not-connected'));
    if (isFinal(fault)) {
      this.#enter({ is: 'refused', code: fault });
      return;
    }
    const { timers, random } = this.#options;
    const waitMs = Math.max(backoffMs(this.#failures++, random), retryAfter(retryAfterMs));
    this.#cancelTimer = timers.after(waitMs, () => {
      this.#dial();
    });
    this.#enter({ is: 'waiting', nextTryAt: timers.now() + waitMs, lastError: fault });
  }

  #hangUp(error: RelayClientError): void {
    this.#cancelTimer();
    this.#cancelEcho?.();
    this.#cancelEcho = undefined;
    this.#connection?.close();
    this.#connection = undefined;
    this.#orders.rejectAll(error);
    this.#receivedMail.end();
    this.#durable.end();
    this.#sentMail.end();
  }

  /** An empty message to itself: any relay forwards it, and no other device can be behind it. */
  #askForEcho(): void {
    if (this.#cancelEcho) return;
    this.send(this.#options.device.id, sealedBody(new Uint8Array(0)));
    this.#cancelEcho = this.#options.timers.after(ECHO_WITHIN_MS, () => {
      this.#failures = 0;
      this.#dial();
    });
  }

  #echoed(): void {
    this.#cancelEcho?.();
    this.#cancelEcho = undefined;
  }

  #enter(state: ClientState): void {
    this.#state = state;
    this.#onState.call(state);
  }

  #change(signal: AbortSignal | undefined): Promise<void> {
    return new Promise((resolve) => {
      const done = (): void => {
        unsubscribe();
        signal?.removeEventListener('abort', done);
        resolve();
      };
      const unsubscribe = this.onState(done);
      signal?.addEventListener('abort', done);
    });
  }
}

/** Whether there is no sense in trying again by itself. */
function isFinal(fault: ConnectionFault): fault is RelayErrorCode {
  return isRelayErrorCode(fault) && relayErrors[fault].retry === 'no';
}

function parsePresence({ number }: Frame): boolean {
  if (number > 1) throw new FrameError('bad-frame', 'neither connected nor gone');
  return number === 1;
}
