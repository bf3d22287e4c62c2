import { type AccountId, type DeviceId, type Frame, type RelayErrorCode } from '@palmkey/envelope';
import type { Switchboard } from './switchboard.ts';
import type { Wire } from './wire.ts';
/** One device's connection, from challenge to end (spec/relay.md). It knows frames and no sockets. */
export declare class Connection {
    #private;
    /** Until when it must have authenticated, by the steady clock, ms. */
    readonly deadline: number;
    /** Sends the challenge and begins to count the time. */
    constructor(wire: Wire, board: Switchboard);
    /** Bytes that the other side has not read yet. */
    get waitingBytes(): number;
    /** Takes a frame that came in, whose bytes nobody else changes. Never throws. */
    receive(frame: Buffer): void;
    /** Sends a frame that has its room already. */
    push(frame: Uint8Array): void;
    /** Sends a frame; false, and the end, for a device that does not read what waits. */
    answer(frame: Uint8Array): boolean;
    /** Whether a pong of so many bytes may go out; ends the connection of a device that pings and does not read. */
    mayAnswerPing(bytes: number): boolean;
    /** The wire has room again. */
    drained(): void;
    /** Ends the connection with an error. */
    fail(code: RelayErrorCode, retryAfterMs?: number): void;
    /** The wire is gone. */
    gone(): void;
    /** Answers an order of its device with what `follow` resolves with, or why it was not followed. Never rejects. */
    obey(order: Frame, follow: () => Promise<Uint8Array>): Promise<void>;
    /** A device that joined a chain is one of its account from now on; `resume`: what it has asked for its mail with. */
    promote(device: DeviceId, account: AccountId, resume: Buffer | null): void;
}
