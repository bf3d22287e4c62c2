import type { AgreementPublicKey, DeviceId, SigningPublicKey } from '@palmkey/envelope';
import { Operator } from './operator.ts';
import { type RelayOptions } from './options.ts';
/** A relay that runs. */
export interface Relay extends AsyncDisposable {
    /** The port it listens at. */
    readonly port: number;
    /** The first of its origins. */
    readonly url: string;
    /** Knows a device from now on; returns its id. */
    admit(device: {
        signingKey: SigningPublicKey;
        agreementKey: AgreementPublicKey;
    }): Promise<DeviceId>;
    /** What whoever runs it may order; every order takes effect at once. */
    readonly operator: Operator;
    /** How many devices are connected. */
    connections(): number;
    /**
     * Tells every device `draining`, over the drain time, lets what waits be read for at most 2 s, writes what is durable,
     * and closes all. Safe to call twice.
     */
    close(): Promise<void>;
}
/** Starts a relay; throws {@link RelayStartError}. */
export declare function startRelay(options: RelayOptions): Promise<Relay>;
