import { ascii, concat, equal } from '@palmkey/envelope';
import * as v from 'valibot';
import { decodeCanonical, encodeCanonical, FormatError, type Primitives, sha256 } from '../crypto/index.ts';
import { isDeviceName } from '../devices/index.ts';
import { DeviceFactsError } from './errors.ts';

/** The kinds of devices that an account has. */
export const deviceKinds = ['phone', 'tablet', 'browser', 'computer', 'paper'] as const;
export type DeviceKind = (typeof deviceKinds)[number];

/** What people know a device by, and the relay does not. */
export interface DeviceFacts {
  readonly kind: DeviceKind;
  /** 3 to 64 characters (spec/account.md, "Facts of a device"). */
  readonly name: string;
}

/** Facts with the salt that hides them in the link. */
export interface SaltedFacts {
  readonly facts: DeviceFacts;
  /** 32 bytes. */
  readonly salt: Uint8Array;
}

const SALT_BYTES = 32;
const MIN_NAME_CHARACTERS = 3;
const MAX_FACTS_BYTES = 512;
/** Letters with their marks and digits, with single separators between them. */
const NAME_FORM = /^(?:[\p{L}\p{N}]\p{M}*)+(?:[ \-_.'](?:[\p{L}\p{N}]\p{M}*)+)*$/u;
/** Letters and marks that nobody sees (UAX #44): with them two names would look the same. */
const UNSEEN = /\p{Default_Ignorable_Code_Point}/u;
const SEPARATORS = /[ \-_.']/g;

const factsSchema = v.strictObject({ kind: v.picklist(deviceKinds), name: v.string() });

/** Whether a device of an account may be called so; which names are taken is {@link takenName}'s to say. */
export function isAccountDeviceName(name: string): boolean {
  const isLong = Array.from(name).length >= MIN_NAME_CHARACTERS;
  return isLong && isDeviceName(name) && NAME_FORM.test(name) && !UNSEEN.test(name);
}

/**
 * The form in which two names are compared: NFKC, case folded, without separators. Up and down again folds what has more
 * than one lower case, as ß and ſ.
 */
export function foldName(name: string): string {
  return name.normalize('NFKC').toLowerCase().toUpperCase().toLowerCase().replace(SEPARATORS, '').normalize('NFKC');
}

/** The name among `names` that is the same to people as `name`, if there is one. */
export function takenName(name: string, names: readonly string[]): string | undefined {
  const folded = foldName(name);
  return names.find((each) => foldName(each) === folded);
}

/** Facts of a new device with a new salt; throws {@link DeviceFactsError} for a name that no device may have. */
export function newSaltedFacts(primitives: Primitives, facts: DeviceFacts): SaltedFacts {
  if (!isAccountDeviceName(facts.name)) throw new DeviceFactsError('bad-account-name');
  return { facts, salt: primitives.randomBytes(SALT_BYTES) };
}

/** The facts hash that a link carries: `SHA-256("palmkey/device-facts/1" ‖ salt ‖ facts)`, 32 bytes. */
export function factsHash({ facts, salt }: SaltedFacts): Uint8Array<ArrayBuffer> {
  return sha256(concat(ascii('palmkey/device-facts/1'), salt, encodeDeviceFacts(facts)));
}

/** The canonical MessagePack of `{kind, name}`. */
export function encodeDeviceFacts({ kind, name }: DeviceFacts): Uint8Array<ArrayBuffer> {
  return encodeCanonical({ kind, name });
}

/**
 * Takes facts and salt as somebody sent them. Throws {@link DeviceFactsError}: `wrong-facts` where they are not of the
 * form or do not give the hash, `bad-account-name` where the name is none that a device may have.
 */
export function parseSaltedFacts(bytes: Uint8Array, salt: Uint8Array, hash: Uint8Array): SaltedFacts {
  let facts: DeviceFacts;
  try {
    if (salt.length !== SALT_BYTES) throw new FormatError('a salt has 32 bytes');
    facts = decodeCanonical(bytes, factsSchema, MAX_FACTS_BYTES);
  } catch (cause) {
    throw new DeviceFactsError('wrong-facts', { cause });
  }
  const salted = { facts, salt };
  if (!equal(factsHash(salted), hash)) throw new DeviceFactsError('wrong-facts');
  if (!isAccountDeviceName(facts.name)) throw new DeviceFactsError('bad-account-name');
  return salted;
}
