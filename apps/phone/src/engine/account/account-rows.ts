import { type ChainState, type Head, parseLinkHash, replayPinned, type SignedLink } from '@palmkey/chain';
import {
  encodePerUserBox,
  encodePreviousSeed,
  importPerUserKeys,
  parsePerUserBox,
  parsePreviousSeed,
  type PerUserBox,
  type PerUserKey,
  type PreviousSeed,
  type SaltedFacts,
} from '@palmkey/core/account';
import { type Primitives, sha256 } from '@palmkey/core/crypto';
import type { DeviceKeys } from '@palmkey/core/devices';
import { type DeviceId, parseSignature, toHex } from '@palmkey/envelope';
import type { AccountRow, FactsRow, HeadRow, LinkRow } from '../../store/schema.ts';
import type { Transaction } from '../../store/store.ts';
import { perUserKeysOf } from './per-user-keys.ts';

/** An account's rows, as they were read. */
export interface StoredAccount {
  readonly account: AccountRow;
  /** In order. */
  readonly links: readonly LinkRow[];
  readonly facts: readonly FactsRow[];
}

/** The tables of an account. */
export const ACCOUNT_TABLES = ['account', 'links', 'facts'] as const;

/** Reads the account's rows; null where this device has none yet. */
export async function readAccount(transaction: Transaction): Promise<StoredAccount | null> {
  const account = await transaction.get('account', 'account');
  if (account === undefined) return null;
  return { account, links: await transaction.all('links'), facts: await transaction.all('facts') };
}

/** Writes links behind those that are kept; `first` is the seqno of the first. */
export async function putLinks(transaction: Transaction, links: readonly SignedLink[], first: number): Promise<void> {
  for (const row of linkRows(links, first)) await transaction.put('links', row);
}

/** Links as they are kept; `first` is the seqno of the first. */
export function linkRows(links: readonly SignedLink[], first: number): readonly LinkRow[] {
  return links.map(({ json, signature }, i) => ({ id: linkId(first + i), json, signature }));
}

/** Five digits, so that the order of ids is that of the links. */
function linkId(seqno: number): string {
  return String(seqno).padStart(5, '0');
}

export function headRow({ seqno, hash }: Head): HeadRow {
  return { seqno, hash: new Uint8Array(hash) };
}

export function factsRow(id: DeviceId, { facts, salt }: SaltedFacts, shared: boolean): FactsRow {
  return { id: toHex(id), kind: facts.kind, name: facts.name, salt, shared };
}

/** The form in which a per-user key is kept: it opens with the device's own agreement key alone. */
export function keyRow(box: PerUserBox, seeds: readonly PreviousSeed[]): Pick<AccountRow, 'box' | 'seeds'> {
  return { box: encodePerUserBox(box), seeds: seeds.map(encodePreviousSeed) };
}

/** What an account's rows say, checked anew. */
export interface OpenedAccount {
  readonly state: ChainState;
  readonly links: readonly SignedLink[];
  /** All generations that this device has, the first first. */
  readonly perUserKeys: readonly PerUserKey[];
}

/**
 * Replays what is kept and opens the per-user key with this device's agreement key. Throws `ChainError` where the links
 * do not reach the pin, and `PerUserKeyError`.
 */
export async function openAccount(
  primitives: Primitives,
  device: DeviceKeys,
  { account, links: rows }: StoredAccount,
): Promise<OpenedAccount> {
  const links = rows.map(({ json, signature }) => ({ json, signature: parseSignature(signature) }));
  const { seqno, hash } = account.pin;
  const pin = { seqno, hash: parseLinkHash(hash) };
  const state = await replayPinned({ ...primitives, sha256 }, links, null, pin);
  const box = parsePerUserBox(account.box);
  const seeds = account.seeds.map(parsePreviousSeed);
  const perUserKeys = await importPerUserKeys(primitives, device, perUserKeysOf(state, box.generation), box, seeds);
  return { state, links, perUserKeys };
}
