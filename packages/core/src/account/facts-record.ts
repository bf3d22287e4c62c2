import type { ChainState } from '@palmkey/chain';
import { concat, type DeviceId, toHex } from '@palmkey/envelope';
import type { Primitives } from '../crypto/index.ts';
import { openAccountData, sealAccountData } from './account-data.ts';
import { encodeDeviceFacts, parseSaltedFacts, type SaltedFacts } from './device-facts.ts';
import { DeviceFactsError } from './errors.ts';
import type { PerUserKey } from './per-user-key.ts';

const SALT_BYTES = 32;

/** The name of the record in which members keep a device's facts: `facts/<id>`, the id in hexadecimal. */
export function factsRecordName(id: DeviceId): string {
  return `facts/${toHex(id)}`;
}

/** Encrypts a device's facts for the other members: `salt (32) ‖ facts` as account data. */
export function sealFactsRecord(
  primitives: Primitives,
  { account }: Pick<ChainState, 'account'>,
  key: PerUserKey,
  id: DeviceId,
  { facts, salt }: SaltedFacts,
): Promise<Uint8Array<ArrayBuffer>> {
  return sealAccountData(primitives, account, key, factsRecordName(id), concat(salt, encodeDeviceFacts(facts)));
}

/**
 * Opens such a record and checks it against the device's link. Throws as `openAccountData`, and {@link DeviceFactsError}
 * for facts that the link does not promise, of a device that was never on the chain as well.
 */
export async function openFactsRecord(
  primitives: Primitives,
  state: ChainState,
  keys: readonly PerUserKey[],
  id: DeviceId,
  sealed: Uint8Array,
): Promise<SaltedFacts> {
  const device = state.findEver(id);
  if (device === undefined) throw new DeviceFactsError('wrong-facts');
  const record = await openAccountData(primitives, state.account, keys, factsRecordName(id), sealed);
  return parseSaltedFacts(record.slice(SALT_BYTES), record.slice(0, SALT_BYTES), device.facts);
}
