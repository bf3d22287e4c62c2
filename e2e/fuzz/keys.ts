/** Keys and randomness that follow from texts, over Node's own cryptography, which is the fastest here. */
import { type KeyAgreement, type Primitives, sha256 } from '@palmkey/core/crypto';
import { type DeviceKeys, deviceKeys } from '@palmkey/core/devices';
import { concat } from '@palmkey/envelope';
import { nodeAgreement, nodePrimitives, nodeSigner } from '../../packages/host/src/keys/node-primitives.ts';

/** 32 bytes. */
export function fixedBytes(text: string): Uint8Array<ArrayBuffer> {
  return sha256(new TextEncoder().encode(text));
}

export function fixedAgreement(text: string): KeyAgreement {
  return nodeAgreement(fixedBytes(text));
}

export function fixedDevice(text: string): DeviceKeys {
  return deviceKeys(nodeSigner(fixedBytes(`${text} signing`)), fixedAgreement(`${text} agreement`));
}

/** Primitives whose n-th draw is always the same; {@link sessionOf} is the first agreement that they generate. */
export function fixedPrimitives(text: string): Primitives {
  let drawn = 0;
  let generated = 0;
  const randomBytes = (length: number): Uint8Array => {
    const blocks: Uint8Array[] = [];
    for (let have = 0; have < length; have += 32) blocks.push(fixedBytes(`${text} ${drawn++}`));
    return concat(...blocks).slice(0, length);
  };
  return {
    ...nodePrimitives,
    randomBytes,
    generateAgreement: () => fixedAgreement(`${text} generated ${generated++}`),
  };
}

/** The first agreement that {@link fixedPrimitives} of this text generates. */
export function sessionOf(text: string): KeyAgreement {
  return fixedAgreement(`${text} generated 0`);
}
