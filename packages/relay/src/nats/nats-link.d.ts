import { type Msg, type NatsConnection } from '@nats-io/transport-node';
import type { Logger } from 'pino';
import type { BusAccess } from '../options.ts';
import { type NatsAddress } from './nats-address.ts';
/** A node's one connection to NATS: it is made anew for ever, and says when it is there and when it is not. */
export declare class NatsLink implements AsyncDisposable {
    #private;
    readonly connection: NatsConnection;
    readonly address: NatsAddress;
    private constructor();
    /**
     * Throws {@link RelayStartError} `bad-bus` or `bad-bus-credentials`; `no-bus` where no server is reached, `bus-login`
     * where none lets this node in, `bus-tls` where TLS is asked for and none offers it with a certificate that is good.
     */
    static connect(url: string, logger: Logger, access?: BusAccess): Promise<NatsLink>;
    /** Whether NATS is there now. What is published while it is not is lost. */
    get connected(): boolean;
    /** Tells from now on of each loss of the connection and of each return. */
    onChange(watcher: {
        up: () => void;
        down: () => void;
    }): void;
    /** Sends bytes to a subject; `id` lets a stream take them once. The bytes may change afterwards. */
    publish(subject: string, bytes: Uint8Array, { reply, id }?: {
        reply?: string;
        id?: string;
    }): void;
    /** Hears a subject until what it returns is called. `heard` must not throw. */
    subscribe(subject: string, heard: (message: Msg) => void): () => void;
    [Symbol.asyncDispose](): Promise<void>;
}
