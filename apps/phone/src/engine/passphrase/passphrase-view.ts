import { type DeviceRow, isLockable } from '../../keyring/device-keyring.ts';
import type { UserKey } from '../../keyring/user-key.ts';
import type { PassphraseView } from '../../model/model.ts';
import type { PassphraseDesk } from './passphrase-desk.ts';

/** What the screens know of the passphrase: whether there is one, and what it does not lock. */
export function passphraseView(
  passphrase: PassphraseDesk | null,
  device: DeviceRow | null,
  keys: readonly UserKey[],
): PassphraseView {
  if (passphrase?.isOn !== true) return { is: 'off' };
  const bareKeys = keys.filter((key) => !key.isLockable).map(({ id }) => id);
  const bare = { device: device !== null && !isLockable(device), keys: bareKeys };
  return { is: 'on', generation: passphrase.generation, bare };
}
