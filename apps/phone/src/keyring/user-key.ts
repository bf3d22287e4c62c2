import { authorizedKeysLine, ed25519Blob, encodeSshSignature, fingerprint } from '@palmkey/core/ssh';
import { PalmkeyError, equal, toHex } from '@palmkey/envelope';
import { CheckedLogin } from './checked-login.ts';

/** A user key as it is kept. The private key is a handle that WebCrypto will use and never give away. */
export interface UserKeyRow {
  /** Hexadecimal, random. */
  readonly id: string;
  readonly name: string;
  /** Ed25519, 32 bytes. */
  readonly publicKey: Uint8Array;
  readonly privateKey: CryptoKey;
  readonly createdAt: number;
}

/** The key cannot be used: `extractable` (it could leave the app), `wrong-key` (the login asks for another key). */
export class UserKeyError extends PalmkeyError {
  override readonly name = 'UserKeyError';
  readonly code: 'extractable' | 'wrong-key';

  constructor(code: 'extractable' | 'wrong-key') {
    super(code === 'extractable' ? 'a user key that could be exported' : 'the login asks for another key');
    this.code = code;
  }
}

/** An SSH key that can do one thing: sign a login that was checked. */
export class UserKey {
  readonly id: string;
  readonly name: string;
  readonly createdAt: number;
  /** SSH public key blob, 51 bytes. */
  readonly blob: Uint8Array;
  /** `SHA256:…` */
  readonly fingerprint: string;
  readonly #privateKey: CryptoKey;

  /** Throws {@link UserKeyError} `extractable` if the kept key is not what this app makes. */
  constructor(row: UserKeyRow) {
    if (row.privateKey.extractable || row.privateKey.usages.join() !== 'sign') throw new UserKeyError('extractable');
    this.id = row.id;
    this.name = row.name;
    this.createdAt = row.createdAt;
    this.blob = ed25519Blob(row.publicKey);
    this.fingerprint = fingerprint(this.blob);
    this.#privateKey = row.privateKey;
  }

  /** The line for a server's authorized_keys, without a newline. */
  get authorizedKeysLine(): string {
    return authorizedKeysLine(this.blob, this.name);
  }

  /**
   * Signs exactly the bytes that were checked. Returns an SSH signature blob (RFC 8709 §6, 83 bytes); throws
   * {@link UserKeyError} `wrong-key` if the login asks for another key, and a TypeError for what is no checked login.
   */
  async sign(login: CheckedLogin): Promise<Uint8Array> {
    const bytes = CheckedLogin.bytesToSign(login);
    if (!equal(login.userauth.key, this.blob)) throw new UserKeyError('wrong-key');
    const signature = await crypto.subtle.sign({ name: 'Ed25519' }, this.#privateKey, bytes);
    return encodeSshSignature('ssh-ed25519', new Uint8Array(signature));
  }
}

/** Makes an Ed25519 key that cannot leave this browser. */
export async function makeUserKey(name: string, createdAt: number): Promise<UserKeyRow> {
  const { privateKey, publicKey } = await crypto.subtle.generateKey({ name: 'Ed25519' }, false, ['sign', 'verify']);
  return {
    id: toHex(crypto.getRandomValues(new Uint8Array(16))),
    name,
    publicKey: new Uint8Array(await crypto.subtle.exportKey('raw', publicKey)),
    privateKey,
    createdAt,
  };
}
