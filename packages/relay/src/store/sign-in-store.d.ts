import { type AgreementPublicKey, type SigningPublicKey } from '@palmkey/envelope';
import { type Database } from './database.ts';
/** A sign-in at GitHub that is under way. */
export interface SignIn {
    /** SHA-256 of the `state` that went to GitHub, 32 bytes. */
    readonly stateHash: Uint8Array;
    /** SHA-256 of the browser's cookie, 32 bytes. */
    readonly cookieHash: Uint8Array;
    /** The PKCE verifier (RFC 7636 §4.1). */
    readonly verifier: string;
    readonly signingKey: SigningPublicKey;
    readonly agreementKey: AgreementPublicKey;
    /** The origin of the app that the browser goes back to. */
    readonly back: string;
}
/** The sign-ins that are under way, each good once, on whichever node GitHub sends the browser to. */
export declare class SignInStore {
    #private;
    constructor(database: Database);
    /** Keeps the hash of a nonce, for two minutes. Throws `RelayError` `unavailable` where too many are out. */
    giveNonce(nonceHash: Uint8Array, now: number): Promise<void>;
    /** Whether a nonce was given, not too long ago, and is not used yet; it is used up by the question. */
    takeNonce(nonceHash: Uint8Array, now: number): Promise<boolean>;
    /** Keeps one for ten minutes. Throws `RelayError` `unavailable` where too many are under way. */
    begin(signIn: SignIn, now: number): Promise<void>;
    /** The sign-in of a state, which is used up by it; null where there is none, or it was begun too long ago. */
    take(stateHash: Uint8Array, now: number): Promise<SignIn | null>;
    /** Lets go of those that are over. */
    sweep(now: number): Promise<void>;
}
