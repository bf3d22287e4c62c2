/** Whether the state folder is private, can be written and read, and has room. Writes nothing. */
import { accessSync, constants, existsSync, statfsSync } from 'node:fs';
import { KeyUses } from '../key-uses/key-uses.ts';
import { readDevice } from '../keys/device-file.ts';
import type { Paths } from '../paths.ts';
import { AccountFile } from '../state/account-file.ts';
import { StateError } from '../state/errors.ts';
import { checkLogVersion } from '../state/event-log.ts';
import { madeFor } from '../state/open-home.ts';
import { OutboxFile } from '../state/outbox-file.ts';
import { PairingStore } from '../state/pairing-store.ts';
import { checkPrivate } from '../state/private-folder.ts';
import { checkReplayVersion } from '../state/replay-log.ts';
import { type Finding, finding, type FindingCode } from './finding.ts';

const MiB = 1024 * 1024;
/** Below this a log and a replay log have little room to grow. */
const lowBytes = 64 * MiB;
/** Below this nothing more can be relied on to be written. */
const fullBytes = 2 * MiB;

const codes: Partial<Record<StateError['code'], FindingCode>> = {
  'bad-permissions': 'state-open-to-others',
  'newer-state': 'state-newer',
  'not-writable': 'state-not-writable',
};

export function checkState(paths: Paths): Finding[] {
  const { home } = paths;
  if (!existsSync(home)) return [finding('state', 'state-none', { path: home })];
  const found = [...looks(paths).flatMap((look) => faultsOf(look)), ...writable([home, paths.host]), ...room(home)];
  return found.length > 0 ? found : [finding('state', 'state-fine', { path: home })];
}

/** Each finds one fault at most, and throws it. */
function looks(paths: Paths): (() => unknown)[] {
  const { home, host, run, device, pairings, account, replay, outbox, keyUses, log, claims } = paths;
  return [
    ...[home, host, run].filter((path) => existsSync(path)).map((path) => () => checkPrivate(path, 'folder')),
    ...[replay, log, claims].filter((path) => existsSync(path)).map((path) => () => checkPrivate(path, 'file')),
    () => madeFor(home),
    () => (existsSync(device) ? readDevice(home) : undefined),
    () => new PairingStore(pairings),
    () => new AccountFile(account),
    () => new OutboxFile(outbox),
    () => new KeyUses(keyUses),
    () => checkReplayVersion(replay),
    () => checkLogVersion(log),
  ];
}

function faultsOf(look: () => unknown): Finding[] {
  try {
    look();
    return [];
  } catch (error) {
    if (!(error instanceof StateError)) throw error;
    return [finding('state', codes[error.code] ?? 'state-broken', { path: error.path, found: error.found })];
  }
}

function writable(folders: readonly string[]): Finding[] {
  const not = folders.filter((path) => existsSync(path) && !isWritable(path));
  return not.map((path) => finding('state', 'state-not-writable', { path, found: null }));
}

function isWritable(path: string): boolean {
  try {
    accessSync(path, constants.W_OK | constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

function room(path: string): Finding[] {
  const { bavail, bsize } = statfsSync(path);
  const free = bavail * bsize;
  if (free >= lowBytes) return [];
  return [finding('state', free < fullBytes ? 'disk-full' : 'disk-low', { path, free })];
}
