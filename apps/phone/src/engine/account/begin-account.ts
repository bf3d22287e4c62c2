import { type ChainState, eldestLink, parseFactsHash, replay, type SignedLink, signLink } from '@palmkey/chain';
import {
  type DeviceFacts,
  factsHash,
  newPerUserKey,
  newSaltedFacts,
  type PerUserBox,
  type PerUserKey,
  type SaltedFacts,
  sealPerUserBox,
} from '@palmkey/core/account';
import { type Primitives, sha256 } from '@palmkey/core/crypto';
import { type DeviceKeys, publicDevice } from '@palmkey/core/devices';

/** An account of one device, which nobody else knows yet. */
export interface BegunAccount {
  readonly links: readonly SignedLink[];
  readonly state: ChainState;
  readonly facts: SaltedFacts;
  readonly perUserKeys: readonly PerUserKey[];
  /** The per-user key for the device itself. */
  readonly box: PerUserBox;
}

/** Begins an account with this device as its first member: no relay is needed. `now`: ms. */
export async function beginAccount(
  primitives: Primitives,
  device: DeviceKeys,
  facts: DeviceFacts,
  now: number,
): Promise<BegunAccount> {
  const salted = newSaltedFacts(primitives, facts);
  const key = await newPerUserKey(primitives, 1);
  const { id, signingKey, agreementKey } = publicDevice(device.signer.publicKey, device.agreement.publicKey);
  const linkDevice = { agreementKey, facts: parseFactsHash(factsHash(salted)), id, signingKey };
  const link = await signLink(
    device.signer,
    eldestLink(now, linkDevice, { agreementKey: key.agreementKey, signingKey: key.signingKey }),
  );
  const links = [link];
  return {
    links,
    state: await replay({ ...primitives, sha256 }, links, null),
    facts: salted,
    perUserKeys: [key],
    box: await sealPerUserBox(primitives, device, { id, signingKey, agreementKey }, key),
  };
}
