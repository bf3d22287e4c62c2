/** Whether git asks the phone for its signatures. It need not: many sign nothing. */
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { isAbsolute } from 'node:path';
import { type Finding, finding } from './finding.ts';

/** Reads git's own settings, of every scope that holds outside a repository. */
export async function checkGit(): Promise<Finding[]> {
  const program = await setting('gpg.ssh.program');
  if (program === undefined) return [finding('git', 'git-none')];
  const format = await setting('gpg.format');
  if (program === null || format !== 'ssh' || !program.includes('palmkey'))
    return [finding('git', 'git-off', { program })];
  const gone = isAbsolute(program) && !existsSync(program);
  return [finding('git', gone ? 'git-program-gone' : 'git-on', { program })];
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
