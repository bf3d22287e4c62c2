import { type DeviceId, type RelayErrorCode } from '@palmkey/envelope';
import type { MailReader } from '../post/post-office.ts';
import type { AcksLate } from './ack-rounds.ts';
import type { Connection } from './connection.ts';
import type { Household } from './household.ts';
import type { Switchboard } from './switchboard.ts';
import type { AtTurnsEnd } from './turn.ts';
/** An admitted device at its connection: what it sends goes where it should, and what comes for it goes out. */
export declare class Seat implements MailReader, AtTurnsEnd, AcksLate {
    #private;
    readonly device: DeviceId;
    readonly key: string;
    readonly household: Household;
    /** It sits at another node now: leaving here is not leaving. */
    moved: boolean;
    constructor(board: Switchboard, connection: Connection, device: DeviceId, household: Household);
    /** The hot path: no await, nothing decoded, and the bytes that came in are the bytes that go out. */
    receive(frame: Buffer): void;
    get waitingBytes(): number;
    /** Since when a delivery has been on its way unacked, ms since 1970 UTC. */
    get unackedSince(): number | null;
    deliver(frame: Uint8Array): void;
    /** Sends a live frame; false where the device does not read, which ends its connection. */
    take(frame: Buffer): boolean;
    /** Sends a frame of the relay's own. */
    answer(frame: Uint8Array): void;
    fail(code: RelayErrorCode): void;
    /** The wire has room again. */
    drained(): void;
    /** A device of its account has come or gone. */
    seePresence(device: DeviceId, present: boolean): void;
    /** The connection ended; what it has not acked is kept. */
    leave(): void;
    onTurnsEnd(): void;
    ackLate(): void;
}
