import type { ChainState } from '@palmkey/chain';
import type { DeviceKeys } from '../devices/index.ts';
import {
  type Actor,
  boxesFor,
  type ChainAct,
  expectFreeName,
  expectLatest,
  linkDevice,
  LinkRow,
  publicOf,
} from './act.ts';
import { type DeviceFacts, newSaltedFacts, type SaltedFacts } from './device-facts.ts';
import type { PerUserKey } from './per-user-key.ts';

/** A device that comes in by keys which are at hand. */
export interface JoinByPhraseAct extends ChainAct {
  readonly facts: SaltedFacts;
}

/**
 * Adds a new device by a member whose keys are at hand, which is the actor: the paper key (`paperKeys`), or a device that
 * gives itself new keys. `sibkey`, the new device's own `subkey`, and its box. `names` are those of all devices that are, or were, on the chain. Rejects with `ChainError` (`too-many-devices`)
 * and with `DeviceFactsError`.
 */
export async function joinByPhrase(
  by: Actor,
  state: ChainState,
  perUserKey: PerUserKey,
  newDevice: DeviceKeys,
  deviceFacts: DeviceFacts,
  names: readonly string[],
): Promise<JoinByPhraseAct> {
  expectLatest(state, perUserKey);
  expectFreeName(deviceFacts.name, names);
  const facts = newSaltedFacts(by.primitives, deviceFacts);
  const self = publicOf(newDevice);
  const { agreementKey, id, ...device } = linkDevice(self, facts);
  const row = new LinkRow(state, by.device);
  await row.addConsented(by, newDevice.signer, { type: 'sibkey', device: { id, ...device } });
  await row.add({ device: newDevice, ctime: by.ctime }, { type: 'subkey', body: { device: { agreementKey, id } } });
  const done = await row.done(by.primitives);
  return { ...done, boxes: await boxesFor(by, [self], perUserKey), seeds: [], facts };
}
