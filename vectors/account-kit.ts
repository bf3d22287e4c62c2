/** The devices of `account.json`, whose keys follow from their names. */
import type { ChainPrimitives } from '@palmkey/chain';
import { sha256, webPrimitives } from '@palmkey/core/crypto';
import { deviceKeys } from '@palmkey/core/devices';
import { parseAgreementPublicKey } from '@palmkey/envelope';
import type { AccountKit, MadeDevice } from '../packages/chain/src/testing/account-maker.ts';
import { deviceIdOf } from '../packages/core/src/devices/device.ts';
import { fixedAgreement, fixedBytes, fixedDevice, fixedSigner } from '../packages/core/src/testing/fixed-keys.ts';

/** Replay's port over the platform's WebCrypto. */
export const accountPrimitives: ChainPrimitives = {
  sha256,
  verify: (publicKey, message, signature) => webPrimitives.verify(publicKey, message, signature),
};

/**
 * Makes each device once. `a/b` is one whose signing key is made of the text a and its agreement key of b; `a/=` has
 * the same 32 bytes for both.
 */
export function accountKit(): AccountKit {
  const made = new Map<string, Promise<MadeDevice>>();
  const device = (name: string): Promise<MadeDevice> => {
    const known = made.get(name) ?? make(name);
    made.set(name, known);
    return known;
  };
  return { sha256, device };
}

async function make(name: string): Promise<MadeDevice> {
  const [signing = '', agreement] = name.split('/');
  if (agreement === undefined) return fixedDevice(name);
  const signer = await fixedSigner(fixedBytes(signing));
  if (agreement !== '=') return deviceKeys(signer, await fixedAgreement(fixedBytes(agreement)));
  const publicKey = parseAgreementPublicKey(signer.publicKey);
  return { id: deviceIdOf(signer.publicKey, publicKey), signer, agreement: { publicKey } };
}
