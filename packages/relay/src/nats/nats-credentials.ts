import {
  jwtAuthenticator,
  nkeyAuthenticator,
  nkeys,
  tokenAuthenticator,
  usernamePasswordAuthenticator,
  type Authenticator,
} from '@nats-io/transport-node';
import { RelayStartError } from '../errors.ts';
import type { NatsAddress } from './nats-address.ts';

/** A block of a `.creds` file: what stands between two lines of dashes. */
const BLOCK = /-{3,}BEGIN ([A-Z ]+)-{3,}\s+(\S+)\s+-{3,}END/g;

/**
 * How a relay logs in to NATS. `credentials` is the text of a `.creds` file (NATS's documentation, "JWT-based
 * authentication") or the seed of a user's nkey, `SU…`; without them what the address holds counts, if anything. Throws
 * {@link RelayStartError} `bad-bus-credentials` for a text that is neither, or beside a password or token in the address.
 */
export function natsLogin(
  { user, password, token }: NatsAddress,
  credentials: string | undefined,
): Authenticator | undefined {
  if (credentials !== undefined) {
    if (user !== undefined || token !== undefined) throw badCredentials();
    return ofCredentials(credentials);
  }
  if (token !== undefined) return tokenAuthenticator(token);
  return user === undefined ? undefined : usernamePasswordAuthenticator(user, password ?? '');
}

/** All is read here: what threw later, while the server's nonce is signed, would end as a server that does not answer. */
function ofCredentials(text: string): Authenticator {
  const blocks = new Map([...text.matchAll(BLOCK)].map(([, name, body]) => [name, body]));
  const jwt = blocks.get('NATS USER JWT');
  const seed = new TextEncoder().encode(blocks.get('USER NKEY SEED') ?? text.trim());
  try {
    if (!nkeys.fromSeed(seed).getPublicKey().startsWith('U')) throw badCredentials();
  } catch {
    // The library's error may repeat what it could not read.
    throw badCredentials();
  }
  return jwt === undefined ? nkeyAuthenticator(seed) : jwtAuthenticator(jwt, seed);
}

function badCredentials(): RelayStartError {
  return new RelayStartError('bad-bus-credentials', 'the credentials for the bus are no seed and no .creds file');
}
