import { eldestLink, replay, signLink } from '@palmkey/chain';
import { sha256 } from '../crypto/index.ts';
import { type Actor, boxesFor, type ChainAct, linkDevice, publicOf } from './act.ts';
import { type DeviceFacts, newSaltedFacts, type SaltedFacts } from './device-facts.ts';
import { newPerUserKey, type PerUserKey } from './per-user-key.ts';

/** An account that has begun, and everything that its first member keeps of it. */
export interface BegunAccount extends ChainAct {
  readonly perUserKey: PerUserKey;
  readonly facts: SaltedFacts;
}

/**
 * Begins an account with this device as its first member: the eldest link, generation 1 of the per-user key, and its box
 * for the device itself. Throws `DeviceFactsError` for a name that no device of an account may have.
 */
export async function beginAccount(actor: Actor, deviceFacts: DeviceFacts): Promise<BegunAccount> {
  const { primitives, device, ctime } = actor;
  const facts = newSaltedFacts(primitives, deviceFacts);
  const perUserKey = await newPerUserKey(primitives, 1);
  const { agreementKey, signingKey } = perUserKey;
  const self = publicOf(device);
  const link = eldestLink(ctime, linkDevice(self, facts), { agreementKey, signingKey });
  const links = [await signLink(device.signer, link)];
  const after = await replay({ ...primitives, sha256 }, links, null);
  return { prev: null, links, boxes: await boxesFor(actor, [self], perUserKey), seeds: [], after, perUserKey, facts };
}
