/** Worst cases of starting: twice, after a crash, on a folder that others can open, on broken state, on a taken port. */
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { chmodSync, cpSync, mkdirSync, readdirSync, readFileSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { paths, type StatusFact } from '@palmkey/host/control';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { approve } from '../lib/approve.ts';
import { palmkey, startUp } from '../lib/palmkey.ts';
import { Stage } from '../lib/stage.ts';
import { freePort, tempFolder, type TempFolder } from '../lib/temp.ts';

/** `up` that is expected to end by itself. */
async function upFails(home: string, port: number) {
  const { child } = startUp({ home, port, args: ['--no-try'] });
  const code = await child.ended();
  return { code, words: child.stderr };
}

/** Every file and folder below a path with its mode, and a hash of what is in the files. */
function contents(path: string): string[] {
  const entries = readdirSync(path, { recursive: true, encoding: 'utf8' }).sort();
  return ['.', ...entries].map((name) => {
    const found = statSync(join(path, name));
    const hash = found.isFile()
      ? createHash('sha256')
          .update(readFileSync(join(path, name)))
          .digest('hex')
      : '';
    return `${name} ${(found.mode & 0o777).toString(8)} ${hash}`;
  });
}

describe('a host that is paired', () => {
  let stage: Stage;
  beforeAll(async () => {
    stage = await Stage.open();
  });
  afterAll(() => stage[Symbol.asyncDispose]());

  const status = async () => JSON.parse((await palmkey(stage.home, 'status', '--json')).stdout) as StatusFact;
  async function logIn(): Promise<void> {
    const ssh = stage.login();
    await approve(stage.page);
    expect(await ssh.ended()).toBe(0);
    expect(ssh.output).toContain('Palmkey ▶ approved on Pixel');
  }

  test('refuses a second one on its folder, and goes on', async () => {
    const before = await status();
    const { code, words } = await upFails(stage.home, await freePort());
    expect(code).toBe(1);
    expect(words).toContain(`palmkey: Palmkey already runs on this folder (process ${before.pid})`);
    expect(words).toContain('Another one needs another --home and --port');
    expect(await status()).toMatchObject({ pid: before.pid, phones: [{ name: 'Pixel', reach: 'here' }] });
    await logIn();
  });

  test('starts again after a crash and finds its pairing, over its stale sockets and lock', async () => {
    stage.daemon.child.kill('SIGKILL');
    await stage.daemon.child.ended();
    const at = paths(stage.home);
    for (const left of [at.agentSocket, at.controlSocket, at.lock]) expect(() => statSync(left)).not.toThrow();
    const gone = await palmkey(stage.home, 'status');
    expect(gone.exitCode).toBe(3);
    expect(gone.stderr).toContain('palmkey: it is not running on this computer');

    stage.startHost();
    await stage.daemon.child.prints(/phone Pixel: here|phone\s+Pixel\s+here/);
    await logIn();
    expect(await stage.outcomes()).toEqual(['approved', 'approved']);
    expect(stage.browser.signed()).toBe(2);
  });

  test('starts although its old process id is another program’s by now', async () => {
    stage.daemon.child.kill('SIGKILL');
    await stage.daemon.child.ended();
    const { lock } = paths(stage.home);
    writeFileSync(lock, String(process.pid));
    utimesSync(lock, 0, 0);
    stage.startHost();
    await stage.daemon.child.prints(/phone Pixel: here|phone\s+Pixel\s+here/);
    await logIn();
  });

  test('does not start on a half-written pairings file, and leaves it as it is', async () => {
    await stage.daemon[Symbol.asyncDispose]();
    const { pairings } = paths(stage.home);
    const whole = readFileSync(pairings);
    writeFileSync(pairings, whole.subarray(0, whole.length / 2));
    const before = contents(join(stage.home, 'host'));
    const { code, words } = await upFails(stage.home, stage.port);
    expect(code).toBe(1);
    expect(words).toContain(`palmkey: ${pairings} is damaged`);
    expect(words).toContain('Restore it from a backup, or move it away');
    expect(contents(join(stage.home, 'host'))).toEqual(before);

    writeFileSync(pairings, whole);
    stage.startHost();
    await stage.daemon.child.prints(/phone Pixel: here|phone\s+Pixel\s+here/);
    await logIn();
  });
});

describe('a folder', () => {
  /** A home that was once started on. */
  let made: TempFolder;
  let temp: TempFolder;
  let home: string;
  beforeAll(async () => {
    made = tempFolder();
    await using daemon = startUp({ home: join(made.path, 'home'), port: await freePort(), args: ['--no-try'] });
    await daemon.link();
  });
  afterAll(() => made[Symbol.dispose]());
  beforeEach(() => {
    temp = tempFolder();
    home = join(temp.path, 'home');
    cpSync(join(made.path, 'home'), home, { recursive: true });
  });
  afterEach(() => temp[Symbol.dispose]());

  test.each([
    ['the home folder', 0o755, () => home],
    ['the host’s folder', 0o750, () => paths(home).host],
    ['the device keys', 0o644, () => paths(home).device],
    ['the pairings', 0o660, () => paths(home).pairings],
  ])('with %s open to others is not started on, and not changed', async (_, mode, pathOf) => {
    const path = pathOf();
    if (path === paths(home).pairings) writeFileSync(path, '{"v":1,"pairings":[]}', { mode: 0o600 });
    chmodSync(path, mode);
    const before = contents(home);
    const { code, words } = await upFails(home, await freePort());
    expect(code).toBe(6);
    expect(words).toContain(
      `palmkey: others could open ${path} (mode 0${mode.toString(8)}), so Palmkey does not start`,
    );
    expect(words).toContain(`chmod -R go-rwx ${path}`);
    expect(contents(home)).toEqual(before);
  });

  test('of a newer Palmkey is not started on, and not changed', async () => {
    writeFileSync(paths(home).pairings, '{"v":3,"people":[]}', { mode: 0o600 });
    const before = contents(home);
    const { code, words } = await upFails(home, await freePort());
    expect(code).toBe(1);
    expect(words).toMatch(/palmkey: \S+pairings.json was written by a newer Palmkey/);
    expect(contents(home)).toEqual(before);
  });

  test('is not touched when the port is taken', async () => {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const address = server.address();
    const port = typeof address === 'object' && address !== null ? address.port : 0;
    const { code, words } = await upFails(home, port);
    server.close();
    expect(code).toBe(1);
    expect(words).toContain(`palmkey: port ${port} is taken by another program`);
    expect(words).toContain('Choose another with --port');
  });

  test('whose name is too long for a socket is started on all the same', async () => {
    const deep = join(temp.path, 'x'.repeat(120));
    mkdirSync(deep, { mode: 0o700 });
    await using daemon = startUp({ home: deep, port: await freePort(), args: ['--no-try'] });
    await daemon.link();
    expect((await palmkey(deep, 'status')).exitCode).toBe(0);
  });
});
