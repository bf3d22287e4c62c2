import { readFileSync } from 'node:fs';
import type { ConnectionOptions } from 'node:tls';
import { RelayStartError } from '../errors.ts';

/** Where a PostgreSQL is, and how it is to be known, as `pg` takes it. */
export interface PostgresPlace {
  readonly connectionString: string;
  /** False: no TLS. Left out: what `PGSSLMODE` says, else none. */
  readonly ssl?: ConnectionOptions | false;
}

const OURS = ['sslmode', 'sslrootcert', 'sslcert', 'sslkey'] as const;
/** Other ways to say the same to `pg`, which mean less than they seem to. */
const NOT_TAKEN = ['ssl', 'uselibpqcompat'];

/**
 * Takes out of a `postgres://` URL what it says of TLS, and means by it what PostgreSQL's own programs do
 * (PostgreSQL's documentation, "SSL Support", table 34.1): `disable`; `require`, which looks at the certificate only where
 * there is an `sslrootcert`, and then as `verify-ca`; `verify-ca`, which needs one; `verify-full`, which also wants the
 * certificate to be the host's, and trusts the authorities that Node does where there is no `sslrootcert` or that is
 * `system`. `allow` and `prefer` go on without TLS, and `pg` cannot do that: they are refused. Throws
 * {@link RelayStartError} `bad-store`.
 */
export function postgresPlace(url: string): PostgresPlace {
  const [place = '', query] = url.split(/\?([^]*)/);
  const parameters = new URLSearchParams(query);
  if (NOT_TAKEN.some((name) => parameters.has(name))) throw badStore();
  const [mode, root, certificate, key] = OURS.map((name) => parameters.get(name) ?? undefined);
  for (const name of OURS) parameters.delete(name);
  const connectionString = parameters.size === 0 ? place : `${place}?${parameters.toString()}`;
  if (mode === undefined) {
    if (root !== undefined || certificate !== undefined || key !== undefined) throw badStore();
    return { connectionString };
  }
  if (mode === 'disable') return { connectionString, ssl: false };
  if ((certificate === undefined) !== (key === undefined)) throw badStore();
  const own = certificate !== undefined && key !== undefined ? { cert: read(certificate), key: read(key) } : {};
  return { connectionString, ssl: { ...own, ...checks(mode, root) } };
}

function checks(mode: string, root: string | undefined): ConnectionOptions {
  const ca = root === undefined || root === 'system' ? {} : { ca: read(root) };
  switch (mode) {
    case 'require':
      return root === undefined ? { rejectUnauthorized: false } : checks('verify-ca', root);
    case 'verify-ca':
      // An authority of all the world says nothing where the name does not count.
      if (root === undefined || root === 'system') throw badStore();
      return { ...ca, rejectUnauthorized: true, checkServerIdentity: () => undefined };
    case 'verify-full':
      return { ...ca, rejectUnauthorized: true };
    default:
      throw badStore();
  }
}

function read(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    throw badStore(error);
  }
}

function badStore(cause?: unknown): RelayStartError {
  return new RelayStartError('bad-store', 'what the store says of TLS cannot be', cause);
}
