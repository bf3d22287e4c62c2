import type { UserKeyAlgorithm } from '@palmkey/core/ssh';
import { authorizedKeysLine, encodeSshSignature, fingerprint, userKeyAlgorithm } from '@palmkey/core/ssh';
import { PalmkeyError, equal, toHex } from '@palmkey/envelope';
import type { KeyType } from '../model/model.ts';
import type { Checked } from './checked.ts';
import { bytesToSign } from './checked.ts';
import { keyBytes } from './key-bytes.ts';
import { generatePair, publicBlob, signingParameters } from './key-types.ts';

/** A user key as it is kept. The private key is a handle that WebCrypto will use and never give away. */
export interface UserKeyRow {
  /** Hexadecimal, random. */
  readonly id: string;
  readonly name: string;
  /** SSH public key blob; its type is the key's. */
  readonly blob: Uint8Array;
  readonly privateKey: CryptoKey;
  readonly createdAt: number;
}

/**
 * The key cannot be used: `extractable` (it could leave the app, or do more than sign, or is of no type of ours),
 * `wrong-key` (the request asks for another key).
 */
export class UserKeyError extends PalmkeyError {
  override readonly name = 'UserKeyError';
  readonly code: 'extractable' | 'wrong-key';

  constructor(code: 'extractable' | 'wrong-key') {
    super(code === 'extractable' ? 'a user key that could be exported' : 'the request asks for another key');
    this.code = code;
  }
}

/** An SSH key that can do one thing: sign what was checked. */
export class UserKey {
  readonly id: string;
  readonly name: string;
  readonly createdAt: number;
  /** SSH public key blob. */
  readonly blob: Uint8Array;
  /** `SHA256:…` */
  readonly fingerprint: string;
  readonly type: KeyType;
  readonly #algorithm: UserKeyAlgorithm;
  readonly #privateKey: CryptoKey;

  /** Throws {@link UserKeyError} `extractable` if the kept key is not what this app makes. */
  constructor(row: UserKeyRow) {
    const algorithm = userKeyAlgorithm(row.blob);
    const { privateKey } = row;
    const fits = algorithm !== null && signingParameters(algorithm).name === privateKey.algorithm.name;
    if (privateKey.extractable || privateKey.usages.join() !== 'sign' || !fits) throw new UserKeyError('extractable');
    this.id = row.id;
    this.name = row.name;
    this.createdAt = row.createdAt;
    this.blob = row.blob;
    this.fingerprint = fingerprint(this.blob);
    this.type = algorithm === 'rsa-sha2-512' ? 'ssh-rsa' : algorithm;
    this.#algorithm = algorithm;
    this.#privateKey = privateKey;
  }

  /** The line for a server's authorized_keys, without a newline. */
  get authorizedKeysLine(): string {
    return authorizedKeysLine(this.blob, this.name);
  }

  /** Whether a passphrase locks it. */
  get isLockable(): boolean {
    return keyBytes(this.#privateKey) !== undefined;
  }

  /**
   * Signs exactly the bytes that were checked. Returns an SSH signature blob (RFC 8709 §6, RFC 5656 §3.1.2, RFC 8332
   * §3); throws {@link UserKeyError} `wrong-key` if another key is asked for, and a TypeError for what was not checked.
   */
  async sign(checked: Checked): Promise<Uint8Array> {
    const { key, bytes } = bytesToSign(checked);
    if (!equal(key, this.blob)) throw new UserKeyError('wrong-key');
    const signature = await crypto.subtle.sign(signingParameters(this.#algorithm), this.#privateKey, bytes);
    return encodeSshSignature(this.#algorithm, new Uint8Array(signature));
  }
}

/**
 * Makes a key of a type that cannot leave this browser; RSA, of 4,096 bits, takes some seconds. `lockable`: for a passphrase
 * to lock.
 */
export async function makeUserKey(
  name: string,
  createdAt: number,
  type: KeyType = 'ssh-ed25519',
  lockable = false,
): Promise<UserKeyRow> {
  const { privateKey, publicKey } = await generatePair(type, lockable);
  const blob = await publicBlob(type, publicKey);
  return { id: toHex(crypto.getRandomValues(new Uint8Array(16))), name, blob, privateKey, createdAt };
}
