/** What a passphrase is set, tried and used with: fetched by a page when there is one, or is to be. */
import {
  lockKeyFile,
  newPassphraseStream,
  openKeyFile,
  parseLockedKeyFile,
  PassphraseError,
  passphraseStrength,
  type PassphraseStream,
  unlockKeyFile,
  wipePassphraseStream,
} from '@palmkey/core/account';
import type { Primitives } from '@palmkey/core/crypto';
import type { Scrypt } from '@palmkey/core/scrypt';
import { PalmkeyError } from '@palmkey/envelope';
import { forgetKeyBytes } from '../../keyring/key-bytes.ts';
import { PassphraseRowLock } from '../../store/passphrase-row-lock.ts';
import type { PassphraseRow, TableName } from '../../store/schema.ts';
import type { VaultStore } from '../../store/vault-store.ts';

export { renewDevice } from './renewal.ts';

type Randomness = Pick<Primitives, 'randomBytes'>;

/** A passphrase that is open: its stream, and the lock of the rows by it. */
export interface OpenPassphrase {
  readonly stream: PassphraseStream;
  readonly lock: PassphraseRowLock;
}

/** A passphrase that cannot be set: empty, too short or too long. */
export class UnfitPassphraseError extends PalmkeyError {
  override readonly name = 'UnfitPassphraseError';
  readonly code = 'unfit-passphrase';
}

/** The tables in whose rows keys are. */
const KEY_TABLES: readonly TableName[] = ['device', 'keys', 'joining', 'renewal'];

/** A new passphrase of this generation. Throws {@link UnfitPassphraseError}. */
export async function newPassphrase(
  primitives: Randomness,
  scrypt: Scrypt,
  text: string,
  generation: number,
): Promise<OpenPassphrase> {
  const strength = passphraseStrength(text);
  if (strength !== 'weak' && strength !== 'fair') throw new UnfitPassphraseError(strength);
  return passphraseOf(primitives, await newPassphraseStream(primitives, scrypt, text, generation));
}

/** A passphrase by its stream alone. */
export function passphraseOf(primitives: Randomness, stream: PassphraseStream): OpenPassphrase {
  return { stream, lock: new PassphraseRowLock(primitives, stream) };
}

/** The row that says that all others are locked by this. */
export function passphraseRow(primitives: Randomness, { stream }: OpenPassphrase): PassphraseRow {
  return { id: 'passphrase', check: lockKeyFile(primitives, stream, new Uint8Array()) };
}

/** The generation of the passphrase that a row is of. */
export function generationOf({ check }: PassphraseRow): number {
  return parseLockedKeyFile(check).generation;
}

/** The stream of what was typed; null where it is not the passphrase. */
export async function tryPassphrase(
  scrypt: Scrypt,
  { check }: PassphraseRow,
  text: string,
): Promise<PassphraseStream | null> {
  try {
    return (await unlockKeyFile(scrypt, text, check)).stream;
  } catch (error) {
    if (error instanceof PassphraseError && error.code === 'wrong-passphrase') return null;
    throw error;
  }
}

/** Whether a stream that is there already is of the passphrase that locks the rows. */
export function isStreamOf({ check }: PassphraseRow, stream: PassphraseStream): boolean {
  try {
    openKeyFile(stream, check);
    return true;
  } catch (error) {
    if (error instanceof PassphraseError) return false;
    throw error;
  }
}

/** Opens the rows, and makes the handles of the keys in them. Throws a StoreError. */
export async function openVault(
  primitives: Randomness,
  vault: VaultStore,
  stream: PassphraseStream,
): Promise<OpenPassphrase> {
  const open = passphraseOf(primitives, stream);
  for (const table of KEY_TABLES) await open.lock.learn(await vault.lockedRows(table));
  vault.openWith(open.lock);
  return open;
}

/** A passphrase is of no use any more. `keysToo`: neither are the bytes of the keys that it has locked. */
export function wipePassphrase({ stream, lock }: OpenPassphrase, { keysToo }: { readonly keysToo: boolean }): void {
  wipePassphraseStream(stream);
  if (keysToo) forgetKeyBytes(lock.keys);
}
