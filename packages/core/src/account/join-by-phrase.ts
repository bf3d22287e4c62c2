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

/** A device that its recovery words let in. */
export interface JoinByPhraseAct extends ChainAct {
  readonly facts: SaltedFacts;
}

/**
 * Adds a new device by the paper key, which is the actor (`paperKeys`): `sibkey`, the new device's own `subkey`, and its
 * box. `names` are those of all devices that are, or were, on the chain. Rejects with `ChainError` (`too-many-devices`)
 * and with `DeviceFactsError`.
 */
export async function joinByPhrase(
  paper: Actor,
  state: ChainState,
  perUserKey: PerUserKey,
  newDevice: DeviceKeys,
  deviceFacts: DeviceFacts,
  names: readonly string[],
): Promise<JoinByPhraseAct> {
  expectLatest(state, perUserKey);
  expectFreeName(deviceFacts.name, names);
  const facts = newSaltedFacts(paper.primitives, deviceFacts);
  const self = publicOf(newDevice);
  const { agreementKey, id, ...device } = linkDevice(self, facts);
  const row = new LinkRow(state, paper.device);
  await row.addConsented(paper, newDevice.signer, { type: 'sibkey', device: { id, ...device } });
  await row.add({ device: newDevice, ctime: paper.ctime }, { type: 'subkey', body: { device: { agreementKey, id } } });
  const done = await row.done(paper.primitives);
  return { ...done, boxes: await boxesFor(paper, [self], perUserKey), seeds: [], facts };
}
