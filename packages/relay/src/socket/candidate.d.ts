import { type AccountId, type DeviceId } from '@palmkey/envelope';
import type { Connection } from './connection.ts';
import type { Switchboard } from './switchboard.ts';
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
export declare class Candidate {
    #private;
    readonly device: DeviceId;
    constructor(board: Switchboard, connection: Connection, { device, chain, expiresAt }: Joining);
    receive(frame: Buffer): void;
    drained(): void;
    leave(): void;
}
