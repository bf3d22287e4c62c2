import type { AccountId } from '@palmkey/envelope';
import { ascii, concat } from '@palmkey/envelope';
import { FormatError, hkdfSha256, OpenError, type Primitives } from '../crypto/index.ts';
import type { PerUserKey } from './per-user-key.ts';

const VERSION = 1;
const LABEL = 'palmkey/account-data/1';
const HEAD_BYTES = 1 + 4;
const IV_BYTES = 12;
const TAG_BYTES = 16;
/** What sealing adds to a plaintext. */
export const SEALED_BY_BYTES = HEAD_BYTES + IV_BYTES + TAG_BYTES;

/**
 * Encrypts a record that members keep for each other (spec/account.md, "Account data"): `u8 1 ‖ u32 generation ‖
 * iv (12) ‖ ciphertext ‖ tag (16)`. The record's name is ASCII and bound in, so that one cannot stand for another.
 */
export async function sealAccountData(
  primitives: Primitives,
  account: AccountId,
  key: PerUserKey,
  record: string,
  plaintext: Uint8Array,
): Promise<Uint8Array<ArrayBuffer>> {
  const head = new Uint8Array(HEAD_BYTES);
  head[0] = VERSION;
  new DataView(head.buffer).setUint32(1, key.generation);
  const iv = primitives.randomBytes(IV_BYTES);
  const aad = associatedData(account, head, record);
  return concat(head, iv, await primitives.aesGcmSeal(dataKey(key), iv, plaintext, aad));
}

/** Which generation a record is under; throws {@link FormatError} for what is no record. */
export function accountDataGeneration(sealed: Uint8Array): number {
  if (sealed.length < SEALED_BY_BYTES || sealed[0] !== VERSION) {
    throw new FormatError('no record of account data');
  }
  return new DataView(sealed.buffer, sealed.byteOffset, HEAD_BYTES).getUint32(1);
}

/**
 * Opens a record with the generation that it names, of all that a member has. Throws {@link FormatError} for what is no
 * record and {@link OpenError} for one that does not open under its generation, its account and its name.
 */
export async function openAccountData(
  primitives: Primitives,
  account: AccountId,
  keys: readonly PerUserKey[],
  record: string,
  sealed: Uint8Array,
): Promise<Uint8Array> {
  const generation = accountDataGeneration(sealed);
  const key = keys.find((each) => each.generation === generation);
  if (!key) throw new OpenError('does not open');
  const iv = sealed.subarray(HEAD_BYTES, HEAD_BYTES + IV_BYTES);
  const aad = associatedData(account, sealed.subarray(0, HEAD_BYTES), record);
  return primitives.aesGcmOpen(dataKey(key), iv, sealed.subarray(HEAD_BYTES + IV_BYTES), aad);
}

function dataKey(key: PerUserKey): Uint8Array {
  return hkdfSha256(key.symmetricKey, LABEL, 32);
}

function associatedData(account: AccountId, head: Uint8Array, record: string): Uint8Array {
  return concat(ascii(LABEL), account, head.subarray(1), ascii(record));
}
