/** Commits and tags of a real git, signed with a key on a phone: set-up, every way to make one, and every way not to. */
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { GitBench } from '../lib/git.ts';
import { type Daemon, palmkey, startUp } from '../lib/palmkey.ts';
import { pairScriptedPhone, type ScriptedPhone } from '../lib/scripted-phone.ts';
import { freePort, tempFolder } from '../lib/temp.ts';

const folder = tempFolder();
const home = join(folder.path, 'palm key');
const git = new GitBench(folder.path, home);
let daemon: Daemon;
let phone: ScriptedPhone;
let repository: string;
let number = 0;

beforeAll(async () => {
  daemon = startUp({ home, port: await freePort(), args: ['--no-try', '--no-pair'] });
  await daemon.child.prints(/Ctrl-C stops/);
  phone = await pairScriptedPhone(home, { name: 'Pixel' });
  await git.ok(folder.path, 'config', '--global', 'user.name', 'Ada  Lovelace');
  await git.ok(folder.path, 'config', '--global', 'user.email', 'ada@example.org');
  const done = await git.palmkey(folder.path, 'git', 'setup');
  expect(done.output).toContain('gpg.format');
  expect(done.exitCode, done.output).toBe(0);
});
afterAll(async () => {
  phone[Symbol.dispose]();
  await daemon[Symbol.asyncDispose]();
  folder[Symbol.dispose]();
});
beforeEach(async () => {
  phone.decide = () => 'approve';
  repository = await git.repository(`work ${(number += 1)}/it's one`);
});

/** Whether git itself verifies it. */
async function isGood(what: string, verb: 'verify-commit' | 'verify-tag' = 'verify-commit'): Promise<boolean> {
  const { exitCode, output } = await git.run(repository, verb, what);
  return exitCode === 0 && output.includes('Good "git" signature for ada@example.org');
}
const commits = async () => (await git.run(repository, 'rev-list', '--all', '--count')).stdout.trim();
const texts = () =>
  phone.asked.flatMap((request) =>
    request.kind === 'git-sign' && request.object.is === 'whole' ? [Buffer.from(request.object.bytes).toString()] : [],
  );

describe('what git makes is signed on the phone and verifies', () => {
  test('a commit, shown with where it is from, and by git log', async () => {
    await git.ok(repository, 'remote', 'add', 'origin', 'https://ada:hunter2@example.org/site.git?token=x');
    const before = phone.asked.length;
    const { exitCode, output } = await git.commit(repository, 'a', '-m', 'First', '-m', 'With a body.');
    expect(exitCode, output).toBe(0);
    expect(await isGood('HEAD')).toBe(true);
    expect(await git.ok(repository, 'log', '--show-signature', '-1')).toContain('First');
    expect(phone.asked.slice(before)).toMatchObject([
      {
        kind: 'git-sign',
        repository: { directory: repository, remote: 'https://example.org/site.git' },
        origin: { sure: 'claimed', directory: repository },
      },
    ]);
    const [request] = phone.asked.slice(before);
    expect(request?.kind === 'git-sign' && request.origin.sure === 'claimed' && request.origin.programs.at(-1)).toBe(
      'git commit',
    );
    expect(texts().at(-1)).toContain('author Ada  Lovelace <ada@example.org>');
  });

  test('an amended one, a merge, and a rebase of several', async () => {
    await git.commit(repository, 'a', '-m', 'One');
    await git.ok(repository, 'commit', '--amend', '-m', 'One again');
    await git.ok(repository, 'checkout', '-q', '-b', 'side');
    for (const name of ['b', 'c', 'd']) await git.commit(repository, name, '-m', `Side ${name}`);
    await git.ok(repository, 'checkout', '-q', 'main');
    await git.commit(repository, 'e', '-m', 'Main');
    await git.ok(repository, 'rebase', '-q', 'main', 'side');
    await git.ok(repository, 'checkout', '-q', 'main');
    await git.ok(repository, 'merge', '-q', '--no-ff', '-m', 'Bring them together', 'side');
    for (const commit of (await git.ok(repository, 'rev-list', 'HEAD')).trim().split('\n'))
      expect(await isGood(commit), commit).toBe(true);
  });

  test('an annotated tag, a tag of a tag, and a merge of a signed tag', async () => {
    await git.commit(repository, 'a', '-m', 'One');
    await git.ok(repository, 'tag', '-a', 'v1', '-m', 'Version 1');
    await git.ok(repository, 'tag', '-a', 'v1-again', '-m', 'The same', 'v1');
    expect(await isGood('v1', 'verify-tag')).toBe(true);
    expect(await isGood('v1-again', 'verify-tag')).toBe(true);
    await git.ok(repository, 'checkout', '-q', '-b', 'side');
    await git.commit(repository, 'b', '-m', 'Two');
    await git.ok(repository, 'tag', '-s', 'v2', '-m', 'Version 2');
    await git.ok(repository, 'checkout', '-q', 'main');
    await git.ok(repository, 'merge', '-q', '--no-ff', '-m', 'Merge v2', 'v2');
    expect(texts().at(-1)).toContain('mergetag object');
    expect(await isGood('HEAD')).toBe(true);
  });

  test.each([
    ['control characters and right-to-left marks', 'a\u0001b\u001b[31mred\u202etxt.exe\u200b'],
    ['Windows’ line ends', 'First\r\n\r\nSecond\r\n'],
    ['no newline at its end', 'no newline'],
    ['what looks like headers', 'tree 0000\nparent 1\n\ngpgsig -----BEGIN\n'],
    ['many languages', 'Grüße, 世界, مرحبا'],
  ])('a message with %s', async (_, message) => {
    const file = join(folder.path, 'message');
    writeFileSync(file, message);
    git.write(repository, 'a', 'a');
    await git.ok(repository, 'add', '.');
    await git.ok(repository, 'commit', '-q', '--cleanup=verbatim', '-F', file);
    expect(await isGood('HEAD')).toBe(true);
    expect(texts().at(-1)?.endsWith(message)).toBe(true);
  });

  test('a message in another encoding', async () => {
    const file = join(folder.path, 'latin1');
    writeFileSync(file, Buffer.from('Gr\u00fc\u00dfe\n', 'latin1'));
    git.write(repository, 'a', 'a');
    await git.ok(repository, 'add', '.');
    await git.ok(repository, '-c', 'i18n.commitEncoding=ISO-8859-1', 'commit', '-q', '-F', file);
    expect(texts().at(-1)).toContain('\nencoding ISO-8859-1\n');
    expect(await isGood('HEAD')).toBe(true);
  });

  test('a message of 5 MB, which the phone fetches in parts', async () => {
    const file = join(folder.path, 'long');
    writeFileSync(file, `Long\n\n${'All work and no play makes a long message.\n'.repeat(120_000)}`);
    git.write(repository, 'a', 'a');
    await git.ok(repository, 'add', '.');
    await git.ok(repository, 'commit', '-q', '-F', file);
    expect(await isGood('HEAD')).toBe(true);
    expect(phone.asked.at(-1)).toMatchObject({ object: { is: 'parts' } });
  });

  test('in a worktree, in one that git knows by GIT_DIR alone, and without a terminal', async () => {
    const one = await git.commit(repository, 'a', '-m', 'One');
    expect(one.exitCode, one.output).toBe(0);
    const tree = join(folder.path, `tree ${number}`);
    await git.ok(repository, 'worktree', 'add', '-q', '-b', 'tree', tree);
    git.write(tree, 'b', 'b');
    await git.ok(tree, 'add', '.');
    await git.ok(tree, 'commit', '-q', '-m', 'In a tree');
    expect(await isGood('tree')).toBe(true);
    expect(phone.asked.at(-1)).toMatchObject({ repository: { directory: tree } });
    await git.ok(folder.path, '--git-dir', join(repository, '.git'), 'commit-tree', '-S', '-m', 'Bare', 'HEAD^{tree}');
  });

  test('several at once', async () => {
    const made = await Promise.all(
      ['one', 'two', 'three', 'four'].map(async (name) => {
        const each = await git.repository(`many ${number} ${name}`);
        return git.commit(each, name, '-m', name);
      }),
    );
    expect(made.map(({ exitCode }) => exitCode)).toEqual([0, 0, 0, 0]);
  });
});

describe('in the terminal', () => {
  test('says whom it asks and what came of it', async () => {
    git.write(repository, 'a', 'a');
    await git.ok(repository, 'add', '.');
    phone.decide = () => null;
    const asked = phone.asked.length;
    const run = git.inTerminal(repository, 'commit', '-q', '-m', 'Slow');
    await phone.askedOften(asked + 1);
    await run.prints(/Pixel has it, waiting for you…/);
    phone.decide = () => 'approve';
    await phone.connect();
    expect(await run.ended()).toBe(0);
    expect(run.output).toContain('Palmkey ▶ asking Pixel…');
    expect(run.output).toContain('Palmkey ▶ approved on Pixel');
  });

  test('says nothing of asking where a permission answers', async () => {
    git.write(repository, 'a', 'a');
    await git.ok(repository, 'add', '.');
    const run = git.inTerminal(repository, 'commit', '-q', '-m', 'Fast');
    expect(await run.ended()).toBe(0);
    expect(run.output).not.toContain('asking');
  });
});

describe('nothing is made', () => {
  afterEach(() => {
    phone.decide = () => 'approve';
  });

  test.each([
    ['rejected', { is: 'reject' } as const, /rejected on Pixel, so nothing was signed/],
    ['passed on', { is: 'pass' } as const, /not with this key, was said on Pixel/],
    ['refused as muted', { is: 'refuse', code: 'muted', skew: null } as const, /this computer is muted on Pixel/],
    [
      'answered with no signature',
      { is: 'approve', signature: new Uint8Array(83) } as const,
      /was no signature of this text/,
    ],
  ])('of what is %s', async (_, answer, words) => {
    phone.decide = () => answer;
    const { exitCode, output } = await git.commit(repository, 'a', '-m', 'Never');
    expect(exitCode).not.toBe(0);
    expect(output).toMatch(words);
    expect(output).toContain('Nothing was committed or tagged');
    expect(await commits()).toBe('0');
    expect(readdirSync(join(repository, '.git')).filter((name) => name.includes('tmp'))).toEqual([]);
  });

  test('of a tag that is rejected, also by a git that makes tags whose signing fails', async () => {
    await git.commit(repository, 'a', '-m', 'One');
    phone.decide = () => ({ is: 'reject' });
    expect((await git.run(repository, 'tag', '-a', 'v1', '-m', 'No')).exitCode).not.toBe(0);
    const tag = git.inTerminal(repository, 'tag', '-a', 'v1', '-m', 'No');
    expect(await tag.ended()).not.toBe(0);
    expect(tag.output).toMatch(/rejected on Pixel, so nothing was signed/);
    expect(await git.ok(repository, 'tag')).toBe('');
  });

  test('of a tag where the program that asks is gone', async () => {
    await git.commit(repository, 'a', '-m', 'One');
    const program = join(folder.path, 'moved');
    const text = readFileSync(join(home, 'git-sign'), 'utf8').replaceAll('git-sign-main.js', 'nowhere.js');
    writeFileSync(program, text, { mode: 0o700 });
    const gone = ['-c', `gpg.ssh.program=${program}`];
    expect((await git.run(repository, ...gone, 'tag', '-a', 'v1', '-m', 'No')).exitCode).not.toBe(0);
    expect(await git.ok(repository, 'tag')).toBe('');
    const commit = await git.run(repository, ...gone, 'commit', '--allow-empty', '-m', 'No');
    expect(commit.exitCode).not.toBe(0);
    expect(commit.output).toContain('Run palmkey git setup again');
    expect(await commits()).toBe('1');
  });

  test('of the rest of a rebase whose second commit is rejected', async () => {
    for (const name of ['a', 'b', 'c', 'd']) await git.commit(repository, name, '-m', name);
    const before = phone.asked.length;
    phone.decide = () => (phone.asked.length === before + 2 ? { is: 'reject' } : 'approve');
    const rebase = await git.run(repository, 'rebase', '-f', 'HEAD~3');
    expect(rebase.exitCode).not.toBe(0);
    phone.decide = () => 'approve';
    await git.ok(repository, 'rebase', '--abort');
    expect((await git.ok(repository, 'log', '--format=%s')).trim().split('\n')).toEqual(['d', 'c', 'b', 'a']);
  });

  test('where git is stopped while it waits; the phone hears of it', async () => {
    git.write(repository, 'a', 'a');
    await git.ok(repository, 'add', '.');
    phone.decide = () => null;
    const [asked, ended] = [phone.asked.length, phone.outcomes.length];
    const run = git.inTerminal(repository, 'commit', '-q', '-m', 'Never');
    await phone.askedOften(asked + 1);
    run.write('\u0003');
    expect(await run.ended()).not.toBe(0);
    await phone.settledOften(ended + 1);
    expect(phone.outcomes.at(-1)).toBe('withdrawn');
    expect(await commits()).toBe('0');
  });

  test('of what is neither a commit nor a tag, or too long; the phone is not asked', async () => {
    const program = join(home, 'git-sign');
    const key = join(folder.path, 'key.pub');
    writeFileSync(key, phone.keyLine);
    const text = join(folder.path, 'text');
    const asked = phone.asked.length;
    const { runProgram } = await import('../lib/child.ts');
    for (const [bytes, words] of [
      ['certificate version 0.1\n', /neither a commit nor a tag/],
      [`tree ${'0'.repeat(40)}\n${'x'.repeat(8 * 1024 * 1024)}`, /longer than 8 MiB/],
    ] as const) {
      writeFileSync(text, bytes);
      const run = await runProgram(program, ['-Y', 'sign', '-n', 'git', '-f', key, text], { env: git.env });
      expect(run.exitCode).toBe(1);
      expect(run.stderr).toMatch(words);
      expect(existsSync(`${text}.sig`)).toBe(false);
    }
    expect(phone.asked).toHaveLength(asked);
  });

  test('while Palmkey does not run, and it says so', async () => {
    await daemon[Symbol.asyncDispose]();
    const { exitCode, output } = await git.commit(repository, 'a', '-m', 'Never');
    expect(exitCode).not.toBe(0);
    expect(output).toMatch(/it is not running on this computer/);
    daemon = startUp({ home, port: daemon.port, args: ['--no-try', '--no-pair'] });
    await daemon.child.prints(/Pixel:?\s+here/);
    const again = await git.run(repository, 'commit', '-m', 'Now');
    expect(again.exitCode, again.output).toBe(0);
    expect(await isGood('HEAD')).toBe(true);
  });
});

test('other keys and other purposes are ssh-keygen’s', async () => {
  const { execFileSync } = await import('node:child_process');
  const key = join(folder.path, 'own key');
  execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', key]);
  const asked = phone.asked.length;
  await git.ok(repository, 'config', 'user.signingKey', key);
  const { exitCode, output } = await git.commit(repository, 'a', '-m', 'By a file');
  expect(exitCode, output).toBe(0);
  expect(await git.ok(repository, 'cat-file', 'commit', 'HEAD')).toContain('BEGIN SSH SIGNATURE');
  const text = join(folder.path, 'a file');
  writeFileSync(text, 'text');
  execFileSync(join(home, 'git-sign'), ['-Y', 'sign', '-n', 'file', '-f', key, text], { stdio: 'ignore' });
  expect(readFileSync(`${text}.sig`, 'utf8')).toContain('BEGIN SSH SIGNATURE');
  execFileSync(join(home, 'git-sign'), ['-Y', 'check-novalidate', '-n', 'file', '-s', `${text}.sig`], {
    input: 'text',
  });
  expect(phone.asked).toHaveLength(asked);
});

test('status and log show it', async () => {
  git.write(repository, 'a', 'a');
  await git.ok(repository, 'add', '.');
  phone.decide = () => null;
  const asked = phone.asked.length;
  const run = git.start(repository, 'commit', '-q', '-m', 'A page \u202e of it');
  await phone.askedOften(asked + 1);
  expect((await palmkey(home, 'status')).stdout).toMatch(/waiting\s+git: A page .*Pixel has it/);
  phone.decide = () => ({ is: 'reject' });
  await phone.connect();
  expect(await run.ended()).not.toBe(0);
  expect((await palmkey(home, 'log')).stdout).toMatch(/git: A page .*rejected on Pixel/);
});
