import { nkeys } from '@nats-io/transport-node';

type KeyPair = ReturnType<typeof nkeys.createUser>;

/** A NATS that is run by an operator's JWTs, and what it lets one user of one account in for. */
export interface NatsCredentials {
  /** For the server's configuration file. */
  readonly configuration: string;
  /** The text of a `.creds` file. */
  readonly credentials: string;
}

/**
 * A new operator with one account, which has JetStream, and one user in it, as `nsc` makes them (NATS's documentation,
 * "JWT-based authentication"; JWTs of version 2, signed by Ed25519).
 */
export function natsCredentials(): NatsCredentials {
  const [operator, system, account] = [nkeys.createOperator(), nkeys.createAccount(), nkeys.createAccount()];
  const user = nkeys.createUser();
  const unlimited = { subs: -1, data: -1, payload: -1 };
  const ofAccount = { ...unlimited, imports: -1, exports: -1, wildcards: true, conn: -1, leaf: -1 };
  const ofStreams = { mem_storage: -1, disk_storage: -1, streams: -1, consumer: -1 };
  const operatorJwt = signed(operator, operator, { type: 'operator' });
  const systemJwt = signed(operator, system, { type: 'account', limits: ofAccount });
  const accountJwt = signed(operator, account, { type: 'account', limits: { ...ofAccount, ...ofStreams } });
  const userJwt = signed(account, user, { type: 'user', ...unlimited, pub: {}, sub: {} });
  const seed = new TextDecoder().decode(user.getSeed());
  return {
    configuration: [
      `operator: ${operatorJwt}`,
      `system_account: ${system.getPublicKey()}`,
      'resolver: MEMORY',
      `resolver_preload: { ${system.getPublicKey()}: ${systemJwt}, ${account.getPublicKey()}: ${accountJwt} }`,
    ].join('\n'),
    credentials: [
      ...['-----BEGIN NATS USER JWT-----', userJwt, '------END NATS USER JWT------', ''],
      ...['-----BEGIN USER NKEY SEED-----', seed, '------END USER NKEY SEED------', ''],
    ].join('\n'),
  };
}

function signed(issuer: KeyPair, subject: KeyPair, claims: object): string {
  const base64 = (bytes: Uint8Array | string) => Buffer.from(bytes).toString('base64url');
  const body = {
    jti: 'palmkey',
    iat: 1_700_000_000,
    iss: issuer.getPublicKey(),
    sub: subject.getPublicKey(),
    name: 'palmkey',
    nats: { version: 2, ...claims },
  };
  const text = [{ typ: 'JWT', alg: 'ed25519-nkey' }, body].map((part) => base64(JSON.stringify(part))).join('.');
  return `${text}.${base64(issuer.sign(new TextEncoder().encode(text)))}`;
}
