import type { Database } from './database.ts';
import type { GithubNameKind } from './schema.ts';
/**
 * Which account each name of the operator's list stood for when it was first met: GitHub lets people rename accounts and
 * organisations, and others take the names that become free. Names are lower case, as logins have no case.
 */
export declare class GithubNameStore {
    #private;
    constructor({ db }: Pick<Database, 'db'>);
    /** The number that a name stands for; `number`, from now on, where it was not met yet. Rejects as the store does. */
    pin(kind: GithubNameKind, name: string, number: number, now: number): Promise<number>;
    /** The names that stand for a number. */
    namesOf(kind: GithubNameKind, number: number): Promise<readonly string[]>;
    /** Forgets every name of a kind that is not among these. */
    keepOnly(kind: GithubNameKind, names: readonly string[]): Promise<void>;
}
