import { type DeviceId, type Resume } from '@palmkey/envelope';
import type { Logger } from 'pino';
import type { Clock } from '../clock.ts';
import type { NatsLink } from '../nats/nats-link.ts';
import type { Mail, MailLine, MailReader, PostEvents, PostOffice, Settled } from './post-office.ts';
/** The bounds of spec/relay.md, "Mail". */
export interface PostLimits {
    readonly mailLimitMs: number;
    readonly mailboxMessages: number;
    readonly mailboxBytes: number;
    readonly windowMessages: number;
    readonly windowBytes: number;
    /** Bytes of all mailboxes. */
    readonly totalBytes: number;
}
interface NatsPostOfficePorts {
    readonly link: NatsLink;
    readonly clock: Clock;
    readonly logger: Logger;
    readonly events: PostEvents;
    readonly limits: PostLimits;
}
/**
 * The post office of several nodes: mailboxes in JetStream, which outlive every node. A message is `taken` once the
 * stream has acknowledged it, durable or not. Whatever this object remembers is a help that may be lost.
 */
export declare class NatsPostOffice implements PostOffice {
    #private;
    private constructor();
    /** `nodeId`: 8 random bytes. Throws {@link RelayStartError} `bus-keeps-no-mail` where JetStream does not keep mail for this relay. */
    static open(ports: NatsPostOfficePorts, nodeId: Uint8Array): Promise<NatsPostOffice>;
    get epoch(): number;
    waitsFor(): 'bus' | null;
    post(mail: Mail, settled: (outcome: Settled) => void): void;
    open(device: DeviceId, resume: Resume, reader: MailReader): MailLine;
    forget(device: DeviceId): Promise<void>;
    [Symbol.asyncDispose](): Promise<void>;
}
export {};
