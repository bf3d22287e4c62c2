/** A real OpenSSH server on loopback, with keys and settings of its own. */
import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import { Child } from './child.ts';
import { freePort } from './temp.ts';

export interface Sshd extends AsyncDisposable {
  readonly address: string;
  readonly port: number;
  /** The account that logs in: the one that runs the test. */
  readonly user: string;
  /** `SHA256:…` of its Ed25519 host key. */
  readonly fingerprint: string;
  readonly log: () => string;
  authorize(lines: readonly string[]): void;
}

export interface SshdOptions {
  readonly port?: number;
  /** Another host key than the folder's first one. */
  readonly freshHostKey?: boolean;
  /** Where it listens. */
  readonly address?: '127.0.0.1' | '::1';
  /** A private key file: an authority that signs a certificate of the host key for this name. */
  readonly certified?: { readonly by: string; readonly name: string };
  /** Further lines of its configuration; what they set holds. */
  readonly settings?: readonly string[];
}

/** A folder with an earlier server's host key makes the same server again. */
export async function startSshd(folder: string, options: SshdOptions = {}): Promise<Sshd> {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  if (process.getuid?.() === 0) mkdirSync('/run/sshd', { recursive: true });
  const key = join(folder, `host_ed25519${options.freshHostKey === true ? '_2' : ''}`);
  try {
    readFileSync(key);
  } catch {
    execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', key]);
  }
  const { certified, address = '127.0.0.1', settings = [] } = options;
  if (certified !== undefined)
    execFileSync('ssh-keygen', ['-q', '-s', certified.by, '-I', 'e2e', '-h', '-n', certified.name, `${key}.pub`]);
  const authorized = join(folder, 'authorized_keys');
  const port = options.port ?? (await freePort());
  const config = join(folder, `sshd_config_${port}`);
  writeFileSync(authorized, '', { flag: 'a' });
  writeFileSync(
    config,
    [
      ...settings,
      `ListenAddress ${address.includes(':') ? `[${address}]` : address}:${port}`,
      `HostKey ${key}`,
      ...(certified === undefined ? [] : [`HostCertificate ${key}-cert.pub`]),
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
    address,
    port,
    user: userInfo().username,
    fingerprint,
    log: () => child.output,
    authorize: (lines) => writeFileSync(authorized, `${lines.join('\n')}\n`),
    [Symbol.asyncDispose]: () => child[Symbol.asyncDispose](),
  };
}
