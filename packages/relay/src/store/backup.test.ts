import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { testRelay } from '../testing/test-relay.ts';
import { TestDevice } from '../testing/test-device.ts';
import { backUp, BackupError, checkBackup, manifestPath, restore } from './backup.ts';

let folder: string;
let store: string;
let file: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'palmkey-backup-'));
  store = join(folder, 'relay.sqlite');
  file = join(folder, 'backup');
});
afterEach(() => rmSync(folder, { recursive: true }));

async function codeOf(work: Promise<unknown>): Promise<string> {
  return work.then(
    () => 'none',
    (error: unknown) => (error instanceof BackupError ? error.code : String(error)),
  );
}

test('a backup is taken while the relay runs, and brings back what stood in it', async () => {
  const [kept, later] = [new TestDevice(), new TestDevice()];
  const relay = await testRelay({ store });
  await relay.admit(kept);
  const manifest = await backUp(store, file, 7);
  expect(manifest).toMatchObject({ createdAt: 7, devices: 1 });
  expect(statSync(file).mode & 0o077).toBe(0);
  await relay.admit(later);
  await relay.close();
  const { former } = await restore(file, store, '.former');
  expect(former).toBe(`${store}.former`);
  const again = await testRelay({ store });
  await kept.enter(again.url);
  expect((await (await later.connect(again.url)).next()).type).toBe(5);
  await again.close();
  const before = await testRelay({ store: `${store}.former` });
  await later.enter(before.url);
  await before.close();
});

test('a backup takes no other file’s place, and leaves nothing where it cannot be written', async () => {
  expect(await codeOf(backUp(store, file, 1))).toBe('no-such-store');
  await (await testRelay({ store })).close();
  writeFileSync(file, 'mine');
  expect(await codeOf(backUp(store, file, 1))).toBe('backup-exists');
  expect(readFileSync(file, 'utf8')).toBe('mine');
  expect(await codeOf(backUp(store, join(folder, 'nowhere', 'backup'), 1))).toBe('backup-not-written');
});

test('a backup that is not the one that was written is not restored, and the store stays', async () => {
  await (await testRelay({ store })).close();
  const before = readFileSync(store);
  expect(await codeOf(checkBackup(file))).toBe('no-backup');
  await backUp(store, file, 1);
  const [bytes, manifest] = [readFileSync(file), readFileSync(manifestPath(file), 'utf8')];
  const flipped = Buffer.from(bytes);
  flipped[4000] = (flipped[4000] ?? 0) ^ 1;
  writeFileSync(file, flipped);
  expect(await codeOf(restore(file, store, '.former'))).toBe('backup-damaged');
  writeFileSync(file, bytes.subarray(0, -1));
  expect(await codeOf(restore(file, store, '.former'))).toBe('backup-damaged');
  writeFileSync(file, bytes);
  writeFileSync(manifestPath(file), '{}');
  expect(await codeOf(restore(file, store, '.former'))).toBe('backup-damaged');
  writeFileSync(manifestPath(file), manifest.replace(/"storeVersion": \d+/, '"storeVersion": 999'));
  expect(await codeOf(restore(file, store, '.former'))).toBe('newer-backup');
  expect(readFileSync(store)).toEqual(before);
  const left = readdirSync(folder).filter((name) => !/^relay\.sqlite-(wal|shm)$/.test(name));
  expect(left.sort()).toEqual(['backup', 'backup.json', 'relay.sqlite']);
});
