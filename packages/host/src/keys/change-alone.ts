import { holdHome } from '../hold-home.ts';
import { paths } from '../paths.ts';
import { openHome } from '../state/open-home.ts';
import { privateFolder } from '../state/private-folder.ts';
import { discardHalfWritten } from './device-file.ts';
import { DeviceLock, type KeysState } from './device-lock.ts';

/**
 * Whether a passphrase locks the device keys below `home`, which are made on first use.
 * @throws StateError as `readDevice` does.
 */
export function storedKeysState(home: string): KeysState {
  return new DeviceLock({ home }).state();
}

/**
 * {@link DeviceLock.change} where no daemon runs: none can start meanwhile.
 * @throws StateError `already-running` where one does, and what {@link DeviceLock.change} throws.
 */
export async function changePassphraseAlone(home: string, old: string | null, next: string | null): Promise<void> {
  openHome(home);
  privateFolder(paths(home).host);
  const hold = await holdHome(home);
  try {
    await new DeviceLock({ home }).change(old, next);
    discardHalfWritten(home);
  } finally {
    hold.release();
  }
}
