/** A device's key file, locked by a passphrase (spec/account.md, "The passphrase"). */
import { concat, equal } from '@palmkey/envelope';
import { BOX_OVERHEAD_BYTES, OpenError, openSecretBox, type Primitives, sealSecretBox } from '../crypto/index.ts';
import type { Scrypt } from '../scrypt/port.ts';
import { PassphraseError } from './errors.ts';
import {
  encodeGeneration,
  keyFileKey,
  parseGeneration,
  PASSPHRASE_SALT_BYTES,
  type PassphraseStream,
  stretchPassphrase,
  wipePassphraseStream,
} from './passphrase-stream.ts';

const VERSION = 1;
const GENERATION_AT = 1;
const SALT_AT = GENERATION_AT + 4;
const BOX_AT = SALT_AT + PASSPHRASE_SALT_BYTES;
const BOX_NONCE_BYTES = 24;

/** A locked key file, taken apart; what is in it is not opened. */
export interface LockedKeyFile {
  /** Of the passphrase that locks it. */
  readonly generation: number;
  /** 16 bytes. */
  readonly salt: Uint8Array;
  /** nonce (24) ‖ tag (16) ‖ ciphertext. */
  readonly boxed: Uint8Array;
}

/** An opened key file, and the stream that opened it, by which it can be locked again. Both are the caller's to wipe. */
export interface UnlockedKeyFile {
  readonly contents: Uint8Array;
  readonly stream: PassphraseStream;
}

/**
 * Locks a key file: `u8 1 ‖ u32 generation ‖ salt (16) ‖ nonce (24) ‖ tag (16) ‖ ciphertext`. The box is bound to no place:
 * of several files under one stream, each says in its contents which it is.
 */
export function lockKeyFile(
  primitives: Pick<Primitives, 'randomBytes'>,
  stream: PassphraseStream,
  contents: Uint8Array,
): Uint8Array<ArrayBuffer> {
  const boxed = sealSecretBox(keyFileKey(stream), primitives.randomBytes(BOX_NONCE_BYTES), contents);
  return concat(Uint8Array.of(VERSION), encodeGeneration(stream.generation), stream.salt, boxed);
}

/** Takes a locked file apart; throws {@link PassphraseError} `unsupported-version` or `bad-format`. */
export function parseLockedKeyFile(locked: Uint8Array): LockedKeyFile {
  const version = locked[0];
  if (version !== undefined && version !== VERSION) throw new PassphraseError('unsupported-version');
  if (locked.length < BOX_AT + BOX_OVERHEAD_BYTES) throw new PassphraseError('bad-format');
  return {
    generation: parseGeneration(locked.subarray(GENERATION_AT, SALT_AT)),
    salt: locked.slice(SALT_AT, BOX_AT),
    boxed: locked.slice(BOX_AT),
  };
}

/**
 * Opens a locked file by its passphrase. Throws {@link PassphraseError}: `wrong-passphrase` where it does not open, also for
 * bytes that were changed, which nobody can tell from it; and what {@link parseLockedKeyFile} throws.
 */
export async function unlockKeyFile(scrypt: Scrypt, passphrase: string, locked: Uint8Array): Promise<UnlockedKeyFile> {
  const { generation, salt } = parseLockedKeyFile(locked);
  const stream = await stretchPassphrase(scrypt, passphrase, generation, salt);
  try {
    return { contents: openKeyFile(stream, locked), stream };
  } catch (error) {
    wipePassphraseStream(stream);
    throw error;
  }
}

/** {@link unlockKeyFile} by a stream that is there already; one of another salt or generation is `wrong-passphrase`. */
export function openKeyFile(stream: PassphraseStream, locked: Uint8Array): Uint8Array {
  const { generation, salt, boxed } = parseLockedKeyFile(locked);
  if (generation !== stream.generation || !equal(salt, stream.salt)) throw new PassphraseError('wrong-passphrase');
  try {
    return openSecretBox(keyFileKey(stream), boxed);
  } catch (cause) {
    if (cause instanceof OpenError) throw new PassphraseError('wrong-passphrase');
    throw cause;
  }
}
