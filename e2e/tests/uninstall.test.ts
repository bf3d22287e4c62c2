/** Uninstall: what was there before Palmkey came is there again, to the byte, and nothing else. */
import { existsSync, mkdirSync, readFileSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { paths } from '@palmkey/host/control';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { TestPhone } from '../../packages/host/src/testing/test-phone.ts';
import type { Child } from '../lib/child.ts';
import { type FakeHome, fakeHome, put } from '../lib/fake-home.ts';
import { freePort, tempFolder } from '../lib/temp.ts';

let home: FakeHome;
beforeEach(() => void (home = fakeHome()));
afterEach(() => home[Symbol.dispose]());

const hosts = 'Host prod\n  HostName 10.0.0.1\n  User deploy\n';

/** What people have in ~/.ssh. */
const kinds: readonly [string, () => void][] = [
  ['no ~/.ssh', () => undefined],
  ['an empty ~/.ssh', () => mkdirSync(join(home.path, '.ssh'), { mode: 0o700 })],
  ['keys and no config', () => put(home.path, '.ssh/known_hosts', 'x ssh-ed25519 AAAA\n', 0o600)],
  ['an empty config', () => put(home.path, '.ssh/config', '', 0o600)],
  ['a config of mode 0600', () => put(home.path, '.ssh/config', hosts, 0o600)],
  ['a config of mode 0644', () => put(home.path, '.ssh/config', hosts, 0o644)],
  ['no newline at the end', () => put(home.path, '.ssh/config', hosts.trimEnd(), 0o600)],
  ['carriage returns', () => put(home.path, '.ssh/config', hosts.replaceAll('\n', '\r\n'), 0o600)],
  ['bytes that are no UTF-8', () => put(home.path, '.ssh/config', `# caf\u00e9\u00ff\n${hosts}`, 0o600)],
  [
    'Includes, and a block for all',
    () => {
      put(home.path, '.ssh/config.d/work.conf', 'Host *.work\n  IdentityAgent none\n', 0o600);
      put(home.path, '.ssh/config', `Include config.d/*.conf\n${hosts}\nHost *\n  IdentityAgent ~/other.sock\n`, 0o600);
    },
  ],
  [
    'a link to a config elsewhere',
    () => {
      put(home.path, 'dotfiles/ssh', hosts, 0o640);
      mkdirSync(join(home.path, '.ssh'), { mode: 0o700 });
      symlinkSync('../dotfiles/ssh', join(home.path, '.ssh/config'));
    },
  ],
  [
    'a ~/.local/state and units of others',
    () => {
      put(home.path, '.local/state/app/state', '1');
      put(home.path, '.config/systemd/user/mine.service', '[Unit]\n');
    },
  ],
];

async function startUp(): Promise<Child> {
  const up = home.start(['up', '--no-pair', '--no-try', '--port', String(await freePort())]);
  await up.prints(/relay http\S+: connected|relay\s+http\S+\s+connected/);
  return up;
}

/** With a daemon that has one phone, which is there. */
async function withPhone(use: (phone: TestPhone) => Promise<void>): Promise<void> {
  const port = await freePort();
  const relay = `http://localhost:${port}`;
  using place = tempFolder();
  await using alone = home.start(['relay', '--no-app', '--port', String(port), '--home', place.path]);
  await alone.prints(/palmkey up --relay/);
  await using up = home.start(['up', '--pair', '--relay', relay]);
  const [url] = await up.prints(/https?:\/\/\S+\/pair#[A-Za-z0-9_-]+/);
  using phone = new TestPhone('Pixel');
  const host = await phone.pair(url, (code) => up.write(`${code}\n`));
  await phone.connect(relay, host, Date.now);
  await phone.say(host, phone.here());
  await up.prints(/phone (Pixel: here|Pixel\s+here)|phone\s+Pixel\s+here/);
  await use(phone);
}

describe('$HOME is what it was before the first use', () => {
  test('nothing of a relay that was killed stays in its folder', async () => {
    await using alone = home.start(['relay', '--no-app', '--port', '0']);
    await alone.prints(/palmkey up --relay/);
    alone.kill('SIGKILL');
    await alone.ended();
    expect((await home.run('uninstall', '--yes')).exitCode).toBe(0);
    expect(existsSync(home.state)).toBe(false);
  });

  test.each(kinds)('%s', async (_, prepare) => {
    prepare();
    const before = home.manifest();
    await using up = await startUp();
    expect((await home.run('setup')).exitCode).toBe(0);
    expect((await home.run('service', 'install')).exitCode).toBe(0);
    expect(readFileSync(join(home.path, '.ssh/config'), 'latin1')).toContain('# palmkey: begin');
    const done = await home.run('uninstall', '--yes');
    expect(done.output).toContain('Palmkey is off this computer.');
    expect(done.exitCode).toBe(0);
    expect(await up.ended()).toBe(0);
    expect(home.manifest()).toEqual(before);
  });

  test('also after setup alone, twice, with its folder at another place', async () => {
    put(home.path, '.ssh/config', hosts, 0o600);
    const before = home.manifest();
    const state = join(home.path, 'a', 'b');
    expect((await home.run('setup', '--home', state)).exitCode).toBe(0);
    expect((await home.run('setup')).exitCode).toBe(0);
    expect((await home.run('uninstall', '--yes')).exitCode).toBe(0);
    expect((await home.run('uninstall', '--yes', '--home', state)).exitCode).toBe(0);
    expect(home.manifest()).toEqual(before);
  });

  test('also after git setup', async () => {
    const before = home.manifest();
    await withPhone(async () => {
      expect((await home.run('git', 'setup')).output).toContain('.gitconfig');
      expect(readFileSync(join(home.path, '.gitconfig'), 'utf8')).toContain('palmkey');
      expect((await home.run('uninstall', '--yes')).exitCode).toBe(0);
    });
    expect(home.manifest()).toEqual(before);
  });

  test('and a second uninstall finds nothing', async () => {
    const before = home.manifest();
    expect((await home.run('uninstall', '--yes')).exitCode).toBe(0);
    expect(home.manifest()).toEqual(before);
  });
});

describe('uninstall', () => {
  test('without a terminal wants --yes, and --dry-run only says what would go', async () => {
    await using _up = await startUp();
    await home.run('setup');
    const before = home.manifest();
    const refused = await home.run('uninstall');
    expect(refused.exitCode).toBe(2);
    expect(refused.stderr).toContain('palmkey: there is nobody here to ask');
    const dry = await home.run('uninstall', '--dry-run');
    expect(dry.exitCode).toBe(0);
    expect(dry.stdout).toMatch(/This takes away:[^]*~\/\.local\/state\/palmkey: \d+ files/);
    expect(home.manifest()).toEqual(before);
  });

  test.each([
    ['n', 4, 'palmkey: nothing was taken away'],
    ['y', 0, 'Palmkey is off this computer.'],
  ])('on a terminal asks, and takes %s for an answer', async (key, exit, words) => {
    const before = home.manifest();
    await home.run('setup');
    const setUp = home.manifest();
    await using asking = home.startInTerminal(['uninstall']);
    await asking.prints(/This takes away[^]*●/);
    asking.write(key);
    expect(await asking.ended()).toBe(exit);
    expect(asking.output).toContain(words);
    expect(home.manifest()).toEqual(key === 'y' ? before : setUp);
  });

  test('tells the phone', async () => {
    await withPhone(async (phone) => {
      const done = await home.run('uninstall', '--yes');
      expect(done.output).toContain('the pairing with Pixel');
      expect(done.output).toContain('Told Pixel that this computer is gone');
      await phone.told('unpair');
    });
    expect(existsSync(home.state)).toBe(false);
  });

  test('of a computer whose keys are locked says that the phone was not told', async () => {
    const before = home.manifest();
    await withPhone(async () => {
      const set = home.start(['passphrase', '--stdin']);
      set.write('four words by chance\n');
      expect(await set.ended()).toBe(0);
      expect((await home.run('lock')).exitCode).toBe(0);
      const done = await home.run('uninstall', '--yes');
      expect([done.exitCode, done.output]).toEqual([0, expect.stringContaining('Pixel could not be told')]);
    });
    expect(home.manifest()).toEqual(before);
  });

  test('leaves the files of others in its folder, and names them; --keep-history keeps the log', async () => {
    await using _up = await startUp();
    put(home.state, 'notes.txt', 'mine', 0o600);
    put(home.state, 'host/mine/deep', 'mine', 0o600);
    const done = await home.run('uninstall', '--yes', '--keep-history');
    for (const name of ['notes.txt', 'host/mine', 'host/log.jsonl'])
      expect(done.output).toContain(`~/.local/state/palmkey/${name} stays`);
    expect(readFileSync(paths(home.state).log, 'utf8')).toContain('"kind":"started"');
    const left = home
      .manifest()
      .filter((line) => line.startsWith('./.local/state/palmkey/') && line.includes(' file '));
    expect(left.map((line) => line.split(' ')[0])).toEqual([
      './.local/state/palmkey/host/log.jsonl',
      './.local/state/palmkey/host/mine/deep',
      './.local/state/palmkey/notes.txt',
    ]);
  });

  test('keeps a copy of the config with something that is nowhere else', async () => {
    put(home.path, '.ssh/config', hosts, 0o600);
    await home.run('setup');
    const config = readFileSync(join(home.path, '.ssh/config'), 'latin1');
    put(home.path, '.ssh/config', `Host later\n${config}`, 0o600);
    const done = await home.run('uninstall', '--yes');
    expect(done.output).toMatch(/~\/\.ssh\/config\.palmkey-backup-\S+ stays: what is in it is nowhere else/);
    expect(readFileSync(join(home.path, '.ssh/config'), 'latin1')).toBe(`Host later\n${hosts}`);
  });
});
