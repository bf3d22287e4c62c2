import type { AccountId, Brand, DeviceId, RendezvousId } from '@palmkey/envelope';
import { ascii, parseRendezvousId } from '@palmkey/envelope';
import { hmac } from '@noble/hashes/hmac.js';
import { sha256 } from '@noble/hashes/sha2.js';
import type { BoxKey } from '../crypto/index.ts';
import type { Scrypt } from '../scrypt/port.ts';
import { KexError } from './errors.ts';
import { isCheap, type Kex2Suite } from './words.ts';

/** 32 bytes that name one session of two devices. */
export type SessionId = Brand<Uint8Array, 'SessionId'>;

/** Two devices that share keys, before they have said anything to each other. */
export interface KexSession {
  readonly id: SessionId;
  /** Where at the relay their packets go. */
  readonly rendezvous: RendezvousId;
  readonly self: DeviceId;
  /** Whom the suite has named; null if the first who has the key is the peer. */
  readonly peer: DeviceId | null;
  /** Keys of secretboxes, 32 bytes. */
  readonly writeKey: BoxKey;
  readonly readKey: BoxKey;
  /** The seqno of either side's first packet: what lies in the rendezvous from before is below it, and wakes nobody. */
  readonly firstSeqno: number;
  /** Senders, in hex, whose messages lie in the rendezvous from before and are no packets. */
  readonly passedOver: ReadonlySet<string>;
}

/** A secret that is good for one exchange, whatever becomes of it. */
export class OneUse<Secret> {
  readonly #secret: Secret;
  #used = false;

  constructor(secret: Secret) {
    this.#secret = secret;
  }

  /** The secret, once; after that throws {@link KexError} `secret-used`. */
  take(): Secret {
    if (this.#used) throw new KexError('secret-used');
    this.#used = true;
    return this.#secret;
  }

  /** Whether it had its exchange. */
  get isUsed(): boolean {
    return this.#used;
  }
}

/** Words that are stretched into the key (spec/provisioning.md, "Suites"). */
export interface Kex2Secret {
  readonly suite: Kex2Suite;
  /** In lower case, joined by one space. */
  readonly words: string;
}

const COSTLY = 2 ** 17;
const CHEAP = 2 ** 10;
const EMPTY = new Uint8Array(0);

/** S, 32 bytes: scrypt of the words. Throws {@link KexError} `account-needed` for `kex2-v2` without an account id. */
export async function stretchWords(secret: Kex2Secret, account: AccountId | null, scrypt: Scrypt): Promise<Uint8Array> {
  const password = ascii(secret.words);
  switch (secret.suite) {
    case 'kex2-v1':
      return scrypt(password, EMPTY, isCheap(secret.words) ? CHEAP : COSTLY, 32);
    case 'kex2-v2':
      if (account === null) throw new KexError('account-needed');
      return scrypt(password, account, CHEAP, 32);
  }
}

/** I, 32 bytes: `HMAC-SHA256(S, "kex2-session-identifier")`, which is session id and rendezvous. */
export function kex2SessionId(stretched: Uint8Array): SessionId {
  return hmac(sha256, stretched, ascii('kex2-session-identifier')) as Uint8Array as SessionId;
}

/**
 * The session that a `kex2` secret gives. The first device that has the key is the peer. Throws {@link KexError}
 * `secret-used`, `account-needed`.
 */
export async function kex2Session(
  secret: OneUse<Kex2Secret>,
  account: AccountId | null,
  self: DeviceId,
  scrypt: Scrypt,
): Promise<KexSession> {
  const key = await stretchWords(secret.take(), account, scrypt);
  const id = kex2SessionId(key);
  return {
    id,
    rendezvous: parseRendezvousId(id),
    self,
    peer: null,
    writeKey: key as BoxKey,
    readKey: key as BoxKey,
    firstSeqno: 1,
    passedOver: new Set(),
  };
}
