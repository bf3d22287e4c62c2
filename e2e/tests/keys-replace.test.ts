/** A phone is lost: its key goes from real servers, another phone's comes, and whatever cannot be done is said. */
import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, readdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Child } from '../lib/child.ts';
import { GitBench } from '../lib/git.ts';
import { type Daemon, palmkey, palmkeyBin, startPalmkey, startUp } from '../lib/palmkey.ts';
import { pairScriptedPhone, type ScriptedPhone } from '../lib/scripted-phone.ts';
import { quoted, Servers } from '../lib/servers.ts';
import { type Sshd, startSshd } from '../lib/sshd.ts';
import { freePort, tempFolder } from '../lib/temp.ts';

interface Facts {
  readonly servers: readonly { readonly host: string | null; readonly replaced: object | null }[];
  readonly results?: readonly {
    readonly stop: { readonly host: string };
    readonly report: { readonly end: string; readonly removed?: number; readonly by?: string | null } | null;
  }[];
}

const folder = tempFolder();
const names = ['alpha', 'beta', 'gamma', 'delta'] as const;
type Name = (typeof names)[number];
const homeOf = (name: Name) => join(folder.path, `home of ${name}`);
const keysOf = (name: Name) => join(homeOf(name), '.ssh', 'authorized_keys');
const elsewhere = join(folder.path, 'keys-of-delta');
const localKey = join(folder.path, 'local_key');
const strange = `# ssh-ed25519 AAAA a comment\ncommand="echo \\"$(id)\\" 'x'" ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIFstrange`;

let daemon: Daemon;
let home: string;
let lost: ScriptedPhone;
let tablet: ScriptedPhone;
let servers: Servers;
let again: Sshd | undefined;
let local: string;

/** The whole talk, by which ssh config the servers are found. */
const replace = (...args: string[]) => palmkey(home, 'keys', 'replace', '-F', servers.config, ...args);
const facts = (child: Child) => JSON.parse(child.stdout) as Facts;
const ends = (child: Child) =>
  Object.fromEntries((facts(child).results ?? []).map(({ stop, report }) => [stop.host, report?.end ?? null]));
const lines = (name: Name) => readFileSync(keysOf(name), 'utf8');

/** A server reads keys from a home folder of the test's own, and whoever logs in is told that it is theirs. */
function settingsOf(name: Name): string[] {
  return [
    `SetEnv "HOME=${homeOf(name)}"`,
    name === 'delta' ? `AuthorizedKeysFile "${elsewhere}"` : `AuthorizedKeysFile "${keysOf(name)}"`,
  ];
}

beforeAll(async () => {
  home = join(folder.path, 'palmkey');
  daemon = startUp({ home, port: await freePort(), args: ['--no-try', '--no-pair'] });
  await daemon.child.prints(/Ctrl-C stops/);
  lost = await pairScriptedPhone(home, { name: 'Pixel' });
  tablet = await pairScriptedPhone(home, { name: `Tab "2" 'b' $(id)` });
  execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-C', 'local', '-f', localKey]);
  local = readFileSync(`${localKey}.pub`, 'utf8').trim();
  for (const name of names) mkdirSync(join(homeOf(name), '.ssh'), { recursive: true, mode: 0o700 });
  mkdirSync(join(homeOf('alpha'), 'dotfiles'));
  writeFileSync(join(homeOf('alpha'), 'dotfiles', 'keys'), `${strange}\n${lost.keyLine}\n${local}`);
  chmodSync(join(homeOf('alpha'), 'dotfiles', 'keys'), 0o640);
  symlinkSync('../dotfiles/keys', keysOf('alpha'));
  writeFileSync(keysOf('beta'), `${lost.keyLine}\n`);
  writeFileSync(keysOf('gamma'), `from="127.0.0.1",no-pty ${lost.keyLine}\n${local}\n`);
  writeFileSync(elsewhere, `${lost.keyLine}\n${local}\n`);
  servers = await Servers.start(join(folder.path, 'servers'), {
    home,
    keyLines: [],
    servers: Object.fromEntries(names.map((name) => [name, { settings: settingsOf(name) }])),
  });
  const at = readFileSync(servers.config, 'utf8').split('\n').slice(-3);
  servers.write(
    at.filter((line) => line.startsWith('IdentityAgent') || line.startsWith('KnownHostsCommand')),
    [
      'StrictHostKeyChecking accept-new',
      `IdentityFile "${localKey}"`,
      'Host github.com',
      '  HostName 127.0.0.1',
      '  Port 9',
      'Host *',
    ],
  );
  for (const name of names) expect(await servers.start([name, 'true']).ended()).toBe(0);
  const git = new GitBench(join(folder.path, 'git'), home);
  const repository = await git.repository('site');
  await git.ok(repository, 'config', 'user.name', 'Ada');
  await git.ok(repository, 'config', 'user.email', 'ada@example.org');
  await git.ok(repository, 'remote', 'add', 'origin', 'git@github.com:ada/site.git');
  expect((await git.palmkey(repository, 'git', 'setup', '--local', '--key', 'Pixel')).exitCode).toBe(0);
  expect((await git.commit(repository, 'page', '-qm', 'A page')).output).toBe('');
});

afterAll(async () => {
  await servers[Symbol.asyncDispose]();
  await again?.[Symbol.asyncDispose]();
  for (const phone of [lost, tablet]) phone[Symbol.dispose]();
  await daemon[Symbol.asyncDispose]();
  folder[Symbol.dispose]();
});

describe('keys replace', () => {
  test('with every key on a paired phone: nothing is missing', async () => {
    const { exitCode, stderr } = await replace('--dry-run');
    expect([exitCode, stderr]).toEqual([1, expect.stringContaining('no key is missing') as string]);
  });

  test('--dry-run shows keys, servers and git hosts of a phone that was unpaired, and changes nothing', async () => {
    lost.leave();
    expect((await palmkey(home, 'unpair', 'Pixel')).exitCode).toBe(0);
    const there = ['alpha', 'beta', 'gamma'] as const;
    const before = there.map(lines);
    const { exitCode, stdout } = await replace('--dry-run');
    expect(exitCode).toBe(0);
    expect(stdout).toMatch(/goes\s+Pixel was on Pixel\s+SHA256:\S+\s+last used/);
    expect(stdout).toMatch(/comes\s+Tab "2" 'b' \$\(id\)/);
    for (const name of names) expect(stdout).toMatch(new RegExp(`@${name} +last used`));
    expect(stdout).toMatch(/git@github\.com +last used .*https:\/\/github\.com\/settings\/keys/);
    expect(there.map(lines)).toEqual(before);
    expect(readdirSync(join(homeOf('alpha'), 'dotfiles'))).toEqual(['keys']);
  });

  test('asks before it changes anything: without a terminal there is nobody to ask', async () => {
    expect(await replace()).toMatchObject({ exitCode: 2 });
    expect(lines('beta')).toBe(`${lost.keyLine}\n`);
  });

  test('asks in a terminal, and takes no for one', async () => {
    const words = [process.execPath, palmkeyBin, 'keys', 'replace', '-F', servers.config, '--home', home];
    const env = { NO_COLOR: '1', NODE_OPTIONS: undefined };
    await using child = new Child('script', ['-qefc', words.map(quoted).join(' '), '/dev/null'], {
      stdin: 'pipe',
      env,
    });
    // A terminal without a width breaks lines after each character.
    await child.prints(/5\s*p\s*l\s*a\s*c\s*e\s*s[^]*N\s*o/);
    child.write('n');
    expect(await child.ended()).toBe(4);
    expect(child.output).toContain('nothing was changed');
    expect(lines('beta')).toBe(`${lost.keyLine}\n`);
  });

  test('a phone that does not sign with the new key: the old line stays', async () => {
    tablet.decide = () => ({ is: 'reject' });
    const done = await replace('--yes', '--json');
    tablet.decide = () => 'approve';
    expect(ends(done)).toMatchObject({ alpha: 'unconfirmed' });
    expect(lines('alpha')).toBe(`${strange}\n${lost.keyLine}\n${local}\n${tablet.keyLine}\n`);
  });

  test('each server as far as it goes', async () => {
    await servers.get('gamma')[Symbol.asyncDispose]();
    const done = await replace('--yes', '--json');
    expect(done.exitCode).toBe(1);
    expect(ends(done)).toEqual({
      alpha: 'replaced',
      beta: 'no-way-in',
      gamma: 'unreachable',
      delta: 'elsewhere',
      'github.com': 'unreachable',
    });
    expect(lines('alpha')).toBe(`${strange}\n${local}\n${tablet.keyLine}\n`);
    const inside = join(homeOf('alpha'), 'dotfiles', 'keys');
    expect(statSync(inside).mode & 0o777).toBe(0o640);
    expect(readdirSync(join(homeOf('alpha'), '.ssh'))).toEqual(['authorized_keys']);
    expect(readdirSync(join(homeOf('alpha'), 'dotfiles'))).toHaveLength(3);
    expect(lines('beta')).toBe(`${lost.keyLine}\n`);
    // What sshd does not look at was taken out again.
    expect(readdirSync(join(homeOf('delta'), '.ssh'))).toEqual([]);
  });

  test('says what to do in words: the line to paste, the page to open, and how to go on', async () => {
    const { exitCode, stdout, stderr } = await replace('--yes');
    expect(exitCode).toBe(1);
    expect(stdout).toMatch(/@beta +no other key gets in\n/);
    expect(stdout).toMatch(/@gamma +out of reach\n/);
    expect(stdout).toMatch(/@delta +it keeps its keys elsewhere\n/);
    expect(stdout).toMatch(/At https:\/\/github\.com\/settings\/keys: add the new key, delete the old one/);
    expect(stdout).toContain(`\n${tablet.keyLine}\n`);
    expect(stdout).toMatch(/@alpha .* replaced \d/);
    expect(stderr).toContain('4 places are left');
  });

  test('goes on with a server that is there again, and holds the new key to what the old was held to', async () => {
    const { port } = servers.get('gamma');
    again = await startSshd(join(folder.path, 'servers', 'gamma'), { port, settings: settingsOf('gamma') });
    const asked = tablet.asked.length;
    const done = await replace('--yes', '--json');
    expect(ends(done)).toMatchObject({ gamma: 'replaced' });
    expect(Object.keys(ends(done))).not.toContain('alpha');
    expect(lines('gamma')).toBe(`${local}\nfrom="127.0.0.1",no-pty ${tablet.keyLine}\n`);
    expect(tablet.asked.length).toBeGreaterThan(asked);
    expect(
      facts(await replace('--dry-run', '--json')).servers.filter(({ replaced }) => replaced !== null),
    ).toHaveLength(2);
  });

  test('an old key that is known from another place is found out, and the new one gets in all the same', async () => {
    const { port } = servers.get('delta');
    await servers.get('delta')[Symbol.asyncDispose]();
    const settings = [`SetEnv "HOME=${homeOf('delta')}"`, `AuthorizedKeysFile "${keysOf('delta')}" "${elsewhere}"`];
    await using _ = await startSshd(join(folder.path, 'servers', 'delta'), { port, settings });
    writeFileSync(keysOf('delta'), `${lost.keyLine}\n`);
    expect(ends(await replace('--yes', '--json'))).toMatchObject({ delta: 'old-elsewhere' });
    expect(lines('delta')).toBe(`${tablet.keyLine}\n`);
    writeFileSync(elsewhere, `${local}\n`);
    expect(ends(await replace('--yes', '--json'))).toMatchObject({ delta: 'already' });
  });

  test('a server with another host key is left as it is', async () => {
    const { port } = servers.get('beta');
    await servers.get('beta')[Symbol.asyncDispose]();
    writeFileSync(keysOf('beta'), `${lost.keyLine}\n${local}\n`);
    await using other = await startSshd(join(folder.path, 'servers', 'beta'), {
      port,
      settings: settingsOf('beta'),
      freshHostKey: true,
    });
    expect(ends(await replace('--yes', '--json'))).toMatchObject({ beta: 'host-key' });
    expect(other.log()).not.toContain('Accepted');
    expect(lines('beta')).toBe(`${lost.keyLine}\n${local}\n`);
  });

  test('stopped by the person while the phone is asked: says so, and the file works as before', async () => {
    await using _ = await startSshd(join(folder.path, 'servers', 'beta'), {
      port: servers.get('beta').port,
      settings: settingsOf('beta'),
    });
    tablet.decide = () => null;
    const asked = tablet.asked.length;
    await using child = startPalmkey(home, 'keys', 'replace', '-F', servers.config, '--yes');
    await tablet.askedOften(asked + 1);
    child.kill('SIGINT');
    expect(await child.ended()).toBe(4);
    expect(child.stderr).toContain('stopped before all of it was done');
    expect(child.stdout).toMatch(/@beta +/);
    expect(lines('beta')).toBe(`${lost.keyLine}\n${local}\n${tablet.keyLine}\n`);
    tablet.decide = () => 'approve';
    expect(ends(await replace('--yes', '--json'))).toMatchObject({ beta: 'replaced' });
    expect(lines('beta')).toBe(`${local}\n${tablet.keyLine}\n`);
  });
});
