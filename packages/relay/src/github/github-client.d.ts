import { RelayError } from '@palmkey/envelope';
import type { GithubOptions } from '../options.ts';
/** A person as GitHub knows them. */
export interface GithubUser {
    /** GitHub's number of the account, which stays when its login changes. */
    readonly id: number;
    readonly login: string;
}
/**
 * What a relay asks GitHub (docs.github.com, "Authorizing OAuth apps" and "REST API endpoints for organization members").
 * Methods throw `RelayError`: `unavailable` where GitHub does not answer, has had enough questions, or does not accept the
 * relay's own credentials; `bad-state` for a code that is not good. No token and no code is in an error.
 */
export declare class GithubClient {
    #private;
    constructor(options: GithubOptions);
    /** Where the browser is sent, with the S256 challenge of a PKCE verifier (RFC 7636 §4.2). */
    authorizeUrl(state: string, challenge: string, redirectUri: string): string;
    /** Exchanges a code, good once, for a token. */
    exchange(code: string, verifier: string, redirectUri: string): Promise<string>;
    /** Whose token it is. */
    user(token: string): Promise<GithubUser>;
    /**
     * GitHub's number of an organisation that the person has joined; null where they have not, as one who is invited and
     * has not accepted.
     */
    membership(token: string, organisation: string): Promise<number | null>;
}
/** GitHub's word for what is wrong with an exchange. */
export declare class GithubRefusal extends RelayError {
    /** One of GitHub's error words, or `other`. */
    readonly reason: string;
    constructor(reason: string);
}
