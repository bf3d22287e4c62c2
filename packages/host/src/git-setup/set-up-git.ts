/**
 * Has git sign with a key on a phone: six settings in one of git's files, a signing program, and a file of signers so that
 * git verifies what it signed. git itself reads and writes its files.
 */
import { createHash } from 'node:crypto';
import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { dirname, isAbsolute, join, resolve } from 'node:path';
import { isPlainEmail, withoutSigners, withSigners } from './allowed-signers.ts';
import { GitSetupError } from './errors.ts';
import { checkGit, effective, type Git, replaceValues, valuesOf } from './git-program.ts';
import { type Change, type Entry, readEntries, writeEntries } from './setup-state.ts';
import { writeSigningProgram } from './signing-program.ts';

export interface GitSetupOptions {
  readonly scope: 'global' | 'local';
  /** PALMKEY_HOME, which stands. */
  readonly home: string;
  /** git where the command runs, and that folder. */
  readonly git: Git;
  readonly folder: string;
  readonly userHome: string;
  readonly env: NodeJS.ProcessEnv;
  readonly now: () => Date;
  /** Only say what would be done. */
  readonly dryRun: boolean;
}

export interface GitKeys {
  /** Key type and base64 of the key to sign with. */
  readonly signingKey: string;
  /** The same of all keys, for verifying. */
  readonly keys: readonly string[];
  /** Node, and the program that asks for the signature. */
  readonly node: string;
  readonly main: string;
}

/** `other-value`: something else holds where the command ran, from another file. */
export interface GitWarning {
  readonly code: 'no-email' | 'odd-email' | 'other-value' | 'relative-signers';
  readonly name: string;
  readonly value: string;
  readonly file: string;
}

export interface GitSetupReport {
  readonly file: string;
  readonly backup: string | null;
  /** What was changed, with what was there before. */
  readonly changes: readonly Change[];
  readonly signers: { readonly file: string; readonly added: readonly string[] } | null;
  readonly warnings: readonly GitWarning[];
}

export interface GitUndoReport {
  readonly file: string;
  readonly restored: readonly Change[];
  /** What the person has changed since, and is left so. */
  readonly kept: readonly (Change & { readonly now: readonly string[] })[];
  readonly signers: string | null;
}

const signersSetting = 'gpg.ssh.allowedSignersFile';

/** Where the script, the signers and the memory of a home folder stand. */
export function gitSetupPaths(home: string) {
  return {
    program: join(home, 'git-sign'),
    signers: join(home, 'allowed_signers'),
    state: join(home, 'git-setup.json'),
  };
}

/**
 * Sets git up, or sets right what is set up already.
 * @throws GitSetupError, and StateError for our own files.
 */
export function setUpGit(options: GitSetupOptions, keys: GitKeys): GitSetupReport {
  const { git, home, dryRun, scope } = options;
  checkGit(git);
  const file = configFile(options);
  const at = gitSetupPaths(home);
  const entries = readEntries(at.state);
  const old = entries.find((entry) => entry.file === file);
  const warnings: GitWarning[] = [];
  const signersFile = chooseSigners(options, at.signers, warnings);
  const wanted = [
    ['gpg.format', 'ssh'],
    ['gpg.ssh.program', at.program],
    ['user.signingKey', `key::${keys.signingKey}`],
    ['commit.gpgSign', 'true'],
    ['tag.gpgSign', 'true'],
    ...(signersFile === at.signers ? [[signersSetting, at.signers]] : []),
  ] as const;
  const changes = wanted.flatMap(([name = '', ours = '']): Change[] => {
    const before = valuesOf(git, file, name);
    return before.length === 1 && before[0] === ours ? [] : [{ name, before, ours }];
  });
  const signers = signersFile === null ? null : addSigners(options, signersFile, keys.keys, file, warnings);

  // A file that a person changed since is not brought back byte for byte, but setting for setting.
  const intact = old === undefined || (existsSync(file) && digestOf(file) === old.left);
  const known = entries.find((entry) => entry.signers?.file === signers?.file)?.signers;
  const made = known?.made ?? signers?.made ?? false;
  const isNew = !existsSync(file);
  let backup: string | null = null;
  if (!dryRun) {
    if (changes.length > 0 && !isNew) backup = keepCopy(file, options.now());
    writeSigningProgram({ path: at.program, node: keys.node, main: keys.main, home });
    if (isNew) mkdirSync(dirname(file), { recursive: true });
    for (const { name, ours } of changes) replaceValues(git, file, name, [ours]);
    const entry: Entry = {
      scope,
      file,
      made: old?.made ?? isNew,
      backup: old === undefined ? backup : old.backup,
      left: digestOf(file),
      changes: merged(old?.changes ?? [], changes),
      signers: signers === null ? (old?.signers ?? null) : { file: signers.file, made },
    };
    const others = entries.filter((each) => each !== old);
    writeEntries(at.state, [...others, intact ? entry : { ...entry, made: false, backup: null }]);
    for (const [name = '', ours = ''] of wanted) {
      const found = effective(git, name);
      if (found !== null && found.value !== ours)
        warnings.push({ code: 'other-value', name, value: found.value, file: found.origin });
    }
  }
  const report = signers === null ? null : { file: signers.file, added: signers.added };
  return { file, backup, changes, signers: report, warnings };
}

/**
 * Brings back what was before. Null when nothing of ours is there.
 * @throws GitSetupError, and StateError for our own files.
 */
export function undoGitSetup(options: GitSetupOptions): GitUndoReport | null {
  const { git, home, dryRun } = options;
  const file = configFile(options);
  const at = gitSetupPaths(home);
  const entries = readEntries(at.state);
  const entry = entries.find((each) => each.file === file);
  if (entry === undefined) return null;
  const restored: Change[] = [];
  const kept: (Change & { now: string[] })[] = [];
  for (const change of entry.changes) {
    const now = valuesOf(git, file, change.name);
    if (now.length === 1 && now[0] === change.ours) restored.push(change);
    else if (now.join('\0') !== change.before.join('\0')) kept.push({ ...change, now });
  }
  if (!dryRun) {
    const isUntouched = existsSync(file) && digestOf(file) === entry.left;
    if (isUntouched && entry.made) rmSync(file);
    else if (isUntouched && entry.backup !== null && existsSync(entry.backup)) bringBack(file, entry.backup);
    else for (const { name, before } of restored) replaceValues(git, file, name, before);
    const others = entries.filter((each) => each !== entry);
    if (entry.signers !== null && !others.some(({ signers }) => signers?.file === entry.signers?.file))
      removeSigners(entry.signers, at.signers);
    writeEntries(at.state, others);
    if (others.length === 0) for (const path of [at.program, at.state]) rmSync(path, { force: true });
  }
  return { file, restored, kept, signers: entry.signers?.file ?? null };
}

/** The literal key that the scope's file has git sign with: type and base64; null for none, and for a key that is a file. */
export function signingKeyOf(
  options: Pick<GitSetupOptions, 'scope' | 'git' | 'folder' | 'env' | 'userHome'>,
): string | null {
  const [value = '', ...more] = valuesOf(options.git, configFile(options), 'user.signingKey');
  return value.startsWith('key::') && more.length === 0 ? value.slice('key::'.length) : null;
}

/** git's file of a scope, links followed: the one that `git config --global` or `--local` writes. */
function configFile({
  scope,
  git,
  folder,
  env,
  userHome,
}: Pick<GitSetupOptions, 'scope' | 'git' | 'folder' | 'env' | 'userHome'>): string {
  if (scope === 'local') {
    const { code, output } = git('rev-parse', '--git-common-dir');
    if (code !== 0) throw new GitSetupError('no-repository', { path: folder });
    return followed(join(resolve(folder, output.replace(/\n$/, '')), 'config'));
  }
  const named = env.GIT_CONFIG_GLOBAL;
  if (named !== undefined && named !== '') return followed(resolve(folder, named));
  const own = join(env.HOME ?? userHome, '.gitconfig');
  const xdg = env.XDG_CONFIG_HOME;
  const other = join(xdg !== undefined && xdg !== '' ? xdg : join(env.HOME ?? userHome, '.config'), 'git', 'config');
  return followed(!existsSync(own) && existsSync(other) ? other : own);
}

function followed(path: string): string {
  return lstatSync(path, { throwIfNoEntry: false }) !== undefined && existsSync(path) ? realpathSync(path) : path;
}

/** The person's own file of signers where they have one; ours otherwise. Null for one that cannot be told. */
function chooseSigners({ git, scope }: GitSetupOptions, ours: string, warnings: GitWarning[]): string | null {
  const where = scope === 'global' ? ['--global', '--includes'] : [];
  const { code, output } = git('config', ...where, '--type=path', '-z', '--get', signersSetting);
  const found = code === 0 ? output.replace(/\0$/, '') : '';
  if (found === '' || found === ours) return ours;
  if (isAbsolute(found)) return found;
  warnings.push({ code: 'relative-signers', name: signersSetting, value: found, file: '' });
  return null;
}

function addSigners(
  { git, dryRun }: GitSetupOptions,
  path: string,
  keys: readonly string[],
  config: string,
  warnings: GitWarning[],
) {
  const emails = [effective(git, 'user.email')?.value, ...valuesOf(git, config, 'user.email')];
  const found = [...new Set(emails.filter((email) => email !== undefined && email !== ''))] as string[];
  if (found.length === 0) warnings.push({ code: 'no-email', name: 'user.email', value: '', file: path });
  for (const email of found.filter((each) => !isPlainEmail(each)))
    warnings.push({ code: 'odd-email', name: 'user.email', value: email, file: path });
  const signers = found.filter(isPlainEmail).flatMap((email) => keys.map((key) => ({ email, key })));
  const made = !existsSync(path);
  const next = withSigners(made ? '' : readFileSync(path, 'utf8'), signers);
  if (next === null) throw new GitSetupError('broken-signers', { path });
  if (!dryRun && (next.added.length > 0 || made)) {
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, next.text, { mode: 0o600 });
  }
  return { file: path, added: next.added, made };
}

function removeSigners({ file, made }: { readonly file: string; readonly made: boolean }, ours: string): void {
  if (!existsSync(file)) return;
  if (file === ours) return rmSync(file);
  const text = withoutSigners(readFileSync(file, 'utf8'));
  if (text === null) throw new GitSetupError('broken-signers', { path: file });
  if (made && text === '') rmSync(file);
  else writeFileSync(file, text);
}

/** What was there before the first time stays what was before, as long as ours is what was found. */
function merged(old: readonly Change[], changes: readonly Change[]): Change[] {
  const next = new Map(old.map((change) => [change.name, change]));
  for (const change of changes) {
    const first = next.get(change.name);
    const wasOurs = first !== undefined && change.before.length === 1 && change.before[0] === first.ours;
    next.set(change.name, wasOurs ? { ...change, before: first.before } : change);
  }
  return [...next.values()];
}

function keepCopy(file: string, now: Date): string {
  const time = now.toISOString().replaceAll(/[-:]/g, '').replace(/\.\d+/, '');
  const name = `${file}.palmkey-backup-${time}`;
  let copy = name;
  for (let i = 2; existsSync(copy); i += 1) copy = `${name}-${i}`;
  writeFileSync(copy, readFileSync(file), { mode: 0o600, flag: 'wx' });
  return copy;
}

/** `file` is no link: it was followed. */
function bringBack(file: string, copy: string): void {
  const { mode } = statSync(file);
  const next = `${file}.palmkey-${process.pid}`;
  writeFileSync(next, readFileSync(copy), { mode: 0o600 });
  chmodSync(next, mode & 0o777);
  renameSync(next, file);
}

function digestOf(file: string): string {
  return createHash('sha256').update(readFileSync(file)).digest('hex');
}
