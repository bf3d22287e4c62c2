import { PalmkeyError } from '@palmkey/envelope';
/** Why a relay does not start. */
export type RelayStartFault = 
/** Another program listens at that address and port. */
'port-in-use'
/** The address is not one of this machine, or the port is not allowed. */
 | 'cannot-listen'
/** `admission: 'open'` beyond loopback without `openToAnyone`. */
 | 'open-to-anyone'
/** It listens beyond loopback and was not told its own origins. */
 | 'no-origin'
/** An origin is not a URL origin. */
 | 'bad-origin'
/** Push: a contact that is neither `mailto:` nor `https:`, a service that is no host, or a certificate that is none. */
 | 'bad-push'
/** The store was written by a newer version. */
 | 'newer-store'
/** The store cannot be opened, or its PostgreSQL not reached. */
 | 'no-store'
/** What a PostgreSQL URL says of TLS is none of what it can say, or its files cannot be read. */
 | 'bad-store'
/** PostgreSQL refuses this relay's user, or its database. */
 | 'store-login'
/** PostgreSQL offers no TLS, or its certificate is not good. */
 | 'store-tls'
/** The bus is not the address of a NATS server. */
 | 'bad-bus'
/** The credentials for the bus are neither a seed nor a `.creds` file, or stand beside others in its address. */
 | 'bad-bus-credentials'
/** NATS is not reached. */
 | 'no-bus'
/** NATS does not let this relay in. */
 | 'bus-login'
/** NATS offers no TLS, or its certificate is not good. */
 | 'bus-tls'
/** NATS keeps no mail: no JetStream, no room, or fewer servers than replicas. */
 | 'bus-keeps-no-mail'
/** The folder for the app has no `index.html`. */
 | 'no-app';
/** Thrown by `startRelay`; nothing is left running or open. */
export declare class RelayStartError extends PalmkeyError {
    readonly name = "RelayStartError";
    readonly code: RelayStartFault;
    constructor(code: RelayStartFault, message: string, cause?: unknown);
}
