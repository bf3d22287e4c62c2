import { concat, fromBase64Url, fromHex } from '@palmkey/envelope';
import {
  type KeyAgreement,
  type Primitives,
  sha256,
  type Signer,
  webAgreement,
  webPrimitives,
  webSigner,
} from '../crypto/index.ts';
import { type DeviceKeys, deviceKeys } from '../devices/index.ts';

/** RFC 8410: the DER before 32 raw private key bytes. */
const PKCS8 = {
  Ed25519: fromHex('302e020100300506032b657004220420'),
  X25519: fromHex('302e020100300506032b656e04220420'),
};

/** 32 bytes that follow from a text: the seed of one fixed key. */
export function fixedBytes(seed: string): Uint8Array<ArrayBuffer> {
  return sha256(new TextEncoder().encode(seed));
}

/** The signer of a 32-byte RFC 8032 seed. */
export async function fixedSigner(privateBytes: Uint8Array): Promise<Signer> {
  return webSigner(await importPair('Ed25519', privateBytes));
}

/** The agreement of 32 private bytes (RFC 7748). */
export async function fixedAgreement(privateBytes: Uint8Array): Promise<KeyAgreement> {
  return webAgreement(await importPair('X25519', privateBytes));
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

async function importPair(name: 'Ed25519' | 'X25519', privateBytes: Uint8Array): Promise<CryptoKeyPair> {
  const signs = name === 'Ed25519';
  const pkcs8 = concat(PKCS8[name], privateBytes);
  const privateKey = await crypto.subtle.importKey('pkcs8', pkcs8, { name }, true, signs ? ['sign'] : ['deriveBits']);
  const { x = '' } = await crypto.subtle.exportKey('jwk', privateKey);
  const publicKey = await crypto.subtle.importKey('raw', fromBase64Url(x), { name }, true, signs ? ['verify'] : []);
  return { publicKey, privateKey };
}
