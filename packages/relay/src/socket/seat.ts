import {
  FrameType,
  isDurable,
  lifetimeOf,
  numberOf,
  overwriteDelivery,
  overwritePeer,
  parseDeviceId,
  parseFrame,
  parseResume,
  peerOf,
  type DeviceId,
  type RelayErrorCode,
} from '@palmkey/envelope';
import { deviceKey } from '../device-key.ts';
import { limits } from '../limits.ts';
import type { MailLine, MailReader, Settled } from '../post/post-office.ts';
import type { AcksLate } from './ack-rounds.ts';
import type { Unavailable } from './address-book.ts';
import type { Connection } from './connection.ts';
import type { Household } from './household.ts';
import { obey } from './orders.ts';
import { ackFrame, errorFrame, presenceFrame, storedFrame } from './relay-frames.ts';
import type { Switchboard } from './switchboard.ts';
import { Tally } from './tally.ts';
import type { TokenBucket } from './token-bucket.ts';
import type { AtTurnsEnd } from './turn.ts';

/** An admitted device at its connection: what it sends goes where it should, and what comes for it goes out. */
export class Seat implements MailReader, AtTurnsEnd, AcksLate {
  readonly device: DeviceId;
  readonly key: string;
  readonly household: Household;
  /** It sits at another node now: leaving here is not leaving. */
  moved = false;
  readonly #board: Switchboard;
  readonly #connection: Connection;
  readonly #bucket: TokenBucket;
  readonly #tally = new Tally();
  #acked = 0;
  #sums = false;
  /** Has its place in the rounds: what is not pressing is acked with the next delivery, or at the end of its time. */
  #acksLate = false;
  #left = false;
  /** Its mailbox, once it has resumed. */
  #line: MailLine | null = null;
  /** Something was delivered that it has not acked: its next ack is owed, and costs it nothing. */
  #owesAck = false;

  constructor(board: Switchboard, connection: Connection, device: DeviceId, household: Household) {
    this.#board = board;
    this.#connection = connection;
    this.device = device;
    this.key = deviceKey(device);
    this.household = household;
    this.#bucket = board.bucketOf(device);
  }

  /** The hot path: no await, nothing decoded, and the bytes that came in are the bytes that go out. */
  receive(frame: Buffer): void {
    const type = frame[1];
    if (type === FrameType.ack && this.#owesAck) {
      this.#owesAck = false;
      this.#line?.ack(numberOf(frame));
      return;
    }
    const isMessage = type === FrameType.unicast || type === FrameType.broadcast;
    // A device that does not resume speaks version 1, in which a lifetime meant nothing to the relay.
    const isMail = isMessage && this.#line !== null && lifetimeOf(frame) > 0;
    const now = this.#board.ports.clock.steady();
    const { bucket } = this.household;
    if (!this.#bucket.take(now)) this.#limit(frame, isMail, this.#bucket.waitMs());
    else if (!bucket.take(now)) this.#limit(frame, isMail, bucket.waitMs());
    else if (isMail && this.#board.ports.mailLifetimeS > 0) this.#mail(frame, type);
    else if (type === FrameType.unicast) this.#live(frame, isMail);
    else if (type === FrameType.broadcast) this.#liveToAll(frame, isMail);
    else if (type === FrameType.ack) this.#line?.ack(numberOf(frame));
    else if (type === FrameType.resume) this.#resume(frame);
    else this.#order(frame);
  }

  get waitingBytes(): number {
    return this.#connection.waitingBytes;
  }

  /** Since when a delivery has been on its way unacked, ms since 1970 UTC. */
  get unackedSince(): number | null {
    return this.#line?.unackedSince ?? null;
  }

  deliver(frame: Uint8Array): void {
    this.#owesAck = true;
    this.#board.ports.meter.mailDelivered++;
    if (this.#tally.settled !== this.#acked) this.#sumUp();
    this.#connection.push(frame);
  }

  /** Sends a live frame; false where the device does not read, which ends its connection. */
  take(frame: Buffer): boolean {
    return this.#connection.answer(frame);
  }

  /** Sends a frame of the relay's own. */
  answer(frame: Uint8Array): void {
    this.#connection.answer(frame);
  }

  fail(code: RelayErrorCode): void {
    this.#connection.fail(code);
  }

  /** The wire has room again. */
  drained(): void {
    this.#line?.resume();
  }

  /** A device of its account has come or gone. */
  seePresence(device: DeviceId, present: boolean): void {
    if (this.#line && device !== this.device) this.answer(presenceFrame(device, present));
  }

  /** The connection ended; what it has not acked is kept. */
  leave(): void {
    this.#left = true;
    this.#line?.close();
    this.#board.leave(this);
  }

  onTurnsEnd(): void {
    this.#sums = false;
    const { settled } = this.#tally;
    if (settled === this.#acked) return;
    this.#acked = settled;
    this.answer(ackFrame(settled));
  }

  ackLate(): void {
    this.#acksLate = false;
    if (this.#tally.settled !== this.#acked) this.#sumUp();
  }

  #order(frame: Buffer): void {
    const order = parseFrame(frame);
    void this.#connection.obey(order, () => obey(this.#board, this, order));
  }

  #resume(frame: Buffer): void {
    if (this.#line) {
      this.fail('bad-frame');
      return;
    }
    const { post, bus } = this.#board.ports;
    const resume = parseResume(parseFrame(frame).body);
    for (const { device } of this.household.seats) {
      if (device !== this.device) this.answer(presenceFrame(device, true));
    }
    for (const device of bus.elsewhere(this.household.account)) this.answer(presenceFrame(device, true));
    this.#line = post.open(this.device, resume, this);
  }

  /** More frames than are allowed. Refused mail is settled mail. */
  #limit(frame: Buffer, isMail: boolean, waitMs: number): void {
    this.answer(errorFrame('rate-limited', waitMs, numberOf(frame), peerOf(frame)));
    if (isMail) this.#settle(this.#tally.next());
  }

  #live(frame: Buffer, isMail: boolean): void {
    const { bus } = this.#board.ports;
    const seat = this.#board.seatOf(frame);
    if (seat) {
      const to = seat.device;
      overwritePeer(frame, this.device);
      overwriteDelivery(frame, 0);
      if (!seat.take(frame)) this.answer(errorFrame('absent', 0, numberOf(frame), to));
    } else {
      const to = parseDeviceId(new Uint8Array(frame.subarray(16, 32)));
      const number = numberOf(frame);
      const absent = (): void => {
        this.answer(errorFrame('absent', 0, number, to));
      };
      overwritePeer(frame, this.device);
      overwriteDelivery(frame, 0);
      if (!bus.isElsewhere(to) || !bus.forward(to, frame, absent)) absent();
    }
    if (isMail) this.#settle(this.#tally.next());
  }

  /** To those of the account who are connected. The bytes are the same for all. */
  #liveToAll(frame: Buffer, isMail: boolean): void {
    const { bus } = this.#board.ports;
    overwritePeer(frame, this.device);
    overwriteDelivery(frame, 0);
    for (const seat of [...this.household.seats]) {
      if (seat.device !== this.device) seat.take(frame);
    }
    for (const device of bus.elsewhere(this.household.account)) bus.forward(device, frame, () => undefined);
    if (isMail) this.#settle(this.#tally.next());
  }

  #mail(frame: Buffer, type: number): void {
    const { book } = this.#board;
    const ticket = this.#tally.next();
    if (type === FrameType.broadcast) {
      book.devicesOf(this.household.account, (devices) => {
        this.#postToAll(frame, devices, ticket);
      });
      return;
    }
    const seat = this.#board.seatOf(frame);
    const to = seat?.device ?? parseDeviceId(new Uint8Array(frame.subarray(16, 32)));
    overwritePeer(frame, this.device);
    if (seat || book.knows(deviceKey(to))) {
      this.#post(frame, to, ticket, seat);
      return;
    }
    book.ask(to, (known) => {
      if (known === true) {
        this.#post(frame, to, ticket);
        return;
      }
      this.answer(errorFrame(known === false ? 'absent' : known, 0, numberOf(frame), to));
      this.#settle(ticket);
    });
  }

  /** `seat`: where the recipient was seen to be. */
  #post(frame: Buffer, to: DeviceId, ticket: number, seat?: Seat): void {
    const number = numberOf(frame);
    const durable = isDurable(frame);
    const settled = (outcome: Settled): void => {
      this.#count(outcome);
      const isHere = seat !== undefined && !seat.#left;
      if (outcome !== 'taken') this.answer(errorFrame(outcome, 0, number, to));
      else if (!isHere && !this.#board.isConnected(to)) this.answer(storedFrame(number, to));
      this.#settle(ticket, durable);
    };
    this.#hand(frame, to, settled, seat);
  }

  /** Mail to every other device of the account, settled when each is; errors name the device that they are about. */
  #postToAll(frame: Buffer, devices: readonly DeviceId[] | Unavailable, ticket: number): void {
    const number = numberOf(frame);
    const durable = isDurable(frame);
    if (devices === 'unavailable') {
      this.answer(errorFrame('unavailable', 0, number));
      this.#settle(ticket);
      return;
    }
    overwritePeer(frame, this.device);
    let left = 1;
    const done = (): void => {
      if (--left === 0) this.#settle(ticket, durable);
    };
    for (const to of devices) {
      if (deviceKey(to) === this.key) continue;
      left++;
      // Each has a delivery number of its own in its bytes.
      this.#hand(Buffer.from(frame), to, (outcome) => {
        this.#count(outcome);
        if (outcome !== 'taken') this.answer(errorFrame(outcome, 0, number, to));
        done();
      });
    }
    done();
  }

  #hand(frame: Buffer, to: DeviceId, settled: (outcome: Settled) => void, seat?: Seat): void {
    const { clock, post, mailLifetimeS } = this.#board.ports;
    const expiresAt = clock.now() + 1000 * Math.min(lifetimeOf(frame), mailLifetimeS);
    post.post({ to, from: this.device, frame, expiresAt, line: seat ? seat.#line : null }, settled);
  }

  #count(outcome: Settled): void {
    if (outcome === 'taken') this.#board.ports.meter.mailTaken++;
  }

  /** `pressing`: it is acked in this turn. A sender keeps what is durable until it is acked, and nothing else. */
  #settle(ticket: number, pressing = false): void {
    this.#tally.settle(ticket);
    if (pressing || this.#tally.settled - this.#acked >= limits.ackEvery) {
      this.#sumUp();
    } else if (!this.#acksLate) {
      this.#acksLate = true;
      this.#board.ackRounds.add(this);
    }
  }

  #sumUp(): void {
    if (this.#sums) return;
    this.#sums = true;
    this.#board.turn.sum(this);
  }
}
