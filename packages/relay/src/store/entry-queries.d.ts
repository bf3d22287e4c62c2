/** What the store is asked and told when a device is let in: the part that every newcomer costs, put together once. */
import type { Kysely } from 'kysely';
import type { AdmittedVia, Schema } from './schema.ts';
interface ById {
    readonly id: Uint8Array;
}
interface ByAccount {
    readonly account: Uint8Array;
}
/** A device as it is put into the store: anew, or into another account than its own. */
interface NewDevice extends ById, ByAccount {
    readonly signingKey: Uint8Array;
    readonly agreementKey: Uint8Array;
    readonly now: number;
    readonly admittedBy: Uint8Array | null;
    readonly via: AdmittedVia;
}
export type EntryQueries = ReturnType<typeof prepareEntryQueries>;
/** Prepares them; they are run in a transaction of the same database. */
export declare function prepareEntryQueries(db: Kysely<Schema>): {
    find: import("./prepared.ts").Prepared<ById, {
        id: Uint8Array<ArrayBufferLike>;
        account: Uint8Array<ArrayBufferLike>;
        admitted_via: AdmittedVia;
        blocked_at: number | null;
        account_blocked_at: number | null;
    }>;
    blockedAccount: import("./prepared.ts").Prepared<ByAccount, {
        id: Uint8Array<ArrayBufferLike>;
    }>;
    count: import("./prepared.ts").Prepared<object, {
        devices: number;
    }>;
    countOfAccount: import("./prepared.ts").Prepared<ByAccount, {
        devices: number;
    }>;
    begin: import("./prepared.ts").Prepared<ByAccount & {
        readonly now: number;
    }, import("kysely").InsertResult>;
    put: import("./prepared.ts").Prepared<NewDevice, import("kysely").InsertResult>;
    chains: import("./prepared.ts").Prepared<ById, {
        account: Uint8Array<ArrayBufferLike>;
        revoked_by: number | null;
    }>;
};
/** A device with its account. */
export declare function findDevice(db: Kysely<Schema>, { id }: ById): import("kysely").SelectQueryBuilder<Schema, "devices" | "accounts", {
    id: Uint8Array<ArrayBufferLike>;
    account: Uint8Array<ArrayBufferLike>;
    admitted_via: AdmittedVia;
    blocked_at: number | null;
} & {
    account_blocked_at: number | null;
}>;
export {};
