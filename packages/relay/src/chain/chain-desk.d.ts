import { type AccountId, type AccountRecord, type AccountRecords, type ChainBoxes, type ChainHead, type ChainPost } from '@palmkey/envelope';
import type { Clock } from '../clock.ts';
import type { ChainChange, ChainOrders, ChainUser, DataChange } from '../socket/order-ports.ts';
import type { ChainDataStore } from '../store/chain-data-store.ts';
import type { ChainGrantStore } from '../store/chain-grant-store.ts';
import { type ChainStore } from '../store/chain-store.ts';
interface ChainDeskPorts {
    readonly clock: Clock;
    readonly chains: ChainStore;
    readonly grants: ChainGrantStore;
    readonly data: ChainDataStore;
}
/** Follows what devices order about chains: replays what they post, and stores it (spec/account.md, "At the relay"). */
export declare class ChainDesk implements ChainOrders {
    #private;
    constructor(ports: ChainDeskPorts);
    post(by: ChainUser, post: ChainPost): Promise<ChainChange | null>;
    grant(by: ChainUser, grantHash: Uint8Array): Promise<void>;
    ask(by: ChainUser): Promise<ChainHead | null>;
    boxes(by: ChainUser, generation: number): Promise<ChainBoxes>;
    read(by: ChainUser, after: number): Promise<AccountRecords>;
    write(by: ChainUser, record: AccountRecord): Promise<DataChange | null>;
    /** A chain's links after a seqno, as many as one answer holds, and its head. Throws `RelayError` `no-chain`. */
    links(account: AccountId, after: number): Promise<{
        readonly head: ChainHead;
        readonly links: Uint8Array;
    }>;
}
export {};
