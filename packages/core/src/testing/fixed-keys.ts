import { concat } from '@palmkey/envelope';
import { type KeyAgreement, type Primitives, sha256, type Signer, webPrimitives } from '../crypto/index.ts';
import { type DeviceKeys, deviceKeys } from '../devices/index.ts';

/** 32 bytes that follow from a text: the seed of one fixed key. */
export function fixedBytes(seed: string): Uint8Array<ArrayBuffer> {
  return sha256(new TextEncoder().encode(seed));
}

/** The signer of a 32-byte RFC 8032 seed. */
export async function fixedSigner(privateBytes: Uint8Array): Promise<Signer> {
  return webPrimitives.signerOf(privateBytes);
}

/** The agreement of 32 private bytes (RFC 7748). */
export async function fixedAgreement(privateBytes: Uint8Array): Promise<KeyAgreement> {
  return webPrimitives.agreementOf(privateBytes);
}

/** A device whose keys follow from a text. */
export async function fixedDevice(seed: string): Promise<DeviceKeys> {
  return deviceKeys(
    await fixedSigner(fixedBytes(`${seed} signing`)),
    await fixedAgreement(fixedBytes(`${seed} agreement`)),
  );
}

/** {@link webPrimitives} whose randomness follows from a text, so that what they make is the same each time. */
export function fixedPrimitives(seed: string): Primitives {
  let block = 0;
  const randomBytes = (length: number): Uint8Array<ArrayBuffer> => {
    const blocks: Uint8Array[] = [];
    for (let have = 0; have < length; have += 32) blocks.push(fixedBytes(`${seed} ${block++}`));
    return concat(...blocks).slice(0, length);
  };
  return { ...webPrimitives, randomBytes, generateAgreement: () => fixedAgreement(randomBytes(32)) };
}
