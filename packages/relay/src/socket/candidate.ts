import {
  FrameType,
  numberOf,
  parseAccountId,
  parseDeviceId,
  parseFrame,
  peerOf,
  RelayError,
  type AccountId,
  type DeviceId,
  type Frame,
} from '@palmkey/envelope';
import { obeyChainOrder } from './chain-orders.ts';
import type { Connection } from './connection.ts';
import type { ChainUser } from './order-ports.ts';
import { errorFrame } from './relay-frames.ts';
import type { Switchboard } from './switchboard.ts';
import type { TokenBucket } from './token-bucket.ts';

/** What a grant has let in. */
export interface Joining {
  readonly device: DeviceId;
  readonly chain: AccountId;
  /** Until when, ms since 1970 UTC. */
  readonly expiresAt: number;
}

/**
 * A device at its connection that a chain-grant has let in: it reaches nobody and nobody it, and can order nothing but
 * what it needs to join the chain. When it has, its connection is an ordinary one.
 */
export class Candidate {
  readonly device: DeviceId;
  /** What its device sent to have mail delivered, for when it has joined. */
  #resume: Buffer | null = null;
  readonly #user: ChainUser;
  readonly #board: Switchboard;
  readonly #connection: Connection;
  readonly #bucket: TokenBucket;
  readonly #cancelEnd: () => void;

  constructor(board: Switchboard, connection: Connection, { device, chain, expiresAt }: Joining) {
    const { clock } = board.ports;
    this.device = device;
    this.#user = { device, account: parseAccountId(device), joins: chain };
    this.#board = board;
    this.#connection = connection;
    this.#bucket = board.bucketOf(device);
    this.#cancelEnd = clock.after(Math.max(0, expiresAt - clock.now()), () => {
      connection.fail('timed-out');
    });
  }

  receive(frame: Buffer): void {
    if (!this.#bucket.take(this.#board.ports.clock.steady())) {
      const waitMs = this.#bucket.waitMs();
      this.#connection.answer(errorFrame('rate-limited', waitMs, numberOf(frame), peerOf(frame)));
    } else if (frame[1] === FrameType.unicast || frame[1] === FrameType.broadcast) {
      const to = parseDeviceId(new Uint8Array(peerOf(frame)));
      this.#connection.answer(errorFrame('absent', 0, numberOf(frame), to));
    } else if (frame[1] === FrameType.resume) {
      this.#resume ??= frame;
    } else if (frame[1] !== FrameType.ack) {
      const order = parseFrame(frame);
      void this.#connection.obey(order, () => this.#obey(order));
    }
  }

  drained(): void {
    // It has no mail that would wait.
  }

  leave(): void {
    this.#cancelEnd();
  }

  async #obey(order: Frame): Promise<Uint8Array> {
    const before = this.#board.removals;
    const answer = await obeyChainOrder(this.#board, this.#user, order);
    if (answer === null) throw new RelayError('no-chain');
    const { change, frame } = answer;
    if (change === null) return frame;
    // Where others were removed meanwhile it may have been one of them: connecting again, it is judged again.
    const own = change.forgotten.length + change.moved.length;
    if (this.#board.removals === before + own) {
      this.#connection.promote(this.device, change.account, this.#resume);
    } else {
      this.#connection.answer(frame);
      this.#connection.fail('draining');
    }
    return frame;
  }
}
