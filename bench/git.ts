/**
 * Signed commits: git asking the phone under a standing permission, beside git signing with the same type of key through
 * ssh-keygen and ssh-agent. Two repositories of the same shape; one commit at a time, and a plain rebase.
 */
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { palmkeyBin } from '../e2e/lib/palmkey.ts';
import { tempFolder } from '../e2e/lib/temp.ts';
import { type BenchOptions, median, type Row } from './rows.ts';
import { startSshAgent } from './ssh-agent.ts';
import { openStage } from './stage.ts';

/** A repository that signs everything, by one of the two. */
interface Repository {
  readonly folder: string;
  readonly env: NodeJS.ProcessEnv;
}

export async function git({ quick, only }: BenchOptions): Promise<readonly Row[]> {
  using folder = tempFolder('palmkey-bench-');
  await using stage = await openStage(folder.path);
  await using agent = await startSshAgent(folder.path);
  const commits = quick ? 20 : 200;
  const env = {
    ...process.env,
    HOME: folder.path,
    XDG_CONFIG_HOME: join(folder.path, 'xdg'),
    GIT_CONFIG_NOSYSTEM: '1',
    GIT_EDITOR: 'true',
    SSH_AUTH_SOCK: agent.socket,
  };
  const ours = newRepository(join(folder.path, 'ours'), env, commits);
  execFileSync(process.execPath, [palmkeyBin, 'git', 'setup', '--local', '--home', stage.home], {
    cwd: ours.folder,
    env,
    stdio: 'pipe',
  });
  const theirs = newRepository(join(folder.path, 'theirs'), env, commits);
  for (const [name, value] of [
    ['gpg.format', 'ssh'],
    ['user.signingKey', agent.publicKeyFile],
    ['commit.gpgSign', 'true'],
  ] as const)
    run(theirs, 'config', name, value);
  for (const repository of [ours, theirs, ours, theirs]) await commit(repository);

  const rows: Row[] = [];
  const add = (name: string, samples: Samples) => {
    const row = { bench: 'git', case: name, metric: 'p50_ms', unit: 'ms' };
    rows.push({ ...row, subject: 'ours', value: median(samples.ours) });
    rows.push({ ...row, subject: 'ssh-agent', value: median(samples.theirs) });
  };
  if ('one commit'.includes(only)) add('one commit', await interleaved(quick ? 5 : 40, [ours, theirs], commit));
  const name = `each of ${commits} in a rebase`;
  if (name.includes(only)) {
    const each = async (repository: Repository) => (await rebase(repository, commits)) / commits;
    add(name, await interleaved(quick ? 1 : 3, [ours, theirs], each));
  }
  return rows;
}

interface Samples {
  readonly ours: number[];
  readonly theirs: number[];
}

async function interleaved(
  rounds: number,
  [ours, theirs]: readonly [Repository, Repository],
  work: (repository: Repository) => Promise<number>,
): Promise<Samples> {
  const samples: Samples = { ours: [], theirs: [] };
  for (let round = 0; round < rounds; round += 1) {
    samples.ours.push(await work(ours));
    samples.theirs.push(await work(theirs));
  }
  return samples;
}

/** With `topic`, so many unsigned commits ahead of where `main` has gone on from. */
function newRepository(folder: string, env: NodeJS.ProcessEnv, commits: number): Repository {
  mkdirSync(folder);
  const repository = { folder, env };
  run(repository, 'init', '-q', '-b', 'main');
  run(repository, 'config', 'user.name', 'A. Person');
  run(repository, 'config', 'user.email', 'person@example.org');
  execFileSync('git', ['fast-import', '--quiet'], { cwd: folder, env, input: history(commits) });
  run(repository, 'checkout', '-q', '-f', 'main');
  return repository;
}

/** `git fast-import`'s input: a root, one more commit on main, and the topic from the root, a file each. */
function history(commits: number): string {
  const at = 1_800_000_000;
  const one = (branch: string, number: number, from: string) => {
    const text = `Change file ${number}\n`;
    const who = `A. Person <person@example.org> ${at + number} +0000`;
    return [
      `commit refs/heads/${branch}`,
      `mark :${number}`,
      `author ${who}`,
      `committer ${who}`,
      `data ${text.length}`,
      text,
      ...(from === '' ? [] : [`from ${from}`]),
      `M 100644 inline file-${number}`,
      `data ${text.length}`,
      text,
    ].join('\n');
  };
  const topic = Array.from({ length: commits }, (_, i) => one('topic', i + 3, i === 0 ? ':1' : ''));
  return [one('main', 1, ''), one('main', 2, ':1'), ...topic, ''].join('\n');
}

async function commit(repository: Repository): Promise<number> {
  return timed(
    repository,
    'commit',
    '-q',
    '--allow-empty',
    '-m',
    'Change nothing\n\nSo that only the signing takes time.',
  );
}

/** Every commit of the topic made anew on main, and signed. */
async function rebase(repository: Repository, commits: number): Promise<number> {
  run(repository, 'checkout', '-q', '-B', 'work', 'topic');
  const ms = await timed(repository, 'rebase', '-q', 'main');
  const objects = run(repository, 'log', '--format=raw', 'main..work');
  const signed = objects.split('\ngpgsig -----BEGIN SSH SIGNATURE-----').length - 1;
  if (signed !== commits) throw new Error(`${signed} of ${commits} commits are signed`);
  run(repository, 'checkout', '-q', 'main');
  return ms;
}

/** Milliseconds of one git command. Throws when it fails: a figure of failures is none. */
async function timed({ folder, env }: Repository, ...args: string[]): Promise<number> {
  const startedAt = performance.now();
  const child = spawn('git', args, { cwd: folder, env, stdio: ['ignore', 'ignore', 'pipe'] });
  let said = '';
  child.stderr.on('data', (chunk: Buffer) => (said += chunk.toString()));
  const [code] = (await once(child, 'close')) as [number | null];
  if (code !== 0) throw new Error(`git ${args[0] ?? ''} failed: ${said}`);
  return performance.now() - startedAt;
}

function run({ folder, env }: Repository, ...args: string[]): string {
  return execFileSync('git', args, { cwd: folder, env, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
}
