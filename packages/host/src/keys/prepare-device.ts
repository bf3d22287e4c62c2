import type { PublicDevice } from '@palmkey/core/devices';
import { paths } from '../paths.ts';
import { AccountFile } from '../state/account-file.ts';
import { checkLogVersion } from '../state/event-log.ts';
import { openHome } from '../state/open-home.ts';
import { PairingStore } from '../state/pairing-store.ts';
import { privateFolder } from '../state/private-folder.ts';
import { checkReplayVersion } from '../state/replay-log.ts';
import { beginAnew } from './begin-anew.ts';
import { DeviceLock } from './device-lock.ts';

/**
 * The public half of the device keys, which are made on first use: for a relay that is to know this computer before it
 * connects. Also finds what would keep a host from starting, before anything else is started for it.
 * @throws StateError as `readDevice` and {@link PairingStore} do.
 */
export function prepareDevice(home: string, lock: DeviceLock = new DeviceLock({ home })): PublicDevice {
  openHome(home);
  privateFolder(paths(home).host);
  beginAnew(home, lock);
  const device = lock.device();
  const { pairings, account, replay, log } = paths(home);
  new PairingStore(pairings);
  new AccountFile(account);
  checkReplayVersion(replay);
  checkLogVersion(log);
  return device;
}
