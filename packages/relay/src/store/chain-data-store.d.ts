import { type AccountId, type AccountRecord, type AccountRecords, type ChainBoxes, type DeviceId } from '@palmkey/envelope';
import type { Database } from './database.ts';
/** What members keep beside their chain: boxes of the per-user key, previous seeds, account data. Rejects as the store does. */
export declare class ChainDataStore {
    #private;
    constructor(database: Database);
    /** A device's own box, if it has one, and previous seeds from `generation` downwards, 0 for the latest. */
    boxes(chain: AccountId, device: DeviceId, generation: number): Promise<ChainBoxes>;
    /** Records of a later revision than this, by rising revision, some at a time; none where there are no more. */
    records(chain: AccountId, after: number): Promise<AccountRecords>;
    /**
     * Writes a record in the place of its former revision, 0 for none; the revision that it has then. One of no bytes is
     * taken away: null. Throws `RelayError`: `conflict` where the record has another revision, `quota` where there are too
     * many, `no-chain`.
     */
    write(chain: AccountId, record: AccountRecord): Promise<number | null>;
}
