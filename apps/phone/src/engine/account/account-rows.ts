import { type Head, parseLinkHash, type SignedLink } from '@palmkey/chain';
import {
  type ChainNote,
  encodePerUserBox,
  encodePreviousSeed,
  type PerUserBox,
  type PreviousSeed,
  type SaltedFacts,
  type SavedChain,
} from '@palmkey/core/account';
import { type DeviceId, parseSignature, toHex } from '@palmkey/envelope';
import type { AccountRow, FactsRow, HeadRow, LinkRow } from '../../store/schema.ts';
import type { Transaction } from '../../store/store.ts';

/** An account's rows, as they were read. */
export interface StoredAccount {
  readonly account: AccountRow;
  /** In order. */
  readonly links: readonly LinkRow[];
  readonly facts: readonly FactsRow[];
}

/** What a device has to keep to be a member. */
export interface NewMembership extends Pick<AccountRow, 'account' | 'pin' | 'relay' | 'box' | 'seeds'> {
  /** The whole chain, the links that make this device a member among them. */
  readonly links: readonly SignedLink[];
  /** This device's own. */
  readonly facts: FactsRow;
}

/** The tables of an account. */
export const ACCOUNT_TABLES = ['account', 'links', 'facts'] as const;

/** Reads the account's rows; null where this device has none yet. */
export async function readAccount(transaction: Transaction): Promise<StoredAccount | null> {
  const account = await transaction.get('account', 'account');
  if (account === undefined) return null;
  return { account, links: await transaction.all('links'), facts: await transaction.all('facts') };
}

/** Writes what makes this device a member, as part of a write transaction over {@link ACCOUNT_TABLES}. */
export async function putMembership(
  transaction: Transaction,
  { links, facts, ...member }: NewMembership,
): Promise<StoredAccount> {
  const account: AccountRow = {
    id: 'account',
    revision: 1,
    signed: null,
    pending: null,
    left: [],
    ending: [],
    applied: 0,
    ...member,
  };
  const rows = linkRows(links, 1);
  for (const link of rows) await transaction.put('links', link);
  await transaction.put('facts', facts);
  await transaction.put('account', account);
  return { account, links: rows, facts: [facts] };
}

/** Links as they are kept; `first` is the seqno of the first. */
export function linkRows(links: readonly SignedLink[], first: number): readonly LinkRow[] {
  return links.map(({ json, signature }, i) => ({ id: linkId(first + i), json, signature }));
}

/** Five digits, so that the order of ids is that of the links. */
function linkId(seqno: number): string {
  return String(seqno).padStart(5, '0');
}

/** Links as they were signed. */
export function linksOf(rows: readonly LinkRow[]): readonly SignedLink[] {
  return rows.map(({ json, signature }) => ({ json, signature: parseSignature(signature) }));
}

/** The chain as a follower goes on from it. */
export function savedChain({ account, links }: StoredAccount): SavedChain {
  const { pin, signed } = account;
  return {
    links: linksOf(links),
    pin: pin && { seqno: pin.seqno, hash: parseLinkHash(pin.hash) },
    signed: signed && { ...signed, prev: parseLinkHash(signed.prev) },
  };
}

/** A follower's note as it is kept. */
export function noteRow({ pin, signed }: ChainNote): Pick<AccountRow, 'pin' | 'signed'> {
  return {
    pin: pin && headRow(pin),
    signed: signed && { seqno: signed.seqno, prev: new Uint8Array(signed.prev), endsAt: signed.endsAt },
  };
}

/** A head as it is kept. */
export function headRow({ seqno, hash }: Head): HeadRow {
  return { seqno, hash: new Uint8Array(hash) };
}

/** What people know a device by, as it is kept. */
export function factsRow(id: DeviceId, { facts, salt }: SaltedFacts, shared: boolean): FactsRow {
  return { id: toHex(id), kind: facts.kind, name: facts.name, salt, shared };
}

/** The form in which a per-user key is kept: it opens with the device's own agreement key alone. */
export function keyRow(box: PerUserBox, seeds: readonly PreviousSeed[]): Pick<AccountRow, 'box' | 'seeds'> {
  return { box: encodePerUserBox(box), seeds: seeds.map(encodePreviousSeed) };
}
