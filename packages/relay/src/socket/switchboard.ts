import { equal, type AccountDataWord, type AccountId, type ChainHead, type DeviceId } from '@palmkey/envelope';
import type { Logger } from 'pino';
import type { Admission } from '../admission.ts';
import type { Bus, BusEvents, ExpelCode } from '../bus/bus.ts';
import type { Clock } from '../clock.ts';
import { deviceKey } from '../device-key.ts';
import { limits, type Rates } from '../limits.ts';
import type { Meter } from '../metrics/meter.ts';
import type { PostEvents, PostOffice } from '../post/post-office.ts';
import type { RendezvousHall } from '../rendezvous.ts';
import { AckRounds } from './ack-rounds.ts';
import { AddressBook } from './address-book.ts';
import type { Connection } from './connection.ts';
import { Household } from './household.ts';
import type {
  AccountBook,
  AccountOrders,
  ChainChange,
  ChainOrders,
  DataChange,
  Member,
  PushOrders,
} from './order-ports.ts';
import { accountDataFrame, chainHeadFrame, errorFrame } from './relay-frames.ts';
import type { Seat } from './seat.ts';
import { TokenBucket } from './token-bucket.ts';
import { Turn } from './turn.ts';

export interface SwitchboardPorts {
  readonly clock: Clock;
  readonly admission: Admission;
  readonly hall: RendezvousHall;
  readonly devices: AccountBook;
  readonly accountOrders: AccountOrders;
  readonly pushOrders: PushOrders;
  readonly chainOrders: ChainOrders;
  readonly bus: Bus;
  readonly logger: Logger;
  /** What is counted for whoever runs the relay. */
  readonly meter: Meter;
  readonly rates: Rates;
  /** How long mail is kept at most, s. */
  readonly mailLifetimeS: number;
  readonly post: PostOffice;
}

/** How often the switchboard looks after what is due. */
const SWEEP_MS = 1_000;

/** Which device sits where, on this node and on others, and what connections share. */
export class Switchboard implements PostEvents, BusEvents {
  readonly ports: SwitchboardPorts;
  readonly turn = new Turn();
  readonly ackRounds: AckRounds;
  readonly book: AddressBook;
  /** How many devices have been removed, blocked or moved to another account since the start. */
  removals = 0;
  readonly #seats = new Map<string, Seat>();
  readonly #households = new Map<string, Household>();
  /** By device, not by connection: connecting again fills no bucket. */
  readonly #buckets = new Map<string, TokenBucket>();
  /** Connections that are nobody's yet, in the order in which they began. */
  readonly #strangers = new Set<Connection>();
  #cancelSweep: () => void;

  constructor(ports: SwitchboardPorts) {
    this.ports = ports;
    this.ackRounds = new AckRounds(ports.clock);
    this.book = new AddressBook(ports.devices, limits.rememberedDevices);
    this.#cancelSweep = ports.clock.after(SWEEP_MS, this.#sweep);
    ports.bus.listen(this);
  }

  /** How many devices are connected. */
  get size(): number {
    return this.#seats.size;
  }

  /** The seat of the device whose id stands in a frame, if it is connected here. */
  seatOf(frame: Buffer): Seat | undefined {
    return this.#seats.get(frame.toString('latin1', 16, 32));
  }

  /** Whether a device is connected, here or elsewhere. */
  isConnected(device: DeviceId): boolean {
    return this.#seats.has(deviceKey(device)) || this.ports.bus.isElsewhere(device);
  }

  /** Whether a device is connected, here or elsewhere, and takes what comes: who does not may be woken. */
  reads(device: DeviceId): Promise<boolean> {
    if (this.#seats.has(deviceKey(device))) return Promise.resolve(this.readsHere(device));
    return this.ports.bus.readsElsewhere(device);
  }

  /** An app that was put to sleep keeps its connection for a while, and acks nothing. */
  readsHere(device: DeviceId): boolean {
    const seat = this.#seats.get(deviceKey(device));
    if (!seat) return false;
    const { unackedSince } = seat;
    return unackedSince === null || this.ports.clock.now() - unackedSince <= limits.unackedForMs;
  }

  /** A connection begins: it has so long to say whose it is. */
  begin(connection: Connection): void {
    this.#strangers.add(connection);
  }

  /** A connection is somebody's, or ended. */
  settle(connection: Connection): void {
    this.#strangers.delete(connection);
  }

  /** The token bucket of a device. */
  bucketOf(device: DeviceId): TokenBucket {
    const { clock, rates } = this.ports;
    const key = deviceKey(device);
    let bucket = this.#buckets.get(key);
    if (!bucket) {
      bucket = new TokenBucket(rates.burstFrames, rates.framesPerSecond, clock.steady());
      this.#buckets.set(key, bucket);
    }
    return bucket;
  }

  /** Those of an account who are here. */
  householdOf(account: AccountId): Household {
    const { clock, rates } = this.ports;
    const key = deviceKey(account);
    let household = this.#households.get(key);
    if (!household) {
      const { burstFramesOfAccount, framesPerSecondOfAccount } = rates;
      const bucket = new TokenBucket(burstFramesOfAccount, framesPerSecondOfAccount, clock.steady());
      household = new Household(account, bucket);
      this.#households.set(key, household);
    }
    return household;
  }

  /** A device takes its seat; its former connection, on whichever node, ends. */
  enter(seat: Seat): void {
    const former = this.#seats.get(seat.key);
    this.#seats.set(seat.key, seat);
    seat.household.seats.push(seat);
    former?.fail('replaced');
    this.ports.bus.enter(seat.device, seat.household.account);
    if (!former && !this.ports.bus.isElsewhere(seat.device)) this.#tell(seat.household, seat.device, true);
  }

  /** A connection ended; the device is gone unless a newer one has its seat, or it sits elsewhere. */
  leave(seat: Seat): void {
    const { seats, account } = seat.household;
    const at = seats.indexOf(seat);
    if (at >= 0) seats.splice(at, 1);
    if (this.#seats.get(seat.key) !== seat) return;
    this.#seats.delete(seat.key);
    if (seat.moved) return;
    this.ports.bus.leave(seat.device, account);
    this.#tell(seat.household, seat.device, false);
  }

  /** Ends the connections of a device that is removed or blocked, on all nodes, and lets go of its mail. */
  async expel(device: DeviceId, code: ExpelCode = 'removed'): Promise<void> {
    this.onExpel(device, code);
    this.ports.bus.expel(device, code);
    await this.ports.post.forget(device);
  }

  /** An account has other devices than it had. */
  accountChanged(account: AccountId): void {
    this.onAccountChanged(account);
    this.ports.bus.accountChanged(account);
  }

  /** The store has forgotten these: their connections end, on all nodes. */
  async forgotten(members: readonly Member[]): Promise<void> {
    for (const { device, account } of members) {
      this.accountChanged(account);
      await this.expel(device);
    }
  }

  /** A post has changed a chain: who was revoked goes, who has come connects again, and all others hear of it. */
  async chainChanged({ account, head, forgotten, moved }: ChainChange, by: DeviceId): Promise<void> {
    await this.forgotten(forgotten);
    for (const { device, account: former } of moved) {
      this.accountChanged(former);
      this.onExpel(device, 'moved');
      this.ports.bus.expel(device, 'moved');
    }
    this.accountChanged(account);
    this.#tellHead(account, head, by);
    this.ports.bus.chainHead(account, head);
  }

  /** Account data was written: every other member hears of it. */
  dataWritten({ account, word, members }: DataChange, by: DeviceId): void {
    const others = members.filter((member) => !equal(member, by));
    this.onAccountData(account, word, others);
    this.ports.bus.accountData(account, word, others);
  }

  /** The devices that are connected here. */
  connected(): readonly DeviceId[] {
    return [...this.#seats.values()].map((seat) => seat.device);
  }

  onExpired(from: DeviceId, to: DeviceId, number: number): void {
    this.ports.meter.mailExpired++;
    this.#seats.get(deviceKey(from))?.answer(errorFrame('expired', 0, number, to));
  }

  onNewEpoch(): void {
    for (const seat of [...this.#seats.values()]) seat.fail('draining');
  }

  onEnteredElsewhere(device: DeviceId): void {
    const seat = this.#seats.get(deviceKey(device));
    if (!seat) return;
    seat.moved = true;
    seat.fail('replaced');
  }

  onFrame(to: DeviceId, frame: Buffer): void {
    this.#seats.get(deviceKey(to))?.take(frame);
  }

  onPresence(account: AccountId, device: DeviceId, present: boolean): void {
    const household = this.#households.get(deviceKey(account));
    if (household && !this.#seats.has(deviceKey(device))) this.#tell(household, device, present);
  }

  onExpel(device: DeviceId, code: ExpelCode): void {
    this.removals++;
    this.book.dropDevice(device);
    this.#seats.get(deviceKey(device))?.fail(code === 'moved' ? 'draining' : code);
  }

  onAccountChanged(account: AccountId): void {
    this.book.dropAccount(account);
  }

  onChainHead(account: AccountId, head: ChainHead): void {
    this.#tellHead(account, head, null);
  }

  onAccountData(account: AccountId, word: AccountDataWord, members: readonly DeviceId[]): void {
    const frame = accountDataFrame(word);
    const keys = new Set(members.map(deviceKey));
    for (const seat of [...(this.#households.get(deviceKey(account))?.seats ?? [])]) {
      if (keys.has(seat.key)) seat.answer(frame);
    }
  }

  onRendezvous(id: Uint8Array): void {
    this.ports.hall.wake(id);
  }

  /** Looks after nothing any more. */
  close(): void {
    this.ackRounds.close();
    this.#cancelSweep();
  }

  /** Tells all of an account who are here, but the one that posted it. */
  #tellHead(account: AccountId, head: ChainHead, by: DeviceId | null): void {
    const frame = chainHeadFrame(head);
    const poster = by === null ? null : deviceKey(by);
    for (const seat of [...(this.#households.get(deviceKey(account))?.seats ?? [])]) {
      if (seat.key !== poster) seat.answer(frame);
    }
  }

  #tell(household: Household, device: DeviceId, present: boolean): void {
    for (const seat of household.seats) seat.seePresence(device, present);
  }

  readonly #sweep = (): void => {
    const { clock } = this.ports;
    this.#cancelSweep = clock.after(SWEEP_MS, this.#sweep);
    const now = clock.steady();
    for (const connection of this.#strangers) {
      if (connection.deadline > now) break;
      connection.fail('timed-out');
    }
    // What nobody needs any more, once it is as good as new.
    for (const [key, bucket] of this.#buckets) {
      if (!this.#seats.has(key) && bucket.isFull(now)) this.#buckets.delete(key);
    }
    for (const [key, household] of this.#households) {
      if (household.seats.length === 0 && household.bucket.isFull(now)) this.#households.delete(key);
    }
  };
}
