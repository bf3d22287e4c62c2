import { randomBytes, scrypt, timingSafeEqual } from 'node:crypto';

interface Held {
  readonly salt: Uint8Array;
  readonly hash: Uint8Array;
}

/** `ssh-add -x` and `-X`: the passphrase is kept only as a salted scrypt hash, and only while locked. */
export class AgentLock {
  #held: Held | null = null;

  get locked(): boolean {
    return this.#held !== null;
  }

  /** False if it is locked already. */
  async lock(passphrase: Uint8Array): Promise<boolean> {
    const salt = randomBytes(16);
    const hash = await hashOf(passphrase, salt);
    if (this.#held !== null) return false;
    this.#held = { salt, hash };
    return true;
  }

  /** False if it is not locked, or not by this passphrase. */
  async unlock(passphrase: Uint8Array): Promise<boolean> {
    const held = this.#held;
    if (held === null) return false;
    const hash = await hashOf(passphrase, held.salt);
    if (this.#held !== held || !timingSafeEqual(hash, held.hash)) return false;
    this.#held = null;
    return true;
  }
}

function hashOf(passphrase: Uint8Array, salt: Uint8Array): Promise<Uint8Array> {
  return new Promise((resolve, reject) => {
    scrypt(passphrase, salt, 32, { N: 2 ** 14, r: 8, p: 1 }, (error, hash) => {
      if (error) reject(error);
      else resolve(hash);
    });
  });
}
