/** A relay as its operator sees it: invitations, lists, removal, backup and restore, all by the command line. */
import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { DeviceFact, ListFact } from '@palmkey/relay/control';
import { postgresPrograms, RealPostgres } from '@palmkey/relay/testing/real-postgres';
import { Child } from '../lib/child.ts';
import { palmkeyBin } from '../lib/palmkey.ts';
import { freePort, tempFolder, type TempFolder } from '../lib/temp.ts';

let folder: TempFolder;
let relay: Child;
let port: number;
let url: string;

const env = (home: string) => ({ PALMKEY_HOME: join(folder.path, home), HOME: folder.path, SSH_AUTH_SOCK: undefined });
const start = (home: string, ...args: string[]) =>
  new Child(process.execPath, [palmkeyBin, ...args], { env: env(home) });

/** Runs a command of the relay's operator to its end. */
async function operate(...args: string[]): Promise<{ code: number; said: string; aside: string }> {
  await using command = start('relay', 'relay', ...args);
  const code = await command.ended();
  return { code, said: command.stdout, aside: command.stderr };
}

async function startRelay(): Promise<void> {
  relay = start('relay', 'relay', '--no-app', '--admission', 'members', '--port', String(port), '--drain-time', '1s');
  await relay.prints(/a computer joins with/);
}

beforeEach(async () => {
  folder = tempFolder();
  port = await freePort();
  url = `http://127.0.0.1:${port}`;
  await startRelay();
});
afterEach(async () => {
  await relay[Symbol.asyncDispose]();
  folder[Symbol.dispose]();
});

async function invitation(): Promise<string> {
  const { said } = await operate('invite');
  return /Invitation {2}(\S+)/.exec(said)?.[1] ?? '';
}

const devices = async () => (JSON.parse((await operate('devices', '--json')).said) as ListFact<DeviceFact>).rows;

test('a computer joins by invitation, once, and is sent away at once when it is removed', async () => {
  const code = await invitation();
  const up = ['up', '--service', '--relay', url];
  await using stranger = start('stranger', ...up);
  await stranger.prints(/does not know this computer/);
  await using ada = start('ada', ...up, '--invite', code.toLowerCase().replaceAll('-', ' '));
  await ada.prints(/Joined http/);
  await using bob = start('bob', ...up, '--invite', code);
  expect(await bob.ended()).toBe(1);
  expect(bob.stderr).toContain('does not take that invitation');
  await using mistyped = start('bob', ...up, '--invite', 'XXXXX');
  expect(await mistyped.ended()).toBe(2);
  const [device] = await devices();
  expect(device).toMatchObject({ via: 'invitation', connected: true, blockedAt: null });
  const listed = await operate('devices');
  expect(listed.said).toContain('an invitation');
  expect(listed.said).toMatch(new RegExp(`^${device?.id.slice(0, 8) ?? '-'} `, 'm'));
  expect((await operate('invitations')).said).toBe('No invitation is open.\n');
  const removed = await operate('remove', device?.id.slice(0, 6) ?? '');
  expect(removed.said).toContain('Removed device');
  await ada.prints(/taken back the admission/);
  expect(await devices()).toEqual([]);
});

test('a restart keeps who was let in, and the relay ends on SIGTERM with 0', async () => {
  const code = await invitation();
  await using ada = start('ada', 'up', '--service', '--relay', url, '--invite', code);
  await ada.prints(/Joined http/);
  relay.kill('SIGTERM');
  expect(await relay.ended()).toBe(0);
  expect(existsSync(join(folder.path, 'relay/relay/alone.sqlite.sock'))).toBe(false);
  const offline = await operate('devices');
  expect([offline.code, offline.aside.includes('No relay runs here')]).toEqual([0, true]);
  await startRelay();
  await expect.poll(async () => (await devices())[0]?.connected, { timeout: 60_000 }).toBe(true);
});

test.each(['SIGTERM', 'SIGINT'] as const)(
  'a second %s while the relay drains ends it at once, and loses nobody',
  async (signal) => {
    const code = await invitation();
    await using ada = start('ada', 'up', '--service', '--relay', url, '--invite', code);
    await ada.prints(/Joined http/);
    // A connection that does not answer when it is closed is waited for.
    const lingering = connect(port, '127.0.0.1');
    lingering.on('error', () => undefined);
    const upgrade = ['Upgrade: websocket', 'Connection: Upgrade', 'Sec-WebSocket-Version: 13'];
    const key = `Sec-WebSocket-Key: ${Buffer.alloc(16).toString('base64')}`;
    lingering.write(['GET /v1/socket HTTP/1.1', 'Host: relay', ...upgrade, key, '\r\n'].join('\r\n'));
    await once(lingering, 'data');
    relay.kill(signal);
    await once(lingering, 'data');
    relay.kill(signal);
    expect(await relay.ended()).toBe(1);
    expect(relay.stdout).not.toContain('relay stopped');
    lingering.destroy();
    await startRelay();
    await expect.poll(async () => (await devices())[0]?.connected, { timeout: 60_000 }).toBe(true);
  },
);

test('a backup of a running relay brings back what stood in it, and keeps what it takes the place of', async () => {
  const code = await invitation();
  const backup = join(folder.path, 'backup');
  expect((await operate('backup', backup)).said).toContain(`Wrote ${backup}`);
  expect(statSync(backup).mode & 0o077).toBe(0);
  expect((await operate('restore', backup)).aside).toContain('Stop it first');
  await operate('invite');
  relay.kill('SIGTERM');
  await relay.ended();
  const restored = await operate('restore', backup);
  expect([restored.code, restored.said.includes('Kept the former one as')]).toEqual([0, true]);
  expect(readdirSync(join(folder.path, 'relay/relay')).some((name) => name.includes('.before-'))).toBe(true);
  await startRelay();
  // The invitation that was made before the backup is good, and the one after it is not there.
  expect((await operate('invitations')).said.split('\n').filter(Boolean)).toHaveLength(2);
  await using ada = start('ada', 'up', '--service', '--relay', url, '--invite', code);
  await ada.prints(/Joined http/);
});

test('a second relay on the same store does not start', async () => {
  await using second = start('relay', 'relay', '--no-app', '--port', '0');
  expect(await second.ended()).toBe(1);
  expect(second.stderr).toContain('another relay uses');
});

test('the log holds no code, no grant and no whole id', async () => {
  const code = await invitation();
  await using ada = start('ada', 'up', '--service', '--relay', url, '--invite', code);
  await ada.prints(/Joined http/);
  const [device] = await devices();
  await operate('block', device?.id ?? '');
  const logged = relay.stdout;
  expect(logged).toContain('an operator asks');
  expect(logged).toContain(device?.id.slice(0, 8));
  const keys: unknown = JSON.parse(readFileSync(join(folder.path, 'ada/host/device.json'), 'utf8'));
  const words = Object.values({ ...(keys as object) }).filter((word) => typeof word === 'string' && word.length >= 20);
  expect(words.length).toBeGreaterThan(0);
  for (const secret of [code, code.replaceAll('-', ''), device?.id ?? '-', ...words])
    expect(logged).not.toContain(secret);
});

test.runIf(postgresPrograms !== undefined && existsSync('/usr/bin/pg_dump'))(
  `a store in PostgreSQL is operated with no relay, and backed up by pg_dump${postgresPrograms === undefined ? ' (not run: there is no PostgreSQL here)' : ''}`,
  async () => {
    await using postgres = await RealPostgres.start({ port: await freePort(), settings: ['fsync=off'] });
    // Trust asks for no password; that it is in no command that is shown is what is looked at.
    const store = (await postgres.createDatabase('relay')).replace('palmkey@', 'palmkey:hunter2@');
    const file = join(folder.path, 'store-url');
    writeFileSync(file, `${store}\n`, { mode: 0o600 });
    const config = join(folder.path, 'relay.json');
    writeFileSync(config, JSON.stringify({ storeFile: 'store-url' }));
    const made = await operate('invite', '--config', config);
    expect([made.code, made.aside]).toEqual([0, expect.stringContaining('keeps the connections')]);
    const backup = join(folder.path, 'relay.dump');
    const dumped = await operate('backup', backup, '--config', config);
    expect([dumped.code, readFileSync(backup).subarray(0, 5).toString()]).toEqual([0, 'PGDMP']);
    const restored = await operate('restore', backup, '--config', config);
    expect(restored.code).toBe(2);
    const [, command = ''] = /then: (.*)\n/.exec(restored.aside) ?? [];
    expect(command).toMatch(/^pg_restore --clean/);
    await operate('invite', '--config', config);
    expect(spawnSync('sh', ['-c', command]).status).toBe(0);
    const left = JSON.parse((await operate('invitations', '--config', config, '--json')).said) as ListFact<unknown>;
    expect(left.rows).toHaveLength(1);
    for (const { said, aside } of [made, dumped, restored]) expect(said + aside).not.toContain('hunter2');
  },
);
