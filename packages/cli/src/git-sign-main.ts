/**
 * The composition root of git's signing program (spec/git.md): started by the script that `palmkey git setup` wrote, with
 * the home folder, git's process id and then git's own arguments.
 */
import { spawn } from 'node:child_process';
import { closeSync, constants, openSync, readFileSync, writeFileSync, writeSync } from 'node:fs';
import { paths } from '@palmkey/host/control';
import { knownKeys, repositoryHere, systemProcesses } from '@palmkey/host/git';
import { signForGit } from './git-sign.ts';

process.umask(0o077);
const [home = '', gitPid = '', ...args] = process.argv.slice(2);

/** Opens what one can write to; null where one cannot. */
function openOutput(path: string): number | null {
  try {
    return openSync(path, constants.O_WRONLY | constants.O_APPEND | constants.O_NOCTTY | constants.O_NONBLOCK);
  } catch {
    return null;
  }
}

/** A terminal that is gone or stopped: the line is lost, the signature is not. */
function put(output: number | null, text: string): void {
  if (output === null) return;
  try {
    writeSync(output, text);
  } catch {
    // lost it is
  }
}

/** The person's terminal; git keeps the standard ones to itself. */
const terminal = openOutput('/dev/tty');
const at = paths(home);
const exit = await signForGit(args, {
  controlSocket: at.controlSocket,
  knownKeys: () => knownKeys(at.pairings),
  me: 'palmkey',
  now: Date.now,
  read: (path) => readFileSync(path),
  write: (path, text) => writeFileSync(path, text, { mode: 0o600, flag: 'wx' }),
  complain: (text) => process.stderr.write(text),
  complainPastGit: (text) => put(openOutput(`/proc/${gitPid}/fd/2`) ?? terminal, text),
  show: (text) => put(terminal, text),
  repository: repositoryHere,
  origin: async () => {
    const { programs, terminal } = await systemProcesses.view(Number(gitPid));
    return { programs, terminal, directory: process.cwd() };
  },
  sshKeygen: () =>
    new Promise((resolve) => {
      const child = spawn('ssh-keygen', args, { stdio: 'inherit' });
      child.once('error', () => {
        process.stderr.write('palmkey: there is no ssh-keygen here\n  Install the OpenSSH client\n');
        resolve(1);
      });
      child.once('exit', (code) => resolve(code ?? 1));
    }),
});
if (terminal !== null) closeSync(terminal);
process.exitCode = exit;
