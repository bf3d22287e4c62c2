/** Runs git, and says what came of it. */
import { spawnSync } from 'node:child_process';
import { GitSetupError } from './errors.ts';

export interface GitRun {
  readonly code: number;
  readonly output: string;
}

/** Port: one run of git. @throws GitSetupError `no-git` */
export type Git = (...args: readonly string[]) => GitRun;

/** git in a folder, with the environment of whoever asks. */
export function gitIn(folder: string, env: NodeJS.ProcessEnv): Git {
  return (...args) => {
    const { error, status, stdout } = spawnSync('git', args, { cwd: folder, env, encoding: 'utf8' });
    if (error !== undefined) throw new GitSetupError('no-git', {}, error);
    return { code: status ?? 1, output: stdout };
  };
}

/** git's `key::` literals came with 2.35. @throws GitSetupError `no-git`, `git-too-old` */
export function checkGit(git: Git): void {
  const [, version = '', major = '0', minor = '0'] = /((\d+)\.(\d+)\S*)/.exec(git('--version').output) ?? [];
  if (Number(major) * 1000 + Number(minor) < 2035) throw new GitSetupError('git-too-old', { version });
}

/** The values of a setting, in order; none where it is not set. */
export function valuesOf(git: Git, file: string, name: string): string[] {
  return split(git('config', '--file', file, '-z', '--get-all', name));
}

/** The value that holds where git runs, and the file that it comes from; null where none is set. */
export function effective(git: Git, name: string): { readonly value: string; readonly origin: string } | null {
  const [origin, value] = split(git('config', '--show-origin', '-z', '--get', name));
  return origin === undefined || value === undefined ? null : { value, origin: origin.replace(/^file:/, '') };
}

/** @throws GitSetupError `git-failed` */
export function replaceValues(git: Git, file: string, name: string, values: readonly string[]): void {
  const [first, ...more] = values;
  const runs =
    first === undefined
      ? [git('config', '--file', file, '--unset-all', name)]
      : [
          git('config', '--file', file, '--replace-all', name, first),
          ...more.map((value) => git('config', '--file', file, '--add', name, value)),
        ];
  if (runs.some(({ code }) => code !== 0)) throw new GitSetupError('git-failed', { path: file, name });
}

function split({ code, output }: GitRun): string[] {
  return code === 0 ? output.split('\0').slice(0, -1) : [];
}
