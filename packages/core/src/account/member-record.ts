import type { ChainState } from '@palmkey/chain';
import {
  ascii,
  concat,
  type DeviceId,
  fromHex,
  MAX_RECORD_BYTES,
  parseDeviceId,
  parseSignature,
  toHex,
} from '@palmkey/envelope';
import { FormatError, OpenError, type Primitives, sign, verifySignature } from '../crypto/index.ts';
import type { DeviceKeys, PublicDevice } from '../devices/index.ts';
import { accountDataGeneration, openAccountData, SEALED_BY_BYTES, sealAccountData } from './account-data.ts';
import type { PerUserKey } from './per-user-key.ts';

/** What one member says to the others; each record of them is written by its own member alone. */
export type MemberRecordKind = 'permissions' | 'endings' | 'history';

/** Whose record it is, and which. */
export interface MemberRecordName {
  readonly kind: MemberRecordKind;
  readonly device: DeviceId;
  /** Of `history`: 0 to {@link HISTORY_CHUNKS} − 1. Of the others: 0. */
  readonly n: number;
}

/** A record's content, and how often its member has written it. */
export interface MemberRecord {
  /** From 1 to 2^53 − 1: of two records of one name the one with the higher counter holds. */
  readonly counter: number;
  /** At most {@link MAX_MEMBER_BODY_BYTES}. */
  readonly body: Uint8Array;
}

/** Whose records are read: an account's chain, as far as that needs it. */
interface RecordWriters extends Pick<ChainState, 'account'> {
  /** A device that is, or was, on the chain. */
  findEver(id: DeviceId): Pick<PublicDevice, 'signingKey'> | undefined;
}

/** How many records the history of one member has. */
export const HISTORY_CHUNKS = 8;

const COUNTER_BYTES = 8;
const LENGTH_BYTES = 2;
const SIGNATURE_BYTES = 64;
/** All records are as long as a record may be, so that their length says nothing. */
const PLAIN_BYTES = MAX_RECORD_BYTES - SEALED_BY_BYTES;
/** The longest body of a record. */
export const MAX_MEMBER_BODY_BYTES = PLAIN_BYTES - COUNTER_BYTES - LENGTH_BYTES - SIGNATURE_BYTES;

/** `permissions/<id>`, `endings/<id>`, `history/<id>/<n>`, the id in hexadecimal. */
export function memberRecordName({ kind, device, n }: MemberRecordName): string {
  return kind === 'history' ? `${kind}/${toHex(device)}/${n}` : `${kind}/${toHex(device)}`;
}

/** Reads a record's name; null for one that is no member's. */
export function parseMemberRecordName(name: string): MemberRecordName | null {
  const match = /^(permissions|endings|history)\/([0-9a-f]{32})(?:\/([0-7]))?$/.exec(name);
  const [, kind, id = '', n] = match ?? [];
  if (kind !== 'permissions' && kind !== 'endings' && kind !== 'history') return null;
  if ((kind === 'history') !== (n !== undefined)) return null;
  return { kind, device: parseDeviceId(fromHex(id)), n: Number(n ?? 0) };
}

/**
 * Signs and encrypts a record of this device's own (spec/account.md, "Records of members"):
 * `u64 counter ‖ u16 length ‖ body ‖ signature (64) ‖ zeros` as account data, 4,096 bytes in all. The signature has the
 * context `account-record`. Throws {@link FormatError} beyond what a record holds.
 */
export async function sealMemberRecord(
  primitives: Primitives,
  { account }: Pick<ChainState, 'account'>,
  key: PerUserKey,
  device: DeviceKeys,
  name: string,
  { counter, body }: MemberRecord,
): Promise<Uint8Array<ArrayBuffer>> {
  if (body.length > MAX_MEMBER_BODY_BYTES) throw new FormatError('more than a record holds');
  const head = headOf(counter, body.length);
  const signature = await sign(device.signer, 'account-record', signedPart(account, name, counter, body));
  const plain = new Uint8Array(PLAIN_BYTES);
  plain.set(concat(head, body, signature));
  return sealAccountData(primitives, account, key, name, plain);
}

/**
 * Opens a member's record, also of one that was revoked, and says under which generation it is. Throws
 * {@link FormatError} for what is no record, and {@link OpenError} for one that does not open, that the member whose name
 * it has did not sign, and whose generation is not among `keys`.
 */
export async function openMemberRecord(
  primitives: Primitives,
  state: RecordWriters,
  keys: readonly PerUserKey[],
  name: string,
  sealed: Uint8Array,
): Promise<MemberRecord & { readonly generation: number }> {
  const generation = accountDataGeneration(sealed);
  const plain = await openAccountData(primitives, state.account, keys, name, sealed);
  const writer = parseMemberRecordName(name)?.device;
  const device = writer && state.findEver(writer);
  if (plain.length !== PLAIN_BYTES || !device) throw new OpenError('does not open');
  const view = new DataView(plain.buffer, plain.byteOffset, plain.byteLength);
  const counter = Number(view.getBigUint64(0));
  const length = view.getUint16(COUNTER_BYTES);
  const bodyEnd = COUNTER_BYTES + LENGTH_BYTES + length;
  const end = bodyEnd + SIGNATURE_BYTES;
  if (!Number.isSafeInteger(counter) || counter === 0 || end > PLAIN_BYTES) throw new OpenError('does not open');
  const body = plain.slice(COUNTER_BYTES + LENGTH_BYTES, bodyEnd);
  const signature = parseSignature(plain.slice(bodyEnd, end));
  const signed = signedPart(state.account, name, counter, body);
  const isTheirs = await verifySignature(primitives, device.signingKey, 'account-record', signed, signature);
  if (!isTheirs || plain.subarray(end).some((byte) => byte !== 0)) throw new OpenError('does not open');
  return { counter, body, generation };
}

function headOf(counter: number, length: number): Uint8Array {
  const head = new Uint8Array(COUNTER_BYTES + LENGTH_BYTES);
  const view = new DataView(head.buffer);
  view.setBigUint64(0, BigInt(counter));
  view.setUint16(COUNTER_BYTES, length);
  return head;
}

function signedPart(account: Uint8Array, name: string, counter: number, body: Uint8Array): Uint8Array {
  return concat(account, Uint8Array.of(name.length), ascii(name), headOf(counter, body.length), body);
}
