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

/** Randomness that follows from a text, so that what is made of it is the same each time. */
export function fixedRandom(seed: string): (length: number) => Uint8Array<ArrayBuffer> {
  let block = 0;
  return (length) => {
    const blocks: Uint8Array[] = [];
    for (let have = 0; have < length; have += 32) blocks.push(fixedBytes(`${seed} ${block++}`));
    return concat(...blocks).slice(0, length);
  };
}

/** {@link webPrimitives} with {@link fixedRandom}. */
export function fixedPrimitives(seed: string): Primitives {
  const randomBytes = fixedRandom(seed);
  return { ...webPrimitives, randomBytes, generateAgreement: () => fixedAgreement(randomBytes(32)) };
}
