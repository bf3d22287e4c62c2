/** Several phones of one computer, and phones of other versions: who is asked, who decides, what ssh and git hear of it. */
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { StatusFact } from '@palmkey/host/control';
import { GitBench } from '../lib/git.ts';
import { type Daemon, palmkey, startUp } from '../lib/palmkey.ts';
import { pairScriptedPhone, type ScriptedPhone } from '../lib/scripted-phone.ts';
import { sshClient } from '../lib/ssh.ts';
import { type Sshd, startSshd } from '../lib/sshd.ts';
import { freePort, tempFolder } from '../lib/temp.ts';

const folder = tempFolder();
let sshd: Sshd;
beforeAll(async () => {
  sshd = await startSshd(join(folder.path, 'sshd'));
});
afterAll(async () => {
  await sshd[Symbol.asyncDispose]();
  folder[Symbol.dispose]();
});

let number = 0;
/** A computer of its own, with its phones. */
async function computer() {
  const home = join(folder.path, `home${(number += 1)}`);
  const daemon: Daemon = startUp({ home, port: await freePort(), args: ['--no-try', '--no-pair'] });
  await daemon.child.prints(/Ctrl-C stops/);
  const ssh = sshClient(folder.path, home, sshd);
  const status = async () => JSON.parse((await palmkey(home, 'status', '--json')).stdout) as StatusFact;
  return { home, daemon, ssh, status };
}

describe('two phones with a key each', () => {
  let at: Awaited<ReturnType<typeof computer>>;
  let pixel: ScriptedPhone;
  let tablet: ScriptedPhone;
  beforeAll(async () => {
    at = await computer();
    pixel = await pairScriptedPhone(at.home, { name: 'Pixel' });
    tablet = await pairScriptedPhone(at.home, { name: 'Tablet' });
    sshd.authorize([pixel.keyLine, tablet.keyLine]);
  });
  afterAll(async () => {
    for (const phone of [pixel, tablet]) phone[Symbol.dispose]();
    await at.daemon[Symbol.asyncDispose]();
  });
  afterEach(() => {
    pixel.decide = tablet.decide = () => 'approve';
  });
  /** Of what a phone was asked, whose key it is about. */
  const holds = (phone: ScriptedPhone, request: { readonly kind: string; readonly key?: Uint8Array }) =>
    request.key !== undefined && phone.keyLine.includes(Buffer.from(request.key).toString('base64'));
  const keyed = (phone: ScriptedPhone) => (request: Parameters<ScriptedPhone['decide']>[0]) => holds(phone, request);

  test('each sees a login; the one with the key approves, and the other hears of it', async () => {
    pixel.decide = (request) => (keyed(pixel)(request) ? 'approve' : null);
    tablet.decide = (request) => (keyed(tablet)(request) ? 'approve' : null);
    const before = [pixel.outcomes.length, tablet.outcomes.length];
    const ssh = at.ssh.start('echo', 'in');
    expect(await ssh.ended()).toBe(0);
    await pixel.settledOften((before[0] ?? 0) + 1);
    await tablet.settledOften((before[1] ?? 0) + 1);
    expect([pixel.outcomes.at(-1), tablet.outcomes.at(-1)]).toEqual(['approved', 'approved']);
  });

  test('a pass leads to the key of the other phone', async () => {
    const firsts: string[] = [];
    pixel.decide = tablet.decide = () => null;
    const decide = (self: ScriptedPhone) => (request: Parameters<ScriptedPhone['decide']>[0]) => {
      if (!keyed(self)(request)) return null;
      firsts.push(self.name);
      return firsts.length === 1 ? ({ is: 'pass' } as const) : 'approve';
    };
    pixel.decide = decide(pixel);
    tablet.decide = decide(tablet);
    const ssh = at.ssh.startInTerminal('echo', 'by-the-other');
    expect(await ssh.ended()).toBe(0);
    expect(ssh.output).toContain('by-the-other');
    expect(ssh.output).toMatch(/Palmkey ▶ passed on to another key \((Pixel|Tablet)\)/);
    expect(new Set(firsts).size).toBe(2);
    expect((await palmkey(at.home, 'log')).stdout).toMatch(/passed to another key on/);
  });

  test('one that only holds another key can pass too, and its key is next', async () => {
    pixel.decide = (request) => (keyed(pixel)(request) ? 'approve' : { is: 'pass' });
    tablet.decide = () => null;
    const ssh = at.ssh.start('echo', 'in');
    expect(await ssh.ended()).toBe(0);
    const [fact] = JSON.parse((await palmkey(at.home, 'log', '--json', '-n', '1')).stdout) as { phone: string }[];
    expect(fact?.phone).toBe('Pixel');
  });

  test('that answer differently: the reject ends each, and ssh gets in with neither', async () => {
    pixel.decide = () => ({ is: 'reject' });
    tablet.decide = (request) => (keyed(tablet)(request) ? null : { is: 'reject' });
    const ssh = at.ssh.startInTerminal('true');
    expect(await ssh.ended()).toBe(255);
    expect(ssh.output).toMatch(/Palmkey ▶ rejected on (Pixel|Tablet)/);
  });

  test('of which one is away: the other is asked first, and nothing waits for the one that is away', async () => {
    pixel.leave();
    // A computer that starts greets its phones, and hears from the relay which of them are not connected.
    await at.daemon[Symbol.asyncDispose]();
    at = { ...at, daemon: startUp({ home: at.home, port: at.daemon.port, args: ['--no-try', '--no-pair'] }) };
    await at.daemon.child.prints(/Pixel: not connected/);
    await at.daemon.child.prints(/Tablet:?\s+here/);
    tablet.decide = (request) => (keyed(tablet)(request) ? 'approve' : null);
    const started = performance.now();
    const ssh = at.ssh.startInTerminal('echo', 'in');
    expect(await ssh.ended()).toBe(0);
    expect(performance.now() - started).toBeLessThan(5_000);
    expect(ssh.output).toContain('approved on Tablet');
    await pixel.connect();
  });

  test('of which one is unpaired while both are asked: the other still decides', async () => {
    const git = new GitBench(join(folder.path, `git${number}`), at.home);
    const repository = await git.repository('site');
    await git.ok(repository, 'config', 'user.name', 'Ada');
    await git.ok(repository, 'config', 'user.email', 'ada@example.org');
    const setUp = await git.palmkey(repository, 'git', 'setup', '--local', '--key', 'Tablet');
    expect(setUp.exitCode, setUp.output).toBe(0);
    const before = tablet.asked.length;
    tablet.decide = () => null;
    pixel.decide = () => null;
    const commit = git.start(repository, 'commit', '-q', '--allow-empty', '-m', 'Both');
    await Promise.race([
      tablet.askedOften(before + 1),
      commit.ended().then((code) => expect.fail(`ended with ${code}`)),
    ]);
    expect((await palmkey(at.home, 'unpair', 'Pixel')).exitCode).toBe(0);
    tablet.decide = () => 'approve';
    await tablet.connect();
    expect(await commit.ended()).toBe(0);
    expect((await git.run(repository, 'verify-commit', 'HEAD')).output).toContain('Good "git" signature');
  });
});

describe('a phone of another version', () => {
  let at: Awaited<ReturnType<typeof computer>>;
  let phone: ScriptedPhone | undefined;
  beforeEach(async () => {
    at = await computer();
  });
  afterEach(async () => {
    phone?.[Symbol.dispose]();
    await at.daemon[Symbol.asyncDispose]();
  });

  async function commits(key: string) {
    const git = new GitBench(join(folder.path, `git-${key}-${number}`), at.home);
    const repository = await git.repository('site');
    await git.ok(repository, 'config', 'user.name', 'Ada');
    await git.ok(repository, 'config', 'user.email', 'ada@example.org');
    await git.palmkey(repository, 'git', 'setup', '--local');
    return git.run(repository, 'commit', '--allow-empty', '-m', 'No');
  }

  test('version 1 gets logins as it knows them; a commit is refused in words, and nothing foreign is sent', async () => {
    phone = await pairScriptedPhone(at.home, { name: 'Old', speaks: null });
    sshd.authorize([phone.keyLine]);
    expect(await at.ssh.start('true').ended()).toBe(0);
    expect(phone.foreign).toBe(0);
    const commit = await commits('old');
    expect(commit.exitCode).not.toBe(0);
    expect(commit.output).toContain('the phone runs an older Palmkey that cannot sign for git');
    expect(phone.foreign).toBe(0);
    expect((await at.status()).phones).toMatchObject([{ protocol: 1, update: null, software: 'scripted 1' }]);
  });

  test('version 6 alone is asked nothing, and the person is told what to update', async () => {
    phone = await pairScriptedPhone(at.home, { name: 'New', speaks: { from: 6, to: 7 } });
    sshd.authorize([phone.keyLine]);
    const ssh = at.ssh.startInTerminal('true');
    expect(await ssh.ended()).toBe(255);
    expect(ssh.output).toContain('New runs a newer Palmkey: update this computer');
    const commit = await commits('new');
    expect(commit.output).toContain('the phone runs a newer Palmkey than this computer');
    expect(phone.asked).toEqual([]);
    expect((await at.status()).phones).toMatchObject([{ protocol: null, update: 'us' }]);
    expect((await palmkey(at.home, 'status')).stdout).toContain('runs a newer Palmkey: update this computer');
  });

  test('versions 2 to 6 speaks 5', async () => {
    phone = await pairScriptedPhone(at.home, { name: 'Both', speaks: { from: 2, to: 6 } });
    sshd.authorize([phone.keyLine]);
    expect(await at.ssh.start('true').ended()).toBe(0);
    expect((await commits('both')).exitCode).toBe(0);
    expect((await at.status()).phones).toMatchObject([{ protocol: 5, update: null }]);
  });

  test('an old and a new one together: each is asked what it knows', async () => {
    phone = await pairScriptedPhone(at.home, { name: 'Old', speaks: null });
    using young = await pairScriptedPhone(at.home, { name: 'Young' });
    sshd.authorize([phone.keyLine]);
    young.decide = () => null;
    expect(await at.ssh.start('true').ended()).toBe(0);
    expect([phone.asked.length, phone.foreign]).toEqual([1, 0]);
    await young.askedOften(1);
    expect(young.asked).toMatchObject([{ origin: { directory: expect.any(String) as string } }]);
  });
});
