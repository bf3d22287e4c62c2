import type { Logger } from 'pino';
import { NatsBus } from '../bus/nats-bus.ts';
import type { Clock } from '../clock.ts';
import type { BusAccess } from '../options.ts';
import { NatsPostOffice, type PostLimits } from '../post/nats-post-office.ts';
import type { PostEvents } from '../post/post-office.ts';
/** What makes this process one node of several: one connection to NATS, with a bus and a post office over it. */
export declare class NatsNodes implements AsyncDisposable {
    #private;
    readonly bus: NatsBus;
    private constructor();
    /** `url` as in {@link parseNatsAddress}. Throws {@link RelayStartError} as {@link NatsLink.connect} does. */
    static join(url: string, access: BusAccess, ports: {
        readonly clock: Clock;
        readonly logger: Logger;
    }): Promise<NatsNodes>;
    /** Throws {@link RelayStartError} `bus-keeps-no-mail` where JetStream does not keep mail for this relay. */
    openPost(events: PostEvents, limits: PostLimits): Promise<NatsPostOffice>;
    /** Ends the connection; bus and post office are to be ended before. */
    [Symbol.asyncDispose](): Promise<void>;
}
