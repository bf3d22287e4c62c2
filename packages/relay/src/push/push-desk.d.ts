import { type DeviceId, type PushOutcome, type PushRegistration } from '@palmkey/envelope';
import type { Logger } from 'pino';
import type { Clock } from '../clock.ts';
import type { Member, PushOrders } from '../socket/order-ports.ts';
import type { PushStore } from '../store/push-store.ts';
import type { PushPort } from './push-port.ts';
/** What the desk works with. */
export interface PushDeskPorts {
    readonly clock: Clock;
    readonly store: PushStore;
    readonly service: PushPort;
    /** Whether a device is connected, at whichever node, and takes what comes. Never rejects. */
    readonly reads: (device: DeviceId) => Promise<boolean>;
    readonly logger: Logger;
}
/** Takes registrations for push, and wakes devices that are away (spec/relay.md, "Push"). */
export declare class PushDesk implements PushOrders {
    #private;
    constructor(ports: PushDeskPorts);
    /**
     * Reaches a device there from now on, or nowhere. Throws `RelayError` `push-refused` for a service that this relay does
     * not speak to; rejects as the store does.
     */
    register({ device }: Member, registration: PushRegistration | null): Promise<void>;
    /**
     * Wakes a device with a body that its sender has sealed; `lifetimeS` is how long it is worth being delivered. Throws
     * `FrameError` for a body that no push carries and `RelayError` `rate-limited`; rejects as the store does.
     */
    push({ device: from }: Member, to: DeviceId, body: Uint8Array, lifetimeS: number): Promise<PushOutcome>;
}
