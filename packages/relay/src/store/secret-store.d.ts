import type { Database } from './database.ts';
/** Keys of the relay's own, made once and the same on every node. */
export declare class SecretStore {
    #private;
    constructor({ db }: Pick<Database, 'db'>);
    /** The secret of that name; `fresh`, from now on, where there was none. Rejects as the store does. */
    keep(name: string, fresh: Uint8Array): Promise<Uint8Array>;
}
