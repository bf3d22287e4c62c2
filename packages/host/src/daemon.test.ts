/** A daemon that starts and ends, on a folder that may be another's, broken, or full. */
import { appendFileSync, chmodSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { afterAll, afterEach, beforeEach, describe, expect, test } from 'vitest';
import { ControlClient } from './control/client.ts';
import { startHost } from './start-host.ts';
import { codeOf } from './testing/code-of.ts';
import { DaemonStage, kindsOf, until } from './testing/daemon-stage.ts';

let stage: DaemonStage;
beforeEach(async () => {
  stage = await DaemonStage.open();
}, 30_000);
afterEach(() => stage.close());
afterAll(() => DaemonStage.drained());

function replaceByFolder(path: string): void {
  rmSync(path, { force: true });
  mkdirSync(path);
}

describe('startHost', () => {
  test('starts and stops twice on one folder, and leaves neither lock nor sockets', async () => {
    const first = await stage.start();
    const { id } = first.device;
    expect(first.status()).toMatchObject({ pid: process.pid, device: { name: 'laptop' }, pairing: false, phones: [] });
    await first.close();
    await first.close();
    for (const path of [stage.at.lock, stage.at.agentSocket, stage.at.controlSocket])
      expect(existsSync(path), path).toBe(false);
    const second = await stage.start();
    expect(second.device.id).toEqual(id);
    expect(await kindsOf(await stage.control())).toEqual(['started', 'stopped', 'started']);
  });

  test('refuses a second daemon, also from the same process, and the first goes on', async () => {
    await stage.start();
    expect(await codeOf(startHost(stage.options))).toBe('already-running');
    expect((await (await stage.control()).call('status', {})).pid).toBe(process.pid);
    expect(readFileSync(stage.at.lock, 'utf8')).toBe(String(process.pid));
  });

  test('of two at once one starts', async () => {
    const results = await Promise.allSettled([stage.start(), stage.start()]);
    expect(results.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
  });

  test.each([
    ['bad-permissions', () => chmodSync(stage.at.home, 0o750)],
    ['bad-permissions', () => chmodSync(stage.at.device, 0o640)],
    ['bad-permissions', () => chmodSync(stage.at.run, 0o755)],
    ['state-broken', () => writeFileSync(stage.at.pairings, '{', { mode: 0o600 })],
    ['state-broken', () => writeFileSync(stage.at.replay, Buffer.alloc(48))],
    ['newer-state', () => writeFileSync(stage.at.pairings, '{"v":3}', { mode: 0o600 })],
    ['newer-state', () => writeFileSync(stage.at.keyUses, '{"v":2}', { mode: 0o600 })],
    ['not-a-socket', () => writeFileSync(stage.at.agentSocket, '')],
    ['not-writable', () => mkdirSync(`${stage.at.controlSocket}/full`, { recursive: true })],
    ['not-writable', () => replaceByFolder(stage.at.claims)],
    ['not-writable', () => (stage.disk.full = true)],
  ])('%s: nothing runs after it, and it starts once that is mended', async (code, spoil) => {
    await (await stage.start()).close();
    spoil();
    expect(await codeOf(startHost(stage.options))).toBe(code);
    expect(existsSync(stage.at.lock)).toBe(false);
    await expect(ControlClient.connect(stage.at.controlSocket)).rejects.toMatchObject({ code: 'not-running' });
  });
});

test('calls are answered while the disk is full, and its own log costs nobody anything', async () => {
  await stage.start();
  const client = await stage.control();
  stage.disk.full = true;
  expect(await codeOf(client.call('unpair', { phone: 'x' }))).toBe('no-such-phone');
  expect((await client.call('status', {})).device.name).toBe('laptop');
});

test('where keys were used begins with what the log tells, and forgets nothing by a start', async () => {
  await (await stage.start()).close();
  rmSync(stage.at.keyUses);
  const name = `SHA256:${'a'.repeat(43)}`;
  const login = { at: 5, kind: 'login', outcome: 'approved', user: 'ada', host: 'prod', keyFingerprint: name };
  appendFileSync(stage.at.log, `${JSON.stringify(login)}\n`);
  for (const end of ['first', 'second']) {
    const host = await stage.start();
    const { uses } = await (await stage.control()).call('key-uses', {});
    expect([end, uses]).toEqual([end, [expect.objectContaining({ key: name, user: 'ada', host: 'prod', at: 5 })]]);
    await host.close();
  }
});

test('a watcher hears of changes until it goes', async () => {
  await stage.start();
  const watcher = await stage.control();
  const status = await until(watcher, ({ relays }) => relays[0]?.state === 'connected');
  expect(status.relays).toMatchObject([{ url: stage.relay.url, problem: null }]);
});
