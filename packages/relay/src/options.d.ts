import type { Logger } from 'pino';
import type { AdmissionMode } from './admission.ts';
import type { Clock } from './clock.ts';
import type { Rates } from './limits.ts';
/** How a relay is to run. */
export interface RelayOptions {
    /** The address to listen at; loopback, unless the relay is meant for other machines. */
    readonly host: string;
    /** 0: any that is free. */
    readonly port: number;
    /**
     * The URL origins by which devices reach it; the first is its {@link Relay.url}. May be empty on loopback: then it
     * goes by the address it listens at and, with the same port, by `localhost`.
     */
    readonly origins: readonly string[];
    readonly admission: AdmissionMode;
    /** Allows `open` beyond loopback: any device in the world may then use this relay. */
    readonly openToAnyone?: boolean;
    /** Whether it is the relay of one computer, which lets devices in as they pair with it: no app asks its person to get in. */
    readonly own?: boolean;
    /** Where it keeps what it must not forget: a file, made if it is not there, or a `postgres://` URL. */
    readonly store: string;
    /** The NATS by which nodes of one relay hear each other, `nats://` URLs; left out, this node is alone. */
    readonly bus?: string;
    /** How it is reached and told who this is, where its URL does not say so. */
    readonly busAccess?: BusAccess;
    /** Left out, nobody signs in with GitHub. */
    readonly github?: GithubOptions;
    /** Left out, nothing is pushed. */
    readonly push?: PushOptions;
    /** How many devices it knows at most, 100,000 if left out. */
    readonly maxDevices?: number;
    /** How many devices that nobody let in may come from one address within an hour, 30 if left out. */
    readonly strangersPerHour?: number;
    /** After how many days a device that was not connected is forgotten, 180 if left out. */
    readonly retentionDays?: number;
    /** The folder of the built app, to be served too. */
    readonly appDir?: string;
    /** The most connections at one time; 10,000 if left out. */
    readonly maxConnections?: number;
    /** Other rates than the usual ones. */
    readonly rates?: Partial<Rates>;
    /** How mail is kept; what is left out is as usual. */
    readonly mail?: Partial<MailOptions>;
    /** Whether to believe the last address of `X-Forwarded-For`: only behind a proxy that sets it. */
    readonly trustProxy?: boolean;
    /** Whoever shows it as bearer token reads `/metrics` from beyond loopback; left out, nobody does. */
    readonly metricsToken?: string;
    /** Over how long the devices are sent away when the relay closes, ms; 0 if left out. */
    readonly drainMs?: number;
    readonly logger: Logger;
    /** The machine's clock if left out. */
    readonly clock?: Clock;
}
/** What a bus is known by and lets this relay in for; each is a secret or long, and so not in its URL. */
export interface BusAccess {
    /** The authority that its servers have their certificates from, PEM, in the place of the system's; asks for TLS. */
    readonly ca?: string;
    /** This relay's own certificate and its private key, PEM; asks for TLS. */
    readonly certificate?: string;
    readonly key?: string;
    /** The text of a `.creds` file, or the seed of an nkey. */
    readonly credentials?: string;
}
/** How mail is kept (spec/relay.md, "Mail"). */
export interface MailOptions {
    /** The longest that any is kept, s; 0: none is. 3,600 if left out. */
    readonly lifetimeS: number;
    /** What all mailboxes may take in memory; 512 MiB if left out. */
    readonly totalBytes: number;
    /** How many messages wait for one device, beside what is on its way; 1,000 if left out. */
    readonly mailboxMessages: number;
    /** And how many bytes, at least one frame's; 4 MiB if left out. */
    readonly mailboxBytes: number;
}
/** Whom GitHub is asked about, and as whom (spec/relay.md, "Admission"). */
export interface GithubOptions {
    readonly clientId: string;
    readonly clientSecret: string;
    /** Logins that are let in. With no organisation either, everybody with a GitHub account is. */
    readonly users: readonly string[];
    /** Organisations whose members are let in. */
    readonly organisations: readonly string[];
    /** Origins of the app where it is served from elsewhere than by this relay: sign-ins may begin there too. */
    readonly appOrigins?: readonly string[];
    /** Where people sign in; `https://github.com` if left out. */
    readonly webUrl?: string;
    /** Where the relay asks; `https://api.github.com` if left out. */
    readonly apiUrl?: string;
}
/** How devices that are away are reached (spec/relay.md, "Push"). */
export interface PushOptions {
    /** Whom a push service tells of trouble: a `mailto:` or `https:` URL (RFC 8292 §2.1). */
    readonly contact: string;
    /** Hosts of push services beside those of the browsers: `push.example.org`, with a port, or `*.push.example.org`. */
    readonly services: readonly string[];
    /** A certificate to be trusted beside the system's, PEM: for a push service of the operator's own. */
    readonly ca?: string;
}
type CheckedOptions = Pick<RelayOptions, 'host' | 'origins' | 'admission' | 'openToAnyone' | 'push'>;
/** Throws {@link RelayStartError} for options that contradict each other or open more than they say. */
export declare function checkOptions(options: CheckedOptions): void;
/** The origins that a relay on `port` answers to; never empty after {@link checkOptions}. */
export declare function ownOrigins(options: RelayOptions, port: number): readonly string[];
export {};
