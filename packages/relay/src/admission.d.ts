import { type AccountId, type AgreementPublicKey, type Authenticate, type ConnectNonce, type DeviceId, type RelayErrorCode, type SigningPublicKey } from '@palmkey/envelope';
import type { Clock } from './clock.ts';
import type { NewcomerLimit } from './newcomer-limit.ts';
import type { ChainGrantStore } from './store/chain-grant-store.ts';
import type { ChainStore } from './store/chain-store.ts';
import { type DeviceStore } from './store/device-store.ts';
import type { Registry } from './store/registry.ts';
/** Who is let in: any device whose signature verifies, or only those that are known or show a grant. */
export type AdmissionMode = 'open' | 'members';
/** What came of an authentication. */
export type Judgement = {
    readonly is: 'admitted';
    readonly id: DeviceId;
    readonly account: AccountId;
}
/** By a chain-grant, to join that chain, until then, ms since 1970 UTC. */
 | {
    readonly is: 'joining';
    readonly id: DeviceId;
    readonly chain: AccountId;
    readonly expiresAt: number;
} | {
    readonly is: 'refused';
    readonly code: RelayErrorCode;
    readonly retryAfterMs?: number;
};
interface AdmissionPorts {
    readonly mode: AdmissionMode;
    /** The relay's own origins; asked each time, for a port that is known only after listening. */
    readonly origins: () => readonly string[];
    readonly devices: DeviceStore;
    readonly registry: Registry;
    readonly chains: ChainStore;
    readonly chainGrants: ChainGrantStore;
    /** How many strangers an address may bring. */
    readonly newcomers: NewcomerLimit;
    readonly clock: Clock;
}
/**
 * Who may connect (spec/relay.md, "Connecting" and "Admission"). All the cryptography that it uses is to hash, to
 * verify and to draw nonces.
 */
export declare class Admission {
    #private;
    constructor(ports: AdmissionPorts);
    /** A fresh nonce for one connection. */
    newNonce(): ConnectNonce;
    /**
     * Judges what a connection from a network address showed for its own nonce, and uses up the grant that it needs.
     * Throws only if the store fails.
     */
    judge(serverNonce: ConnectNonce, shown: Authenticate, address: string): Promise<Judgement>;
    /** Knows a device from now on, by the operator's word. Throws `RelayError` where it cannot be. */
    admit(keys: {
        signingKey: SigningPublicKey;
        agreementKey: AgreementPublicKey;
    }): Promise<DeviceId>;
}
/** The id that a device's two keys make (spec/devices.md, "Device id"). */
export declare function deviceIdOf(signing: SigningPublicKey, agreement: AgreementPublicKey): DeviceId;
export {};
