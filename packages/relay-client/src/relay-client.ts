import {
  encodeControlFrame,
  encodeFrame,
  encodeRendezvousClose,
  equal,
  FrameError,
  FrameType,
  isRelayErrorCode,
  NOBODY,
  parseRelayError,
  relayErrors,
  sealedBody,
  type Admitted,
  type DeviceId,
  type Frame,
  type RelayError,
  type RelayErrorCode,
  type RendezvousId,
  type SealedBody,
} from '@palmkey/envelope';
import { backoffMs, retryAfter } from './backoff.ts';
import { Connection } from './connection.ts';
import { RelayClientError } from './errors.ts';
import type { RelayDevice } from './handshake.ts';
import { PendingOrders } from './pending-orders.ts';
import type { SocketPort, Timers } from './ports.ts';
import type { ClientState, ConnectionFault } from './state.ts';

/** From dialling to admission. */
const ADMITTED_WITHIN_MS = 15_000;
/** A connection that lasted so long was a good one: the next failure is again the first. */
const GOOD_AFTER_MS = 10_000;
/** How long an echo may take before a connection is taken for dead. */
const ECHO_WITHIN_MS = 4_000;

/** What a client works with. */
export interface RelayClientOptions {
  /** The relay's URL origin, as dialled and as signed. */
  readonly relay: string;
  readonly device: RelayDevice;
  readonly sockets: SocketPort;
  readonly timers: Timers;
  /** Random bytes. */
  readonly random: (length: number) => Uint8Array;
  /** Lets a device in that the relay does not know yet. */
  readonly grant?: RendezvousId;
}

type BodyListener = (from: DeviceId, body: SealedBody) => void;
type UndeliveredListener = (to: DeviceId, number: number, code: RelayErrorCode, retryAfterMs: number) => void;
type StateListener = (state: ClientState) => void;

/**
 * A device's connection to one relay, kept up until `close()` or the relay's final no.
 *
 * It carries sealed bodies and can open none; it repeats none either: what was sent and is lost is for the sender to
 * send again (spec/requests.md, "The rules").
 */
export class RelayClient implements Disposable {
  readonly #options: RelayClientOptions;
  readonly #orders: PendingOrders;
  readonly #stateListeners = new Set<StateListener>();
  readonly #bodyListeners = new Set<BodyListener>();
  readonly #undeliveredListeners = new Set<UndeliveredListener>();
  #state: ClientState = { is: 'idle' };
  #grant: RendezvousId | undefined;
  #connection: Connection | undefined;
  /** Cancels the timer of the present state: the end of a try, the next try, or when a connection is a good one. */
  #cancelTimer: () => void = () => undefined;
  #cancelEcho: (() => void) | undefined;
  #failures = 0;
  #lastNumber = 0;

  constructor(options: RelayClientOptions) {
    this.#options = options;
    this.#orders = new PendingOrders(options.timers);
    this.#grant = options.grant;
  }

  /** Where it stands now. */
  get state(): ClientState {
    return this.#state;
  }

  /** Calls `listener` on each change of state; what it returns ends that. */
  onState(listener: StateListener): () => void {
    return subscribe(this.#stateListeners, listener);
  }

  /** Calls `listener` with each body that comes, and with the sender's id as the relay tells it. */
  onBody(listener: BodyListener): () => void {
    return subscribe(this.#bodyListeners, listener);
  }

  /** Calls `listener` with each sent body that the relay says it did not deliver. */
  onUndelivered(listener: UndeliveredListener): () => void {
    return subscribe(this.#undeliveredListeners, listener);
  }

  /** Begins to connect; also after the relay has refused. Does nothing while it connects, waits or is connected. */
  start(): void {
    if (this.#state.is === 'idle' || this.#state.is === 'refused') this.#dial();
  }

  /** Shows this grant from the next try on; undefined takes it back. */
  setGrant(grant: RendezvousId | undefined): void {
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
   * Sends a body to a device and returns the message's number; whether it could not be delivered comes to
   * {@link onUndelivered}. Throws {@link RelayClientError} `not-connected`, and `FrameError` `too-large`.
   */
  send(to: DeviceId, body: SealedBody, lifetimeMs = 0): number {
    const number = ++this.#lastNumber;
    const lifetimeS = Math.ceil(lifetimeMs / 1000);
    this.#write(encodeFrame({ type: FrameType.unicast, lifetimeS, number, peer: to, coalescingKey: 0, body }));
    return number;
  }

  /** Opens a rendezvous. Rejects with `RelayError` (`conflict`, `rendezvous-full`) or {@link RelayClientError}. */
  openRendezvous(id: RendezvousId): Promise<void> {
    return this.#order(FrameType.rendezvousOpen, id);
  }

  /** Closes a rendezvous; the device that it let in is forgotten unless it is `keep`. Rejects with `no-rendezvous`. */
  closeRendezvous(id: RendezvousId, keep: DeviceId | null): Promise<void> {
    return this.#order(FrameType.rendezvousClose, encodeRendezvousClose(id, keep));
  }

  /** Has the relay forget a device that a rendezvous of this device let in. Rejects with `conflict` for others. */
  forgetDevice(id: DeviceId): Promise<void> {
    return this.#order(FrameType.forgetDevice, id);
  }

  async #order(type: FrameType, body: Uint8Array): Promise<void> {
    const number = ++this.#lastNumber;
    this.#write(encodeControlFrame(type, number, body));
    await this.#orders.wait(number);
  }

  #write(frame: Uint8Array): void {
    if (this.#state.is !== 'connected' || !this.#connection) throw new RelayClientError('not-connected');
    this.#connection.send(frame);
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
        onAdmitted: (admitted) => {
          this.#admitted(admitted);
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

  #admitted({ maxBodyBytes, relayTime }: Admitted): void {
    const { timers } = this.#options;
    this.#cancelTimer();
    this.#cancelTimer = timers.after(GOOD_AFTER_MS, () => {
      this.#failures = 0;
    });
    this.#enter({ is: 'connected', maxBodyBytes, aheadOfRelayMs: timers.now() - relayTime });
  }

  #receive(frame: Frame): void {
    switch (frame.type) {
      case FrameType.unicast:
        if (equal(frame.peer, this.#options.device.id)) this.#echoed();
        else emit(this.#bodyListeners, (listener) => listener(frame.peer, sealedBody(frame.body)));
        return;
      case FrameType.done:
        this.#orders.settle(frame.number);
        return;
      case FrameType.error:
        this.#failed(frame, parseRelayError(frame.body));
        return;
      default:
        throw new FrameError('bad-frame', 'a frame that a relay does not send');
    }
  }

  #failed(frame: Frame, error: RelayError): void {
    if (this.#orders.settle(frame.number, error)) return;
    // The echo's own number: its failure says that the relay is there.
    if (equal(frame.peer, this.#options.device.id)) this.#echoed();
    else if (!equal(frame.peer, NOBODY)) {
      emit(this.#undeliveredListeners, (l) => l(frame.peer, frame.number, error.code, error.retryAfterMs));
    }
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
    emit(this.#stateListeners, (listener) => listener(state));
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

function subscribe<T>(listeners: Set<T>, listener: T): () => void {
  listeners.add(listener);
  return () => {
    listeners.delete(listener);
  };
}

function emit<T>(listeners: ReadonlySet<T>, call: (listener: T) => void): void {
  for (const listener of [...listeners]) call(listener);
}
