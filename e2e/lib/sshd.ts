/** A real OpenSSH server on loopback, with keys and settings of its own. */
import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import { Child } from './child.ts';
import { freePort } from './temp.ts';

export interface Sshd extends AsyncDisposable {
  readonly port: number;
  /** The account that logs in: the one that runs the test. */
  readonly user: string;
  /** `SHA256:…` of its Ed25519 host key. */
  readonly fingerprint: string;
  readonly log: () => string;
  authorize(lines: readonly string[]): void;
}

/** `hostKeyFrom`: a folder with an earlier server's host key, to be the same server again. */
export async function startSshd(
  folder: string,
  options: { port?: number; freshHostKey?: boolean } = {},
): Promise<Sshd> {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  if (process.getuid?.() === 0) mkdirSync('/run/sshd', { recursive: true });
  const key = join(folder, `host_ed25519${options.freshHostKey === true ? '_2' : ''}`);
  try {
    readFileSync(key);
  } catch {
    execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', key]);
  }
  const authorized = join(folder, 'authorized_keys');
  const port = options.port ?? (await freePort());
  const config = join(folder, `sshd_config_${port}`);
  writeFileSync(authorized, '', { flag: 'a' });
  writeFileSync(
    config,
    [
      `ListenAddress 127.0.0.1:${port}`,
      `HostKey ${key}`,
      `AuthorizedKeysFile ${authorized}`,
      'StrictModes no',
      'UsePAM no',
      'PasswordAuthentication no',
      'KbdInteractiveAuthentication no',
      'PermitRootLogin prohibit-password',
      'MaxStartups 200',
      'PidFile none',
      'PrintMotd no',
      'LogLevel VERBOSE',
      'Subsystem sftp internal-sftp',
      '',
    ].join('\n'),
  );
  const child = new Child('/usr/sbin/sshd', ['-D', '-e', '-f', config]);
  await child.prints(/Server listening/);
  const fingerprint = execFileSync('ssh-keygen', ['-lf', `${key}.pub`], { encoding: 'utf8' }).split(' ')[1] ?? '';
  return {
    port,
    user: userInfo().username,
    fingerprint,
    log: () => child.output,
    authorize: (lines) => writeFileSync(authorized, `${lines.join('\n')}\n`),
    [Symbol.asyncDispose]: () => child[Symbol.asyncDispose](),
  };
}
