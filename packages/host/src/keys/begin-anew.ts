import { rmSync } from 'node:fs';
import { paths } from '../paths.ts';
import { AccountFile } from '../state/account-file.ts';
import { PairingStore } from '../state/pairing-store.ts';
import type { DeviceLock } from './device-lock.ts';

/**
 * Makes new device keys where this computer is out of its account and no phone knows the ones it has: they are never let
 * into that account again, and a relay may know them as removed. Keys that are locked wait until they are open, since
 * nothing could lock the new ones. To be called before they are loaded.
 * @throws StateError as {@link PairingStore}, {@link AccountFile} and `readDevice` do.
 */
export function beginAnew(home: string, lock: DeviceLock): void {
  const { account, pairings } = paths(home);
  if (!new AccountFile(account).isOver || new PairingStore(pairings).list().length > 0) return;
  // In this order: after a crash in between the next start does it once more.
  if (lock.renew()) rmSync(account, { force: true });
}
