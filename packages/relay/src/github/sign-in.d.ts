import { type AgreementPublicKey, type ConnectNonce, type Signature, type SigningPublicKey } from '@palmkey/envelope';
import type { Logger } from 'pino';
import type { Clock } from '../clock.ts';
import type { GithubOptions } from '../options.ts';
import type { Registry } from '../store/registry.ts';
import type { SignInStore } from '../store/sign-in-store.ts';
import type { GuestList } from './guest-list.ts';
interface GithubSignInPorts {
    readonly options: GithubOptions;
    readonly clock: Clock;
    readonly logger: Logger;
    readonly signIns: SignInStore;
    readonly guests: GuestList;
    readonly registry: Registry;
}
/** By what a form shows that whoever posts it has the device: its keys, and their signature over a nonce of ours. */
export interface Proof {
    readonly signingKey: SigningPublicKey;
    readonly agreementKey: AgreementPublicKey;
    readonly nonce: ConnectNonce;
    /** Over `signInMessage`, context `relay-sign-in`. */
    readonly signature: Signature;
    /** The origin by which the device knows this relay; that it is one of ours, the caller has checked. */
    readonly origin: string;
}
/** What a browser asks for. */
export interface SignInRequest extends Proof {
    /** The origin of the app, which the caller has checked. */
    readonly back: string;
    /** The relay's own address that GitHub sends the browser to. */
    readonly redirectUri: string;
}
/** What a browser comes back with; each part as it was given, or undefined. */
export interface Return {
    readonly state: string | undefined;
    readonly cookie: string | undefined;
    readonly code: string | undefined;
    /** GitHub's word for why there is no code. */
    readonly error: string | undefined;
    readonly redirectUri: string;
}
/** How a sign-in ended, and where the browser goes; `back` null: it is not known whence it came. */
export type SignInEnd = {
    readonly is: 'signed-in';
    readonly back: string;
} | {
    readonly is: 'failed';
    readonly back: string | null;
    readonly code: SignInFault;
};
/** Why a device was not let in (spec/relay.md, "Errors"). */
export type SignInFault = 'bad-state' | 'sign-in-refused' | 'name-taken' | 'unavailable' | 'quota' | 'blocked';
/** Lets in the devices of people whom GitHub names (spec/relay.md, "Admission"). */
export declare class GithubSignIn {
    #private;
    constructor(ports: GithubSignInPorts);
    /** A nonce for a device to sign, base64url, good once and for two minutes. Throws `RelayError` `unavailable`: too many. */
    newNonce(): Promise<string>;
    /**
     * Begins one: the cookie for the browser, and where it goes. Throws `RelayError`: `bad-state` for a nonce that is not
     * good, `bad-signature`, `unavailable` where too many are under way.
     */
    begin({ redirectUri, back, ...proof }: SignInRequest): Promise<{
        readonly cookie: string;
        readonly url: string;
    }>;
    /** Ends one. Never throws. */
    end(come: Return): Promise<SignInEnd>;
}
/** Reads the proof of a form, bytes as base64url; throws `BytesError`. */
export declare function parseProof(form: Readonly<Record<keyof Proof, string>>): Proof;
export {};
