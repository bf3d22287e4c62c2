import {
  encodeAdmitted,
  encodeChallenge,
  encodeControlFrame,
  encodeFrame,
  faultOf,
  FrameError,
  FrameType,
  MAX_BODY_BYTES,
  NOBODY,
  parseAuthenticate,
  parseFrame,
  RELAY_PROTOCOL,
  RelayError,
  relayErrors,
  type AccountId,
  type ConnectNonce,
  type DeviceId,
  type Frame,
  type RelayErrorCode,
} from '@palmkey/envelope';
import type { Judgement } from '../admission.ts';
import { shortName } from '../device-key.ts';
import { limits } from '../limits.ts';
import { Candidate } from './candidate.ts';
import { errorFrame } from './relay-frames.ts';
import { Seat } from './seat.ts';
import type { Switchboard } from './switchboard.ts';
import type { Wire } from './wire.ts';

/** One device's connection, from challenge to end (spec/relay.md). It knows frames and no sockets. */
export class Connection {
  /** Until when it must have authenticated, by the steady clock, ms. */
  readonly deadline: number;
  readonly #wire: Wire;
  readonly #board: Switchboard;
  /** What it is challenged with, until it has answered. */
  #nonce: ConnectNonce | null;
  /** Where its device sits, once that is admitted. */
  #seat: Seat | Candidate | null = null;
  #closed = false;

  /** Sends the challenge and begins to count the time. */
  constructor(wire: Wire, board: Switchboard) {
    const { admission, clock } = board.ports;
    this.#wire = wire;
    this.#board = board;
    this.#nonce = admission.newNonce();
    this.deadline = clock.steady() + limits.authenticateWithinMs;
    board.begin(this);
    this.#send(encodeControlFrame(FrameType.challenge, 0, encodeChallenge(this.#nonce)));
  }

  /** Bytes that the other side has not read yet. */
  get waitingBytes(): number {
    return this.#wire.waitingBytes;
  }

  /** Takes a frame that came in, whose bytes nobody else changes. Never throws. */
  receive(frame: Buffer): void {
    if (this.#closed) return;
    this.#board.ports.meter.in(frame);
    const fault = faultOf(frame);
    if (fault) {
      this.fail(fault);
    } else if (this.#seat) {
      this.#hand(this.#seat, frame);
    } else if (this.#nonce && frame[1] === FrameType.authenticate) {
      const nonce = this.#nonce;
      this.#nonce = null;
      this.#board.settle(this);
      void this.#authenticate(nonce, frame);
    } else {
      this.fail('bad-frame');
    }
  }

  /** Sends a frame that has its room already. */
  push(frame: Uint8Array): void {
    if (!this.#closed) this.#send(frame);
  }

  /** Sends a frame; false, and the end, for a device that does not read what waits. */
  answer(frame: Uint8Array): boolean {
    if (this.#closed || !this.#hasRoomFor(frame.length)) return false;
    this.#send(frame);
    return true;
  }

  /** Whether a pong of so many bytes may go out; ends the connection of a device that pings and does not read. */
  mayAnswerPing(bytes: number): boolean {
    return !this.#closed && this.#hasRoomFor(bytes);
  }

  /** The wire has room again. */
  drained(): void {
    this.#seat?.drained();
  }

  /** Ends the connection with an error. */
  fail(code: RelayErrorCode, retryAfterMs = 0): void {
    if (this.#closed) return;
    this.#send(errorFrame(code, retryAfterMs));
    // Anybody can connect and be refused: a log that grows by it would be theirs to fill.
    const level = this.#seat ? 'info' : 'debug';
    this.#board.ports.logger[level]({ ...this.#who(), code }, 'connection ended by the relay');
    this.#leave();
    this.#wire.end(closeCodeOf(code));
  }

  /** The wire is gone. */
  gone(): void {
    if (this.#seat && !this.#closed) this.#board.ports.logger.info(this.#who(), 'device left');
    this.#leave();
  }

  /** Answers an order of its device with what `follow` resolves with, or why it was not followed. Never rejects. */
  async obey(order: Frame, follow: () => Promise<Uint8Array>): Promise<void> {
    try {
      this.answer(await follow());
    } catch (error) {
      if (error instanceof FrameError) {
        this.fail(error.code);
        return;
      }
      if (!(error instanceof RelayError)) this.#board.ports.logger.error({ err: error }, 'order failed');
      const { code, retryAfterMs, refusal } = error instanceof RelayError ? error : new RelayError('internal');
      this.answer(errorFrame(code, retryAfterMs, order.number, order.peer, refusal));
    }
  }

  /** A device that joined a chain is one of its account from now on; `resume`: what it has asked for its mail with. */
  promote(device: DeviceId, account: AccountId, resume: Buffer | null): void {
    if (this.#closed) return;
    this.#seat?.leave();
    const seat = this.#sit(device, account);
    if (resume) this.#hand(seat, resume);
  }

  #send(frame: Uint8Array): void {
    this.#board.ports.meter.out(frame);
    this.#wire.push(frame);
  }

  #hand(seat: Seat | Candidate, frame: Buffer): void {
    try {
      seat.receive(frame);
    } catch (error) {
      if (!(error instanceof FrameError)) this.#board.ports.logger.error({ err: error }, 'a frame failed');
      this.fail(error instanceof FrameError ? error.code : 'internal');
    }
  }

  /** Whether so many bytes may be pushed; ends the connection of a device that reads too slowly. */
  #hasRoomFor(bytes: number): boolean {
    const limit = this.#seat ? limits.maxWaitingBytes : limits.maxWaitingBytesOfStrangers;
    if (this.#wire.waitingBytes + bytes <= limit) return true;
    this.fail('slow-reader');
    return false;
  }

  async #authenticate(nonce: ConnectNonce, bytes: Buffer): Promise<void> {
    const { admission, logger, meter } = this.#board.ports;
    try {
      const shown = parseAuthenticate(parseFrame(bytes).body);
      let judgement: Judgement;
      let removals: number;
      do {
        // A device that is removed while it is judged must not slip in behind its removal.
        removals = this.#board.removals;
        judgement = await admission.judge(nonce, shown, this.#wire.address);
      } while (removals !== this.#board.removals);
      // The wire may have closed, or the relay begun to drain, while the store was asked.
      if (this.#closed) return;
      meter.admissions[judgement.is === 'refused' ? judgement.code : 'admitted']++;
      if (judgement.is === 'refused') this.fail(judgement.code, judgement.retryAfterMs);
      else this.#admit(judgement);
    } catch (error) {
      if (!(error instanceof FrameError)) logger.error({ err: error }, 'authentication failed');
      const code = error instanceof FrameError ? error.code : 'internal';
      meter.admissions[code]++;
      this.fail(code);
    }
  }

  #admit(judgement: Exclude<Judgement, { is: 'refused' }>): void {
    const { clock, post } = this.#board.ports;
    this.#send(
      encodeFrame({
        type: FrameType.admitted,
        lifetimeS: 0,
        number: RELAY_PROTOCOL,
        peer: NOBODY,
        coalescingKey: post.epoch,
        body: encodeAdmitted({ deviceId: judgement.id, maxBodyBytes: MAX_BODY_BYTES, relayTime: clock.now() }),
      }),
    );
    if (judgement.is === 'admitted') {
      this.#sit(judgement.id, judgement.account);
      return;
    }
    const { id, chain, expiresAt } = judgement;
    this.#seat = new Candidate(this.#board, this, { device: id, chain, expiresAt });
    this.#board.ports.logger.info(this.#who(), 'device connected to join a chain');
  }

  #sit(device: DeviceId, account: AccountId): Seat {
    const seat = new Seat(this.#board, this, device, this.#board.householdOf(account));
    this.#seat = seat;
    this.#board.enter(seat);
    this.#board.ports.logger.info(this.#who(), 'device connected');
    return seat;
  }

  #leave(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#board.settle(this);
    this.#seat?.leave();
  }

  #who(): { device?: string; address: string } {
    const { address } = this.#wire;
    return this.#seat ? { device: shortName(this.#seat.device), address } : { address };
  }
}

/** RFC 6455 §7.4.1: going away, message too big, try again later, policy violation. */
function closeCodeOf(code: RelayErrorCode): number {
  if (code === 'draining') return 1001;
  if (code === 'too-large') return 1009;
  return relayErrors[code].retry === 'no' ? 1008 : 1013;
}
