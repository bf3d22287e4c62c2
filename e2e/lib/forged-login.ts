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
    const signature = encodeSshSignature('ssh-ed25519', new Uint8Array(sign(null, sessionId, this.#privateKey)));
    return { hostKey: this.hostKey, sessionId, signature, forwarding };
  }
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
