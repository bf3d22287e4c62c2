import type { DeviceName } from '@palmkey/core/devices';
import type { DeviceRow } from '../keyring/device-keyring.ts';
import { makeDevice, openDevice } from '../keyring/device-keyring.ts';
import type { UserKeyRow } from '../keyring/user-key.ts';
import { makeUserKey } from '../keyring/user-key.ts';
import type { Store } from '../store/store.ts';
import { ACCOUNT_TABLES, putMembership } from './account/account-rows.ts';
import { newMembership } from './account/new-membership.ts';
import type { EnginePorts } from './ports.ts';

/** What a first device is made with. */
export interface FirstDeviceDeps {
  readonly ports: Pick<EnginePorts, 'primitives' | 'clock' | 'deviceKind'>;
  readonly store: Store;
  /** Whether the keys are made for a passphrase to lock. */
  readonly isLocking: boolean;
}

/**
 * Makes this device, its first user key and an account of its own, and stores all of it or nothing. Part of the
 * caller's turn. Throws a StoreError.
 */
export async function makeFirstDevice(
  { ports, store, isLocking }: FirstDeviceDeps,
  deviceName: DeviceName,
  keyName: DeviceName,
): Promise<{ readonly device: DeviceRow; readonly key: UserKeyRow }> {
  const now = ports.clock.now();
  const device = await makeDevice(deviceName, now, isLocking);
  const key = await makeUserKey(keyName, now, 'ssh-ed25519', isLocking);
  const begun = await newMembership(ports, await openDevice(device), deviceName);
  await store.transact('write', ['device', 'keys', ...ACCOUNT_TABLES], async (transaction) => {
    await transaction.put('device', device);
    await transaction.put('keys', key);
    await putMembership(transaction, begun);
  });
  return { device, key };
}
