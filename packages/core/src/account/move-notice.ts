import { type ChainState, type Head, parseLinkHash, placeOfHead } from '@palmkey/chain';
import {
  type AccountId,
  concat,
  type DeviceId,
  equal,
  parseAccountId,
  parseDeviceId,
  parseSignature,
} from '@palmkey/envelope';
import * as v from 'valibot';
import {
  decodeCanonical,
  encodeCanonical,
  FormatError,
  type Primitives,
  sign,
  verifySignature,
} from '../crypto/index.ts';
import type { DeviceKeys } from '../devices/index.ts';
import { isSafeOrigin } from '../pairing/origin.ts';
import { openAccountData, sealAccountData } from './account-data.ts';
import { MoveError } from './errors.ts';
import type { PerUserKey } from './per-user-key.ts';

/** The longest notice: an origin has at most 255 characters. */
export const MAX_MOVE_NOTICE_BYTES = 512;

const SIGNATURE_BYTES = 64;

/** No account moves so often while a device is away: whoever counts further wants no later word to count. */
const MAX_AHEAD = 1_000;

/** The record in which members tell each other. */
export const MOVE_RECORD = 'move';

const count = v.pipe(v.number(), v.safeInteger(), v.minValue(1));
const bytesOf = (length: number) =>
  v.custom<Uint8Array>((value) => value instanceof Uint8Array && value.length === length);
const schema = v.strictObject({
  account: bytesOf(16),
  by: bytesOf(16),
  head: v.strictObject({ hash: bytesOf(32), seqno: count }),
  n: count,
  relay: v.pipe(v.string(), v.check(isSafeOrigin)),
  v: v.literal(1),
});

/** Where an account has moved (spec/account.md, "Another relay"). */
export interface AccountMove {
  readonly account: AccountId;
  /** The new relay's origin: `https:`, or `http:` on loopback. */
  readonly relay: string;
  /** Counts the account's moves, from 1: one that is not after the last is none. */
  readonly n: number;
  /** Where the chain ended for the member that moved it. */
  readonly head: Head;
  readonly by: DeviceId;
}

/** The notice of a move: canonical MessagePack and the member's signature (64) over it. Throws {@link FormatError}. */
export async function signMove(
  device: DeviceKeys,
  { account, relay, n, head }: Omit<AccountMove, 'by'>,
): Promise<Uint8Array<ArrayBuffer>> {
  const { hash, seqno } = head;
  const map = { account, by: device.id, head: { hash, seqno }, n, relay, v: 1 };
  const signed = encodeCanonical(map);
  const notice = concat(signed, await sign(device.signer, 'account-move', signed));
  parseMove(notice);
  return notice;
}

/** Reads a notice strictly, without judging who says it; throws {@link FormatError}. */
export function parseMove(notice: Uint8Array): AccountMove {
  const { account, by, head, n, relay } = decodeCanonical(signedPart(notice), schema, MAX_MOVE_NOTICE_BYTES);
  return {
    account: parseAccountId(account),
    by: parseDeviceId(by),
    head: { hash: parseLinkHash(head.hash), seqno: head.seqno },
    n,
    relay,
  };
}

/**
 * Judges a notice by the chain that this device follows; `last` is the number of the last move that it knows, 0 for none.
 * Rejects with {@link FormatError} for what is no notice, and {@link MoveError}: `other-account`, `not-a-member` (its
 * signer decides nothing now), `bad-signature`, `not-newer` (an old one, told again), `too-far` (its number bars all
 * later ones) and `forked`.
 */
export async function checkMove(
  primitives: Primitives,
  state: ChainState,
  notice: Uint8Array,
  last: number,
): Promise<AccountMove> {
  const move = parseMove(notice);
  if (!equal(move.account, state.account)) throw new MoveError('other-account');
  const member = state.find(move.by);
  if (member?.kind !== 'member') throw new MoveError('not-a-member');
  const signature = parseSignature(notice.slice(-SIGNATURE_BYTES));
  if (!(await verifySignature(primitives, member.signingKey, 'account-move', signedPart(notice), signature))) {
    throw new MoveError('bad-signature');
  }
  if (move.n <= last) throw new MoveError('not-newer');
  if (move.n > last + MAX_AHEAD) throw new MoveError('too-far');
  if (placeOfHead(state, move.head) === 'forked') throw new MoveError('forked');
  return move;
}

/** Encrypts a notice for the other members, as the account data {@link MOVE_RECORD}. */
export function sealMoveRecord(
  primitives: Primitives,
  { account }: Pick<ChainState, 'account'>,
  key: PerUserKey,
  notice: Uint8Array,
): Promise<Uint8Array<ArrayBuffer>> {
  return sealAccountData(primitives, account, key, MOVE_RECORD, notice);
}

/** Opens such a record to the notice in it, which is still to be judged. Rejects as `openAccountData`. */
export function openMoveRecord(
  primitives: Primitives,
  { account }: Pick<ChainState, 'account'>,
  keys: readonly PerUserKey[],
  sealed: Uint8Array,
): Promise<Uint8Array> {
  return openAccountData(primitives, account, keys, MOVE_RECORD, sealed);
}

function signedPart(notice: Uint8Array): Uint8Array {
  if (notice.length <= SIGNATURE_BYTES || notice.length > MAX_MOVE_NOTICE_BYTES) throw new FormatError('no notice');
  return notice.slice(0, -SIGNATURE_BYTES);
}
