/** Logins made by hand: servers that prove what they are told to prove, and the bytes of a login, right or wrong in any one place. */
import { generateKeyPairSync, type KeyObject, randomBytes, sign } from 'node:crypto';
import { ed25519Blob, encodeSshSignature, fingerprint, type SessionBind, SshWriter } from '@palmkey/core/ssh';

/** A server's host key, and what the server signs with it. */
export class ForgedServer {
  /** Public key blob. */
  readonly hostKey: Uint8Array;
  readonly #privateKey: KeyObject;

  constructor() {
    const { publicKey, privateKey } = generateKeyPairSync('ed25519');
    this.hostKey = ed25519Blob(Buffer.from(publicKey.export({ format: 'jwk' }).x ?? '', 'base64url'));
    this.#privateKey = privateKey;
  }

  get fingerprint(): string {
    return fingerprint(this.hostKey);
  }

  /** The proof that a session is this server's. */
  bind(sessionId: Uint8Array, forwarding = false): SessionBind {
    return { hostKey: this.hostKey, sessionId, signature: this.sign(sessionId), forwarding };
  }

  /** A signature blob over anything. */
  sign(data: Uint8Array): Uint8Array {
    return encodeSshSignature('ssh-ed25519', new Uint8Array(sign(null, data, this.#privateKey)));
  }

  /** A host certificate of this key (OpenSSH `PROTOCOL.certkeys`), made by `authority` over what `change` says. */
  certificate(authority: ForgedServer, change: CertificateChange = {}): Uint8Array {
    const { name = 'prod-3.example.org', kind = 2, from = 0n, until = 0xffff_ffff_ffff_ffffn } = change;
    const none = new Uint8Array();
    const signed = new SshWriter()
      .name('ssh-ed25519-cert-v01@openssh.com')
      .string(randomBytes(32))
      .string(this.hostKey.subarray(-32))
      .uint64(1n)
      .uint32(kind)
      .text('forged')
      .string(new SshWriter().text(name).done())
      .uint64(from)
      .uint64(until)
      .string(none)
      .string(none)
      .string(none)
      .string(authority.hostKey)
      .done();
    return new SshWriter()
      .raw(signed)
      .string((change.signer ?? authority).sign(signed))
      .done();
  }
}

export interface CertificateChange {
  readonly name?: string;
  /** 2 for hosts, 1 for users. */
  readonly kind?: number;
  /** Seconds since 1970. */
  readonly from?: bigint;
  readonly until?: bigint;
  /** Who signs in the authority's place. */
  readonly signer?: ForgedServer;
}

/** What the data of a login holds (RFC 4252 §7, OpenSSH `PROTOCOL` §3.1), in its order. */
export interface LoginFields {
  readonly sessionId: Uint8Array;
  /** The user key's blob. */
  readonly key: Uint8Array;
  /** What `publickey-hostbound` names; none for `publickey`. */
  readonly hostKey: Uint8Array | null;
  readonly message?: number;
  readonly user?: string;
  readonly service?: string;
  readonly method?: string;
  readonly hasSignature?: number;
  readonly algorithm?: string;
  readonly trailing?: Uint8Array;
}

/** The bytes that a login's signature is over. */
export function encodeLogin(fields: LoginFields): Uint8Array {
  const { hostKey } = fields;
  const method = hostKey === null ? 'publickey' : 'publickey-hostbound-v00@openssh.com';
  const writer = new SshWriter()
    .string(fields.sessionId)
    .byte(fields.message ?? 50)
    .text(fields.user ?? 'deploy')
    .text(fields.service ?? 'ssh-connection')
    .text(fields.method ?? method)
    .byte(fields.hasSignature ?? 1)
    .text(fields.algorithm ?? 'ssh-ed25519')
    .string(fields.key);
  if (hostKey !== null) writer.string(hostKey);
  return writer.raw(fields.trailing ?? new Uint8Array()).done();
}

/** A session id as OpenSSH's are: a SHA-256. */
export function sessionId(length = 32): Uint8Array {
  return new Uint8Array(randomBytes(length));
}

/** A login to one server by the book. */
export function honestLogin(server: ForgedServer, key: Uint8Array) {
  const id = sessionId();
  return { binds: [server.bind(id)], data: encodeLogin({ sessionId: id, key, hostKey: server.hostKey }) };
}
