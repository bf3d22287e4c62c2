import { type AccountDataWord, type AccountId, type ChainHead, type DeviceId } from '@palmkey/envelope';
import type { Logger } from 'pino';
import type { Admission } from '../admission.ts';
import type { Bus, BusEvents, ExpelCode } from '../bus/bus.ts';
import type { Clock } from '../clock.ts';
import { type Rates } from '../limits.ts';
import type { Meter } from '../metrics/meter.ts';
import type { PostEvents, PostOffice } from '../post/post-office.ts';
import type { RendezvousHall } from '../rendezvous.ts';
import { AckRounds } from './ack-rounds.ts';
import { AddressBook } from './address-book.ts';
import type { Connection } from './connection.ts';
import { Household } from './household.ts';
import type { AccountBook, AccountOrders, ChainChange, ChainOrders, DataChange, Member, PushOrders } from './order-ports.ts';
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
/** Which device sits where, on this node and on others, and what connections share. */
export declare class Switchboard implements PostEvents, BusEvents {
    #private;
    readonly ports: SwitchboardPorts;
    readonly turn: Turn;
    readonly ackRounds: AckRounds;
    readonly book: AddressBook;
    /** How many devices have been removed, blocked or moved to another account since the start. */
    removals: number;
    constructor(ports: SwitchboardPorts);
    /** How many devices are connected. */
    get size(): number;
    /** The seat of the device whose id stands in a frame, if it is connected here. */
    seatOf(frame: Buffer): Seat | undefined;
    /** Whether a device is connected, here or elsewhere. */
    isConnected(device: DeviceId): boolean;
    /** Whether a device is connected, here or elsewhere, and takes what comes: who does not may be woken. */
    reads(device: DeviceId): Promise<boolean>;
    /** An app that was put to sleep keeps its connection for a while, and acks nothing. */
    readsHere(device: DeviceId): boolean;
    /** A connection begins: it has so long to say whose it is. */
    begin(connection: Connection): void;
    /** A connection is somebody's, or ended. */
    settle(connection: Connection): void;
    /** The token bucket of a device. */
    bucketOf(device: DeviceId): TokenBucket;
    /** Those of an account who are here. */
    householdOf(account: AccountId): Household;
    /** A device takes its seat; its former connection, on whichever node, ends. */
    enter(seat: Seat): void;
    /** A connection ended; the device is gone unless a newer one has its seat, or it sits elsewhere. */
    leave(seat: Seat): void;
    /** Ends the connections of a device that is removed or blocked, on all nodes, and lets go of its mail. */
    expel(device: DeviceId, code?: ExpelCode): Promise<void>;
    /** An account has other devices than it had. */
    accountChanged(account: AccountId): void;
    /** The store has forgotten these: their connections end, on all nodes. */
    forgotten(members: readonly Member[]): Promise<void>;
    /** A post has changed a chain: who was revoked goes, who has come connects again, and all others hear of it. */
    chainChanged({ account, head, forgotten, moved }: ChainChange, by: DeviceId): Promise<void>;
    /** Account data was written: every other member hears of it. */
    dataWritten({ account, word, members }: DataChange, by: DeviceId): void;
    /** The devices that are connected here. */
    connected(): readonly DeviceId[];
    onExpired(from: DeviceId, to: DeviceId, number: number): void;
    onNewEpoch(): void;
    onEnteredElsewhere(device: DeviceId): void;
    onFrame(to: DeviceId, frame: Buffer): void;
    onPresence(account: AccountId, device: DeviceId, present: boolean): void;
    onExpel(device: DeviceId, code: ExpelCode): void;
    onAccountChanged(account: AccountId): void;
    onChainHead(account: AccountId, head: ChainHead): void;
    onAccountData(account: AccountId, word: AccountDataWord, members: readonly DeviceId[]): void;
    onRendezvous(id: Uint8Array): void;
    /** Looks after nothing any more. */
    close(): void;
}
