/** Whether git asks the phone for its signatures. It need not: many sign nothing. */
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { basename } from 'node:path';
import { gitSetupPaths } from '../git-setup/set-up-git.ts';
import { type Finding, finding } from './finding.ts';

/** Reads git's own settings, of those that hold in every repository. `home`: PALMKEY_HOME. */
export async function checkGit(home: string): Promise<Finding[]> {
  const program = await setting('gpg.ssh.program');
  if (program === undefined) return [finding('git', 'git-none')];
  const ours = gitSetupPaths(home).program;
  // One of another home, or of this one before it was moved, is called the same.
  const isPalmkey = program === ours || (program !== null && basename(program) === basename(ours));
  if (program === null || !isPalmkey || (await setting('gpg.format')) !== 'ssh')
    return [finding('git', 'git-off', { program })];
  return [finding('git', existsSync(program) ? 'git-on' : 'git-program-gone', { program })];
}

/** Null where it is not set, undefined where there is no git. */
function setting(name: string): Promise<string | null | undefined> {
  return new Promise((resolve) => {
    execFile('git', ['config', '--global', '--get', name], { timeout: 3_000 }, (error, stdout) => {
      if (error !== null && 'code' in error && error.code === 'ENOENT') resolve(undefined);
      else resolve(stdout.trim() === '' ? null : stdout.trim());
    });
  });
}
