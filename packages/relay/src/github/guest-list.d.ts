import type { Logger } from 'pino';
import type { Clock } from '../clock.ts';
import type { GithubOptions } from '../options.ts';
import type { GithubNameStore } from '../store/github-name-store.ts';
import type { GithubUser } from './github-client.ts';
interface GuestListPorts {
    readonly options: Pick<GithubOptions, 'users' | 'organisations'>;
    readonly names: GithubNameStore;
    readonly clock: Clock;
    readonly logger: Logger;
}
/** Whether a person is among those that a relay is for; `name-taken`: only by a name that was somebody else's. */
export type Verdict = 'admitted' | 'sign-in-refused' | 'name-taken';
/**
 * Whom the operator lets in by name. A name is held to the number that it had when somebody was first let in by it: who
 * is renamed stays in, and who takes a name that became free does not get in by it.
 */
export declare class GuestList {
    #private;
    constructor(ports: GuestListPorts);
    /** Forgets the numbers of names that the operator has taken off the list. Rejects as the store does. */
    tidy(): Promise<void>;
    /**
     * Judges a person. `memberOf` finds the number of an organisation that they have joined, null for one that they have
     * not; what it throws is passed on, as what the store throws is.
     */
    judge(user: GithubUser, memberOf: (organisation: string) => Promise<number | null>): Promise<Verdict>;
}
export {};
