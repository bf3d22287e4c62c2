import { type Head, type SignedLink } from '@palmkey/chain';
import { type AccountId, type DeviceId } from '@palmkey/envelope';
import type { Kysely } from 'kysely';
import { type ChainStep } from '../chain/chain-step.ts';
import type { ChainUser, Member } from '../socket/order-ports.ts';
import { type Database } from './database.ts';
import { type Entered } from './chain-entry.ts';
import type { ChainDevicesTable, Schema } from './schema.ts';
/** Where a chain stands in the store. */
export interface StoredChain {
    readonly id: AccountId;
    /** The relay's account that it belongs to. */
    readonly account: AccountId;
    readonly head: Head;
}
/** What a device is on a chain. */
export type ChainStanding = Pick<ChainDevicesTable, 'kind' | 'revoked_by'>;
/** A post that replay has found good, as it is to be stored. */
export interface GoodPost extends ChainStep {
    readonly by: ChainUser;
    readonly links: readonly SignedLink[];
    readonly boxes: readonly {
        readonly receiver: DeviceId;
        readonly bytes: Uint8Array;
    }[];
    readonly seeds: readonly {
        readonly generation: number;
        readonly bytes: Uint8Array;
    }[];
    /** Ms since 1970 UTC. */
    readonly now: number;
}
/** What storing one has changed besides the chain. */
export interface Stored extends Entered {
    readonly account: AccountId;
    readonly forgotten: readonly Member[];
}
/** The chains of accounts, as their links were posted. Everything rejects as the store does. */
export declare class ChainStore {
    #private;
    constructor(database: Database, { maxDevices }: {
        readonly maxDevices: number;
    });
    /** A chain by its own id. */
    find(chain: AccountId): Promise<StoredChain | null>;
    /** The chain of one of the relay's accounts. */
    findOfAccount(account: AccountId): Promise<StoredChain | null>;
    /** What a device is, or was, on a chain; null where it never was there. */
    standingOf(chain: AccountId, device: DeviceId): Promise<ChainStanding | null>;
    /** The devices that decide on a chain. */
    membersOf(chain: AccountId): Promise<readonly DeviceId[]>;
    /** Whether a device was revoked from some chain here. */
    wasRevoked(device: DeviceId): Promise<boolean>;
    /** Links after a seqno, each as it is sent, in their order: as many as `maxBytes` holds, and `maxLinks` at most. */
    linksAfter(chain: AccountId, seqno: number, maxBytes: number, maxLinks: number): Promise<readonly Uint8Array[]>;
    /**
     * Stores a post, and lets in and forgets whom it adds and revokes: all or nothing, and only where the chain still
     * stands where the post goes on from. Throws `RelayError` `conflict` where it does not, `quota`, and `bad-chain` with
     * `not-yours`, `other-account` or `blocked`.
     */
    append(post: GoodPost): Promise<Stored>;
}
/** A chain by its id, or by the relay's account that it belongs to. */
export declare function findChain(db: Kysely<Schema>, by: 'id' | 'account', value: Uint8Array): Promise<StoredChain | null>;
/** What a device is, or was, on a chain. */
export declare function findStanding(db: Kysely<Schema>, chain: Uint8Array, device: Uint8Array): Promise<ChainStanding | null>;
/** Whether a device decides on a chain. */
export declare function isActiveMember({ kind, revoked_by }: ChainStanding): boolean;
