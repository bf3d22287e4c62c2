import { webAgreement, webSigner } from '@palmkey/core/crypto';
import type { DeviceKeys } from '@palmkey/core/devices';
import { deviceKeys } from '@palmkey/core/devices';
import { generateLockable, keyBytes } from './key-bytes.ts';

/** This device as it is kept: one row, id `device`. Both private keys are handles that cannot be exported. */
export interface DeviceRow {
  readonly id: 'device';
  readonly name: string;
  /** Ed25519. */
  readonly signing: CryptoKeyPair;
  /** X25519. */
  readonly agreement: CryptoKeyPair;
  readonly createdAt: number;
}

/** Makes the device's two key pairs (spec/devices.md), neither of them exportable; `lockable`: for a passphrase to lock. */
export async function makeDevice(name: string, createdAt: number, lockable = false): Promise<DeviceRow> {
  if (lockable) {
    return {
      id: 'device',
      name,
      signing: await generateLockable({ name: 'Ed25519' }, ['sign', 'verify']),
      agreement: await generateLockable({ name: 'X25519' }, ['deriveBits']),
      createdAt,
    };
  }
  const signing = await crypto.subtle.generateKey({ name: 'Ed25519' }, false, ['sign', 'verify']);
  // Typed by its family only: an X25519 pair is what an algorithm of two keys returns.
  const agreement = await crypto.subtle.generateKey({ name: 'X25519' }, false, ['deriveBits']);
  if (!('privateKey' in agreement)) throw new TypeError('X25519 made no pair');
  return { id: 'device', name, signing, agreement, createdAt };
}

/** The ports that core uses the device's keys through. */
export async function openDevice(row: DeviceRow): Promise<DeviceKeys> {
  return deviceKeys(await webSigner(row.signing), await webAgreement(row.agreement));
}

/** The handles of a device. */
export function handlesOf({ signing, agreement }: DeviceRow): readonly CryptoKey[] {
  return [signing, agreement].flatMap(({ privateKey, publicKey }) => [privateKey, publicKey]);
}

/** Whether a passphrase locks both private keys of a device. */
export function isLockable({ signing, agreement }: DeviceRow): boolean {
  return [signing, agreement].every(({ privateKey }) => keyBytes(privateKey) !== undefined);
}
