/** Which NATS a relay uses, and as what it is known there. */
export interface NatsAddress {
    /** `host:port` of each server that may be asked first. */
    readonly servers: readonly string[];
    readonly tls: boolean;
    readonly user?: string;
    readonly password?: string;
    readonly token?: string;
    /** What the relay's subjects and its stream begin with, so that several relays can share one NATS. */
    readonly prefix: string;
    /** On how many servers of a NATS cluster mail is kept. */
    readonly replicas: number;
}
/**
 * Reads `nats://[user:password@|token@]host[:port][,host[:port]…][?prefix=…&replicas=…]`, or the same with `tls://`;
 * prefix `palmkey` and 1 replica if left out. Several such URLs may be joined by commas, as NATS's own programs take
 * them: what they say of credentials, prefix and replicas has to be the same wherever it is said, and so has the scheme.
 * Throws {@link RelayStartError} `bad-bus`, which does not repeat the address: it may hold a password.
 */
export declare function parseNatsAddress(text: string): NatsAddress;
/** Whether {@link parseNatsAddress} can read it. */
export declare function isNatsAddress(text: string): boolean;
/** The host of a server as {@link NatsAddress} names it, without port and brackets. */
export declare function hostOf(server: string): string;
