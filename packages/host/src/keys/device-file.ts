/** This computer's device keys: one file of mode 0600. */
import { randomBytes } from 'node:crypto';
import { rmSync } from 'node:fs';
import { deviceKeys, type DeviceKeys, publicDevice, type PublicDevice } from '@palmkey/core/devices';
import { fromBase64Url, toBase64Url } from '@palmkey/envelope';
import * as v from 'valibot';
import { paths } from '../paths.ts';
import { AccountFile } from '../state/account-file.ts';
import { StateError } from '../state/errors.ts';
import { createJsonFile, readJsonFile } from '../state/json-file.ts';
import { checkLogVersion } from '../state/event-log.ts';
import { openHome } from '../state/open-home.ts';
import { PairingStore } from '../state/pairing-store.ts';
import { privateFolder } from '../state/private-folder.ts';
import { checkReplayVersion } from '../state/replay-log.ts';
import { nodeAgreement, nodeSigner } from './node-primitives.ts';

const version = 1;
const secret = v.pipe(v.string(), v.regex(/^[A-Za-z0-9_-]{43}$/));
const deviceFile = v.strictObject({ v: v.literal(version), signing: secret, agreement: secret });

/**
 * Makes room for new device keys where this computer is out of its account and no phone knows the ones it has: they are
 * never let into that account again, and a relay may know them as removed. To be called before they are loaded.
 * @throws StateError as {@link PairingStore} and {@link AccountFile} do.
 */
export function beginAnew(home: string): void {
  const { device, account, pairings } = paths(home);
  if (!new AccountFile(account).isOver || new PairingStore(pairings).list().length > 0) return;
  // In this order: after a crash in between the next start does the rest.
  rmSync(device, { force: true });
  rmSync(account, { force: true });
}

/**
 * Loads the device keys below `home`, or makes them on first use; of several that do at once, one makes them.
 * @throws StateError when the folder or file is not private, broken, newer than this program, or cannot be written.
 */
export function loadDevice(home: string): DeviceKeys {
  const { device, host } = paths(home);
  openHome(home);
  privateFolder(host);
  let found = readJsonFile(device, version, deviceFile);
  if (found === undefined) {
    createJsonFile(device, { v: version, signing: newSecret(), agreement: newSecret() });
    found = readJsonFile(device, version, deviceFile);
  }
  if (found === undefined) throw new StateError('not-writable', device);
  try {
    return deviceKeys(nodeSigner(fromBase64Url(found.signing)), nodeAgreement(fromBase64Url(found.agreement)));
  } catch (cause) {
    throw new StateError('state-broken', device, null, cause);
  }
}

/**
 * The public half of {@link loadDevice}: for a relay that is to know this computer before it connects. Also finds what
 * would keep a host from starting, before anything else is started for it.
 * @throws StateError as {@link loadDevice} and {@link PairingStore} do.
 */
export function prepareDevice(home: string): PublicDevice {
  openHome(home);
  privateFolder(paths(home).host);
  beginAnew(home);
  const { signer, agreement } = loadDevice(home);
  const { pairings, account, replay, log } = paths(home);
  new PairingStore(pairings);
  new AccountFile(account);
  checkReplayVersion(replay);
  checkLogVersion(log);
  return publicDevice(signer.publicKey, agreement.publicKey);
}

function newSecret(): string {
  return toBase64Url(randomBytes(32));
}
