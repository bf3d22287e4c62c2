import type { DeviceKeys } from '@palmkey/core/devices';
import type { EnginePorts } from '../ports.ts';
import type { Store } from '../../store/store.ts';
import type { Turns } from '../turns.ts';
import { Account } from './account.ts';
import { ACCOUNT_TABLES, putMembership, readAccount, type StoredAccount } from './account-rows.ts';
import { newMembership } from './new-membership.ts';

/** What an account is opened, or begun, with. */
export interface OpenAccountDeps {
  readonly ports: Pick<EnginePorts, 'primitives' | 'clock' | 'fetchLinks' | 'deviceKind'>;
  readonly store: Store;
  readonly turns: Turns;
}

/**
 * This device's account; a device from before there were accounts begins one. Throws as `Account.open`, and a
 * StoreError.
 */
export async function openAccount(deps: OpenAccountDeps, device: DeviceKeys, deviceName: string): Promise<Account> {
  const { ports, store } = deps;
  const stored = await store.transact('read', ACCOUNT_TABLES, readAccount);
  return Account.open({ ports, device, store }, stored ?? (await beginAccount(deps, device, deviceName)));
}

function beginAccount(
  { ports, store, turns }: OpenAccountDeps,
  device: DeviceKeys,
  deviceName: string,
): Promise<StoredAccount> {
  return turns.exclusively(async () => {
    const begun = await newMembership(ports, device, deviceName);
    return store.transact('write', ACCOUNT_TABLES, async (transaction) => {
      const other = await readAccount(transaction);
      return other ?? putMembership(transaction, begun);
    });
  });
}
