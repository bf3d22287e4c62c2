import { type AccountId, type AgreementPublicKey, type DeviceId, type Grant, type RelayErrorCode, type SigningPublicKey } from '@palmkey/envelope';
import { type Database } from './database.ts';
/** A device by its keys. */
export interface DeviceKeys {
    readonly id: DeviceId;
    readonly signingKey: SigningPublicKey;
    readonly agreementKey: AgreementPublicKey;
}
/** What came of letting a device in. */
export type LetIn = {
    readonly is: 'admitted';
    readonly account: AccountId;
} | {
    readonly is: 'refused';
    readonly code: Extract<RelayErrorCode, 'not-admitted' | 'blocked' | 'quota' | 'removed'>;
};
interface RegistryOptions {
    readonly maxDevices: number;
    /** An account has other devices than it had. */
    readonly onAccountChanged: (account: AccountId) => void;
}
/** Lets devices in, one at a time on all nodes together, so that no limit and no grant is used twice. */
export declare class Registry {
    #private;
    constructor(database: Database, { maxDevices, onAccountChanged }: RegistryOptions);
    /** Lets a device in by the operator's word. One that is known stays in its account, from now on permanently. */
    admitByOperator(device: DeviceKeys, now: number): Promise<LetIn>;
    /** Lets in a device because this relay is open, into an account of its own. */
    admitOpen(device: DeviceKeys, now: number): Promise<LetIn>;
    /** Lets in a device by the grant that it shows, which is used up by it: of a rendezvous, or of an invitation. */
    admitByGrant(device: DeviceKeys, grant: Grant, now: number): Promise<LetIn>;
    /** Lets in a device for a person whom GitHub has named by number, into that person's account. */
    admitByGithub(device: DeviceKeys, user: number, now: number): Promise<LetIn>;
}
export {};
