import { concat } from '@palmkey/envelope';
import type { Primitives } from '../crypto/index.ts';
import type { Scrypt } from '../scrypt/port.ts';
import { PassphraseError } from './errors.ts';

/** scrypt's N for a passphrase; r 8 and p 1 make it 32 MiB and about a tenth of a second. */
const COST = 2 ** 15;
const GENERATION_BYTES = 4;
/** The bytes of a passphrase's salt. */
export const PASSPHRASE_SALT_BYTES = 16;
const STREAM_BYTES = 128;
const PART_BYTES = 32;
/** The part of the stream that locks key files, counted from 0. */
const KEY_FILE_PART = 2;
/** A stream as it travels: u32 generation ‖ salt (16) ‖ stream (128). */
export const CARRIED_STREAM_BYTES = GENERATION_BYTES + PASSPHRASE_SALT_BYTES + STREAM_BYTES;

/**
 * What a passphrase gives, with all that is needed to get it from the passphrase once more: a device that has it locks
 * its keys without asking for the passphrase, and unlocks them by it later.
 */
export interface PassphraseStream {
  /** Counts from 1, one more with each new passphrase of a device. */
  readonly generation: number;
  /** 16 bytes. */
  readonly salt: Uint8Array;
  /** 128 secret bytes. */
  readonly bytes: Uint8Array;
}

/** The stream of a new passphrase, under a new salt. Whether it may be set `passphraseStrength` says. */
export async function newPassphraseStream(
  primitives: Pick<Primitives, 'randomBytes'>,
  scrypt: Scrypt,
  passphrase: string,
  generation: number,
): Promise<PassphraseStream> {
  return stretchPassphrase(scrypt, passphrase, generation, primitives.randomBytes(PASSPHRASE_SALT_BYTES));
}

/** scrypt of the passphrase as UTF-8 in NFC: N 2^15, r 8, p 1, 128 bytes (spec/account.md, "The passphrase"). */
export async function stretchPassphrase(
  scrypt: Scrypt,
  passphrase: string,
  generation: number,
  salt: Uint8Array,
): Promise<PassphraseStream> {
  const typed = new TextEncoder().encode(passphrase.normalize('NFC'));
  try {
    return { generation, salt, bytes: await scrypt(typed, salt, COST, STREAM_BYTES) };
  } finally {
    typed.fill(0);
  }
}

/** The third of the stream's four parts of 32 bytes: the key under which a device's key file is locked. A view. */
export function keyFileKey(stream: PassphraseStream): Uint8Array {
  return stream.bytes.subarray(KEY_FILE_PART * PART_BYTES, (KEY_FILE_PART + 1) * PART_BYTES);
}

/** Overwrites the stream's secret bytes: it locks and unlocks nothing any more. */
export function wipePassphraseStream(stream: PassphraseStream): void {
  stream.bytes.fill(0);
}

/** A stream's bytes as provisioning carries them, {@link CARRIED_STREAM_BYTES}. They are as secret as the stream. */
export function encodePassphraseStream({ generation, salt, bytes }: PassphraseStream): Uint8Array<ArrayBuffer> {
  return concat(encodeGeneration(generation), salt, bytes);
}

/** Takes carried bytes apart; throws {@link PassphraseError} `bad-format` for another length and generation 0. */
export function parsePassphraseStream(carried: Uint8Array): PassphraseStream {
  if (carried.length !== CARRIED_STREAM_BYTES) throw new PassphraseError('bad-format');
  const salted = GENERATION_BYTES + PASSPHRASE_SALT_BYTES;
  return {
    generation: parseGeneration(carried.subarray(0, GENERATION_BYTES)),
    salt: carried.slice(GENERATION_BYTES, salted),
    bytes: carried.slice(salted),
  };
}

/** A generation as u32. */
export function encodeGeneration(generation: number): Uint8Array {
  const bytes = new Uint8Array(GENERATION_BYTES);
  new DataView(bytes.buffer).setUint32(0, generation);
  return bytes;
}

/** Reads u32; throws {@link PassphraseError} `bad-format` for 0. */
export function parseGeneration(bytes: Uint8Array): number {
  const generation = new DataView(bytes.buffer, bytes.byteOffset, GENERATION_BYTES).getUint32(0);
  if (generation === 0) throw new PassphraseError('bad-format');
  return generation;
}
