import {
  DeviceFactsError,
  factsRecordName,
  importPerUserKeys,
  openFactsRecord,
  parsePerUserBox,
  parsePreviousSeed,
  PerUserKeyError,
  perUserKeysOnChain,
  sealFactsRecord,
} from '@palmkey/core/account';
import { FormatError, OpenError } from '@palmkey/core/crypto';
import type { DeviceKeys } from '@palmkey/core/devices';
import { type AccountRecord, fromHex, parseDeviceId, RelayError, toHex } from '@palmkey/envelope';
import type { FactsRow } from '../../store/schema.ts';
import type { ChainOrders, EnginePorts } from '../ports.ts';
import type { Account } from './account.ts';
import { factsRow } from './account-rows.ts';

/** What members have beside the links is taken over with these. */
export interface MemberDeps {
  readonly ports: Pick<EnginePorts, 'primitives'>;
  readonly device: DeviceKeys;
  readonly account: Account;
}

/** Takes the latest per-user key over, where this device has only older ones. Throws `PerUserKeyError`, and what the relay says. */
export async function importKeys({ ports, device, account }: MemberDeps, chain: ChainOrders): Promise<void> {
  const { state } = account;
  if (account.perUserKey !== undefined) return;
  const answer = await chain.boxes();
  if (answer.box === null) throw new PerUserKeyError('wrong-receiver', state.perUserKey.generation);
  const box = parsePerUserBox(answer.box);
  const seeds = answer.seeds.map(parsePreviousSeed);
  const keys = await importPerUserKeys(ports.primitives, device, perUserKeysOnChain(state), box, seeds);
  await account.change({ perUserKey: { keys, box, seeds } });
}

/**
 * Shares the names that only this device knows, and takes those over that it does not know. A record that does not open,
 * or is not what its device's link promises, is passed over: the device has no name then. Returns whether an active
 * device has none.
 */
export async function exchangeNames(deps: MemberDeps, chain: ChainOrders): Promise<boolean> {
  const { account } = deps;
  const { active, revoked } = account.state;
  const devices = [...active, ...revoked];
  const unknown = devices.filter(({ id }) => account.facts(id) === undefined);
  const unshared = devices.map(({ id }) => account.facts(id)).filter((row) => row?.shared === false);
  if (unknown.length === 0 && unshared.length === 0) return false;
  const records = await chain.records();
  const known: FactsRow[] = [];
  for (const { id } of unknown) {
    const row = await openRow(deps, toHex(id), records);
    if (row !== null) known.push(row);
  }
  for (const row of unshared) if (row && (await share(deps, chain, row, records))) known.push({ ...row, shared: true });
  if (known.length > 0) await account.change({ facts: known });
  return active.some(({ id }) => account.facts(id) === undefined);
}

async function openRow(
  { ports, account }: MemberDeps,
  id: string,
  records: readonly AccountRecord[],
): Promise<FactsRow | null> {
  const device = parseDeviceId(fromHex(id));
  const record = records.find(({ name }) => name === factsRecordName(device));
  if (record === undefined) return null;
  try {
    const { state, perUserKeys } = account;
    return factsRow(device, await openFactsRecord(ports.primitives, state, perUserKeys, device, record.bytes), true);
  } catch (error) {
    if (error instanceof OpenError || error instanceof FormatError || error instanceof DeviceFactsError) return null;
    throw error;
  }
}

/** False while this device has no key that the others have too. */
async function share(
  { ports, account }: MemberDeps,
  chain: ChainOrders,
  { id, kind, name, salt }: FactsRow,
  records: readonly AccountRecord[],
): Promise<boolean> {
  const device = parseDeviceId(fromHex(id));
  const recordName = factsRecordName(device);
  const key = account.perUserKey;
  if (key === undefined) return false;
  if (records.some((record) => record.name === recordName)) return true;
  const bytes = await sealFactsRecord(ports.primitives, account.state, key, device, { facts: { kind, name }, salt });
  try {
    await chain.write({ name: recordName, revision: 0, bytes });
  } catch (error) {
    // It stands there by now.
    if (!(error instanceof RelayError && error.code === 'conflict')) throw error;
  }
  return true;
}
