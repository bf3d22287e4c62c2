import {
  encodeAdmitted,
  encodeChallenge,
  encodeControlFrame,
  encodeFrame,
  encodeRelayError,
  faultOf,
  FrameError,
  FrameType,
  MAX_BODY_BYTES,
  NOBODY,
  numberOf,
  overwritePeer,
  parseAuthenticate,
  parseFrame,
  peerOf,
  RelayError,
  type ConnectNonce,
  type DeviceId,
  type Frame,
  type RelayErrorCode,
  relayErrors,
} from '@palmkey/envelope';
import type { Judgement } from '../admission.ts';
import { limits } from '../limits.ts';
import { obey } from './orders.ts';
import { shortName, type Switchboard } from './switchboard.ts';
import type { TokenBucket } from './token-bucket.ts';

/** The socket as a connection sees it. */
export interface Wire {
  /** The other side's network address, for the log. */
  readonly address: string;
  /** Bytes that the other side has not read yet. */
  readonly waitingBytes: number;
  /** Sends a frame by the end of this turn of the event loop. */
  push(frame: Uint8Array): void;
  /** Sends what was pushed, then closes with a WebSocket close code, then cuts off whoever does not answer. */
  end(closeCode: number): void;
}

type State =
  | { readonly is: 'challenged'; readonly nonce: ConnectNonce; readonly cancelTimeout: () => void }
  | { readonly is: 'judging' }
  | { readonly is: 'admitted'; readonly id: DeviceId; readonly bucket: TokenBucket }
  | { readonly is: 'closed' };

/** One device's connection, from challenge to end (spec/relay.md). It knows frames and no sockets. */
export class Connection {
  readonly #wire: Wire;
  readonly #switchboard: Switchboard;
  #state: State;

  /** Sends the challenge and begins to count the time. */
  constructor(wire: Wire, switchboard: Switchboard) {
    this.#wire = wire;
    this.#switchboard = switchboard;
    const nonce = switchboard.admission.newNonce();
    const cancelTimeout = switchboard.clock.after(limits.authenticateWithinMs, () => {
      this.fail('timed-out');
    });
    this.#state = { is: 'challenged', nonce, cancelTimeout };
    wire.push(encodeControlFrame(FrameType.challenge, 0, encodeChallenge(nonce)));
  }

  /** Takes a frame that came in. Never throws. */
  receive(frame: Buffer): void {
    const state = this.#state;
    if (state.is === 'closed') return;
    const fault = faultOf(frame);
    if (fault) {
      this.fail(fault);
    } else if (state.is === 'admitted') {
      this.#route(frame, state.id, state.bucket);
    } else if (state.is === 'challenged' && frame[1] === FrameType.authenticate) {
      state.cancelTimeout();
      this.#state = { is: 'judging' };
      void this.#authenticate(state.nonce, frame);
    } else {
      this.fail('bad-frame');
    }
  }

  /** Whether a pong of so many bytes may go out; ends the connection of a device that pings and does not read. */
  mayAnswerPing(bytes: number): boolean {
    return this.#state.is !== 'closed' && this.#hasRoomFor(bytes);
  }

  /** Ends the connection with an error. */
  fail(code: RelayErrorCode, retryAfterMs = 0): void {
    if (this.#state.is === 'closed') return;
    this.#wire.push(errorFrame(code, retryAfterMs, 0, NOBODY));
    // Anybody can connect and be refused: a log that grows by it would be theirs to fill.
    const level = this.#state.is === 'admitted' ? 'info' : 'debug';
    this.#switchboard.logger[level]({ ...this.#who(), code }, 'connection ended by the relay');
    this.#leave();
    this.#wire.end(closeCodeOf(code));
  }

  /** The socket is gone. */
  gone(): void {
    if (this.#state.is === 'admitted') this.#switchboard.logger.info(this.#who(), 'device left');
    this.#leave();
  }

  /** The hot path: no await, nothing decoded, and the bytes that came in are the bytes that go out. */
  #route(frame: Buffer, id: DeviceId, bucket: TokenBucket): void {
    if (!bucket.take()) {
      this.#refuse(frame, 'rate-limited', bucket.waitMs());
    } else if (frame[1] !== FrameType.unicast) {
      void this.#obey(parseFrame(frame), id);
    } else {
      const recipient = this.#switchboard.recipientOf(frame);
      if (recipient === undefined || !recipient.#hasRoomFor(frame.length)) {
        this.#refuse(frame, 'absent');
        return;
      }
      overwritePeer(frame, id);
      recipient.#wire.push(frame);
    }
  }

  /** Whether so many bytes may be pushed; ends the connection of a device that reads too slowly. */
  #hasRoomFor(bytes: number): boolean {
    const limit = this.#state.is === 'admitted' ? limits.maxWaitingBytes : limits.maxWaitingBytesOfStrangers;
    if (this.#wire.waitingBytes + bytes <= limit) return true;
    this.fail('slow-reader');
    return false;
  }

  /** Answers with a frame of the relay's own. */
  #answer(frame: Uint8Array): void {
    if (this.#state.is === 'admitted' && this.#hasRoomFor(frame.length)) this.#wire.push(frame);
  }

  /** Answers a frame with an error that carries its number and peer. */
  #refuse(frame: Uint8Array, code: RelayErrorCode, retryAfterMs = 0): void {
    this.#answer(errorFrame(code, retryAfterMs, numberOf(frame), peerOf(frame)));
  }

  async #authenticate(nonce: ConnectNonce, bytes: Buffer): Promise<void> {
    try {
      const shown = parseAuthenticate(parseFrame(bytes).body);
      let judgement: Judgement;
      let removals: number;
      do {
        // A device that is removed while it is judged must not slip in behind its removal.
        removals = this.#switchboard.removals;
        judgement = await this.#switchboard.admission.judge(nonce, shown);
      } while (removals !== this.#switchboard.removals);
      // The socket may have closed, or the relay begun to drain, while the store was asked.
      if (this.#state.is !== 'judging') return;
      if (judgement.is === 'refused') this.fail(judgement.code);
      else this.#admit(judgement.id);
    } catch (error) {
      if (!(error instanceof FrameError)) this.#switchboard.logger.error({ err: error }, 'authentication failed');
      this.fail(error instanceof FrameError ? error.code : 'internal');
    }
  }

  #admit(id: DeviceId): void {
    const bucket = this.#switchboard.enter(id, this);
    this.#state = { is: 'admitted', id, bucket };
    const relayTime = this.#switchboard.clock.now();
    const body = encodeAdmitted({ deviceId: id, maxBodyBytes: MAX_BODY_BYTES, relayTime });
    this.#wire.push(encodeControlFrame(FrameType.admitted, 0, body));
    this.#switchboard.logger.info(this.#who(), 'device connected');
  }

  async #obey(frame: Frame, id: DeviceId): Promise<void> {
    try {
      await obey(this.#switchboard, id, frame);
      this.#answer(encodeControlFrame(FrameType.done, frame.number, new Uint8Array(0)));
    } catch (error) {
      if (error instanceof FrameError) {
        this.fail(error.code);
        return;
      }
      if (!(error instanceof RelayError)) this.#switchboard.logger.error({ err: error }, 'order failed');
      const code = error instanceof RelayError ? error.code : 'internal';
      this.#answer(errorFrame(code, 0, frame.number, frame.peer));
    }
  }

  #leave(): void {
    if (this.#state.is === 'admitted') this.#switchboard.leave(this.#state.id, this);
    if (this.#state.is === 'challenged') this.#state.cancelTimeout();
    this.#state = { is: 'closed' };
  }

  #who(): { device?: string; address: string } {
    const { address } = this.#wire;
    return this.#state.is === 'admitted' ? { device: shortName(this.#state.id), address } : { address };
  }
}

function errorFrame(code: RelayErrorCode, retryAfterMs: number, number: number, peer: DeviceId): Uint8Array {
  const body = encodeRelayError({ code, retryAfterMs });
  return encodeFrame({ type: FrameType.error, lifetimeS: 0, number, peer, coalescingKey: 0, body });
}

/** RFC 6455 §7.4.1: going away, message too big, try again later, policy violation. */
function closeCodeOf(code: RelayErrorCode): number {
  if (code === 'draining') return 1001;
  if (code === 'too-large') return 1009;
  return relayErrors[code].retry === 'no' ? 1008 : 1013;
}
