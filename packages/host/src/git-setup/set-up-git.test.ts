import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, readlinkSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { tempFolder } from '../testing/temp-folder.ts';
import { gitIn } from './git-program.ts';
import { type GitSetupOptions, gitSetupPaths, setUpGit, signingKeyOf, undoGitSetup } from './set-up-git.ts';

const key = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA';
const other = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEB';
const keys = { signingKey: key, keys: [key, other], node: '/usr/bin/node', main: '/opt/it’s/git-sign-main.js' };
const names = ['gpg.format', 'gpg.ssh.program', 'user.signingKey', 'commit.gpgSign', 'tag.gpgSign'];

let folder: ReturnType<typeof tempFolder>;
let user: string;
let config: string;
let home: string;
let env: Record<string, string>;

beforeEach(() => {
  folder = tempFolder();
  user = folder.at('user name');
  home = folder.at('palm key');
  mkdirSync(user);
  mkdirSync(home, { mode: 0o700 });
  config = join(user, '.gitconfig');
  env = { PATH: process.env.PATH ?? '', HOME: user, GIT_CONFIG_NOSYSTEM: '1' };
});
afterEach(() => folder[Symbol.dispose]());

const git = (where: string, ...args: string[]) => execFileSync('git', args, { cwd: where, env, encoding: 'utf8' });
const options = (change: Partial<GitSetupOptions> = {}): GitSetupOptions => {
  const at = change.folder ?? user;
  return {
    scope: 'global',
    home,
    git: gitIn(at, env),
    folder: at,
    userHome: user,
    env,
    now: () => new Date('2026-03-12T12:00:00Z'),
    dryRun: false,
    ...change,
  };
};
function repository(name: string): string {
  const path = folder.at(name);
  mkdirSync(path, { recursive: true });
  git(path, 'init', '-q');
  return path;
}
const email = (address = 'ada@example.org') => git(user, 'config', '--global', 'user.email', address);
const signers = () => readFileSync(gitSetupPaths(home).signers, 'utf8').split('\n');

describe('setUpGit', () => {
  test('writes the settings, the program and the signers, and says what was there before', () => {
    email();
    git(user, 'config', '--global', 'gpg.format', 'openpgp');
    const report = setUpGit(options(), keys);
    expect(report.changes.map(({ name }) => name)).toEqual([...names, 'gpg.ssh.allowedSignersFile']);
    expect(report.changes[0]).toEqual({ name: 'gpg.format', before: ['openpgp'], ours: 'ssh' });
    expect(report.warnings).toEqual([]);
    expect(readFileSync(report.backup ?? '', 'utf8')).toContain('openpgp');
    expect(git(user, 'config', 'user.signingKey').trim()).toBe(`key::${key}`);
    expect(signingKeyOf(options())).toBe(key);
    expect(signers()).toContain(`ada@example.org namespaces="git" ${other}`);
    execFileSync('sh', ['-n', gitSetupPaths(home).program]);
  });

  test('is the same twice', () => {
    email();
    setUpGit(options(), keys);
    const text = readFileSync(config, 'utf8');
    const again = setUpGit(options(), keys);
    expect([again.changes, again.backup, again.signers?.added]).toEqual([[], null, []]);
    expect(readFileSync(config, 'utf8')).toBe(text);
    expect(readdirSync(user).filter((name) => name.includes('backup'))).toHaveLength(1);
  });

  test('of another address or key adds to the signers, and takes none away', () => {
    email();
    setUpGit(options(), { ...keys, keys: [key] });
    email('ada@work.example');
    setUpGit(options(), { ...keys, keys: [other] });
    expect(signers().filter((line) => line.includes('namespaces'))).toEqual([
      `ada@example.org namespaces="git" ${key}`,
      `ada@work.example namespaces="git" ${other}`,
    ]);
  });

  test('without an address, or with one that is a pattern, says so and adds no line', () => {
    expect(setUpGit(options(), keys)).toMatchObject({ warnings: [{ code: 'no-email' }], signers: { added: [] } });
    email('*@example.org');
    expect(setUpGit(options(), keys)).toMatchObject({ warnings: [{ code: 'odd-email' }], signers: { added: [] } });
  });

  test('takes the address that holds where it runs, by includeIf too', () => {
    const work = repository('work/site');
    writeFileSync(join(user, 'work.config'), '[user]\n\temail = ada@work.example\n');
    email();
    git(user, 'config', '--global', `includeIf.gitdir:${folder.at('work')}/.path`, join(user, 'work.config'));
    setUpGit(options({ folder: work }), keys);
    expect(signers().join()).toContain('ada@work.example');
    expect(signers().join()).toContain('ada@example.org');
  });

  test('says what a repository’s own settings hold against it', () => {
    email();
    const site = repository('site');
    git(site, 'config', 'commit.gpgSign', 'false');
    expect(setUpGit(options({ folder: site }), keys).warnings).toMatchObject([
      { code: 'other-value', name: 'commit.gpgSign', value: 'false', file: '.git/config' },
    ]);
  });

  test('for one repository writes only there, the same from a worktree', () => {
    email();
    const site = repository('it’s a site');
    git(site, '-c', 'user.name=a', 'commit', '-q', '--allow-empty', '-m', 'x');
    git(site, 'worktree', 'add', '-q', folder.at('tree'));
    const before = readFileSync(config, 'utf8');
    const { file } = setUpGit(options({ folder: folder.at('tree'), scope: 'local' }), keys);
    expect(file).toBe(join(site, '.git', 'config'));
    expect(readFileSync(config, 'utf8')).toBe(before);
    expect(setUpGit(options({ folder: site, scope: 'local' }), keys).changes).toEqual([]);
  });

  test('for one repository outside of any is refused', () => {
    expect(() => setUpGit(options({ scope: 'local' }), keys)).toThrow('no-repository');
  });

  test('writes the file that a link leads to', () => {
    writeFileSync(join(user, 'dotfiles'), '[user]\n\temail = ada@example.org\n');
    symlinkSync(join(user, 'dotfiles'), config);
    setUpGit(options(), keys);
    expect(readFileSync(join(user, 'dotfiles'), 'utf8')).toContain('gpgSign');
    undoGitSetup(options());
    expect(readFileSync(config, 'utf8')).toBe('[user]\n\temail = ada@example.org\n');
    expect(readlinkSync(config)).toBe(join(user, 'dotfiles'));
  });

  test('adds to the person’s own file of signers, in a block', () => {
    email();
    const own = join(user, 'signers');
    writeFileSync(own, 'bob@example.org ssh-ed25519 AAAA');
    git(user, 'config', '--global', 'gpg.ssh.allowedSignersFile', '~/signers');
    const report = setUpGit(options(), keys);
    expect(report.changes.map(({ name }) => name)).toEqual(names);
    expect(readFileSync(own, 'utf8')).toMatch(/^bob@example.org ssh-ed25519 AAAA\n# palmkey: begin/);
    expect(existsSync(gitSetupPaths(home).signers)).toBe(false);
    undoGitSetup(options());
    expect(readFileSync(own, 'utf8')).toBe('bob@example.org ssh-ed25519 AAAA');
  });

  test('only said, changes nothing', () => {
    email();
    const before = readFileSync(config, 'utf8');
    expect(setUpGit(options({ dryRun: true }), keys).changes).toHaveLength(6);
    expect([readFileSync(config, 'utf8'), readdirSync(home)]).toEqual([before, []]);
  });
});

describe('undoGitSetup', () => {
  test.each([
    ['nothing', ''],
    ['no newline at its end', '[user]\n\temail = ada@example.org'],
    [
      'comments, odd spaces and values twice',
      '# mine\n[gpg]\n   format=openpgp ; why\n[commit]\n\tgpgSign\n[commit]\n\tgpgsign = no\n',
    ],
  ])('brings back byte for byte what was there: %s', (_, text) => {
    writeFileSync(config, text);
    setUpGit(options(), keys);
    setUpGit(options(), { ...keys, signingKey: other });
    undoGitSetup(options());
    expect(readFileSync(config, 'utf8')).toBe(text);
    expect(readdirSync(home)).toEqual([]);
  });

  test('takes a file away that was not there', () => {
    setUpGit(options(), keys);
    expect(existsSync(config)).toBe(true);
    undoGitSetup(options());
    expect(existsSync(config)).toBe(false);
  });

  test('leaves what the person has changed since, names it, and keeps what they added', () => {
    email();
    git(user, 'config', '--global', 'gpg.format', 'openpgp');
    setUpGit(options(), keys);
    git(user, 'config', '--global', 'commit.gpgSign', 'false');
    git(user, 'config', '--global', 'alias.st', 'status');
    const report = undoGitSetup(options());
    expect(report?.kept).toMatchObject([{ name: 'commit.gpgSign', now: ['false'] }]);
    expect(git(user, 'config', '--global', 'gpg.format').trim()).toBe('openpgp');
    expect(git(user, 'config', '--global', 'commit.gpgSign').trim()).toBe('false');
    expect(git(user, 'config', '--global', 'alias.st').trim()).toBe('status');
    expect(() => git(user, 'config', '--global', 'user.signingKey')).toThrow();
  });

  test('after the person changed something and it was set up again, loses nothing of theirs', () => {
    email();
    setUpGit(options(), keys);
    git(user, 'config', '--global', 'alias.st', 'status');
    setUpGit(options(), keys);
    undoGitSetup(options());
    expect(git(user, 'config', '--global', 'alias.st').trim()).toBe('status');
    expect(readFileSync(config, 'utf8')).not.toMatch(/gpg|signing/i);
  });

  test('of one place leaves the others and what they need', () => {
    email();
    const site = repository('site');
    setUpGit(options(), keys);
    setUpGit(options({ folder: site, scope: 'local' }), keys);
    undoGitSetup(options());
    expect(existsSync(gitSetupPaths(home).program)).toBe(true);
    expect(signers().length).toBeGreaterThan(1);
    undoGitSetup(options({ folder: site, scope: 'local' }));
    expect(readdirSync(home)).toEqual([]);
  });

  test('where nothing was set up is null', () => {
    expect(undoGitSetup(options())).toBeNull();
  });
});

test('a git that is too old, or none, is said before anything is changed', () => {
  const old = () => ({ code: 0, output: 'git version 2.34.9' });
  expect(() => setUpGit(options({ git: old }), keys)).toThrow('git-too-old');
  expect(() => setUpGit(options({ git: gitIn(user, { PATH: '/nowhere' }) }), keys)).toThrow('no-git');
  expect(readdirSync(home)).toEqual([]);
});
