import { type Authenticator } from '@nats-io/transport-node';
import type { NatsAddress } from './nats-address.ts';
/**
 * How a relay logs in to NATS. `credentials` is the text of a `.creds` file (NATS's documentation, "JWT-based
 * authentication") or the seed of a user's nkey, `SU…`; without them what the address holds counts, if anything. Throws
 * {@link RelayStartError} `bad-bus-credentials` for a text that is neither, or beside a password or token in the address.
 */
export declare function natsLogin({ user, password, token }: NatsAddress, credentials: string | undefined): Authenticator | undefined;
