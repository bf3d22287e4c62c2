import type { ConnectionOptions } from 'node:tls';
/** Where a PostgreSQL is, and how it is to be known, as `pg` takes it. */
export interface PostgresPlace {
    readonly connectionString: string;
    /** False: no TLS. Left out: what `PGSSLMODE` says, else none. */
    readonly ssl?: ConnectionOptions | false;
}
/**
 * Takes out of a `postgres://` URL what it says of TLS, and means by it what PostgreSQL's own programs do
 * (PostgreSQL's documentation, "SSL Support", table 34.1): `disable`; `require`, which looks at the certificate only where
 * there is an `sslrootcert`, and then as `verify-ca`; `verify-ca`, which needs one; `verify-full`, which also wants the
 * certificate to be the host's, and trusts the authorities that Node does where there is no `sslrootcert` or that is
 * `system`. `allow` and `prefer` go on without TLS, and `pg` cannot do that: they are refused. Throws
 * {@link RelayStartError} `bad-store`.
 */
export declare function postgresPlace(url: string): PostgresPlace;
