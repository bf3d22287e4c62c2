/** The files of the try-server: its host key, and the ssh configuration that makes one short command of it. */
import { chmod, mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { CliError } from '../cli-error.ts';

export interface TryFiles {
  readonly folder: string;
  readonly hostKey: string;
  readonly sshConfig: string;
  readonly knownHosts: string;
}

export interface TryConfig {
  readonly port: number;
  readonly agentSocket: string;
  readonly knownHostsCommand: string;
}

/** The name under which ssh, and so the phone, knows the server; it stays when the port changes. */
const tryName = 'palmkey-try';

export function tryFiles(folder: string): TryFiles {
  return {
    folder,
    hostKey: join(folder, 'host_ed25519'),
    sshConfig: join(folder, 'ssh_config'),
    knownHosts: join(folder, 'known_hosts'),
  };
}

/** Ways to make a host key in OpenSSH's form, and to tell one. */
export interface HostKeyMaker {
  make(): string;
  isKey(text: string): boolean;
}

/** One key in 300 that ssh2 makes is malformed, and says so only when it is read: ten in a row are none. */
const makeTries = 10;

/** The host key in OpenSSH's form: the one that is there and can be read, or a new one. */
export async function hostKey(files: TryFiles, maker: HostKeyMaker): Promise<string> {
  await mkdir(files.folder, { recursive: true, mode: 0o700 });
  try {
    const kept = await readFile(files.hostKey, 'utf8');
    if (maker.isKey(kept)) return kept;
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ENOENT')) throw error;
  }
  let key = maker.make();
  for (let tries = 1; tries < makeTries && !maker.isKey(key); tries += 1) key = maker.make();
  await replaceFile(files.hostKey, key);
  return key;
}

/** Writes the configuration for `ssh -F`. Throws CliError `try-path` for paths that ssh_config(5) has no way to write. */
export async function writeSshConfig(files: TryFiles, config: TryConfig): Promise<void> {
  await replaceFile(files.sshConfig, sshConfig(files, config));
}

export function sshConfig(files: TryFiles, config: TryConfig): string {
  return [
    '# Written by Palmkey at each start, for: ssh -F <this file> try',
    // KnownHostsCommand came with OpenSSH 8.5; an older ssh shall go on without the name.
    'IgnoreUnknown KnownHostsCommand',
    'Host try',
    '  HostName 127.0.0.1',
    `  Port ${config.port}`,
    '  User you',
    `  HostKeyAlias ${tryName}`,
    `  IdentityAgent ${quoted(config.agentSocket)}`,
    '  IdentityFile none',
    '  PreferredAuthentications publickey',
    `  KnownHostsCommand ${quoted(config.knownHostsCommand)} %I %H %t %K %f`,
    `  UserKnownHostsFile ${quoted(files.knownHosts)}`,
    '  GlobalKnownHostsFile none',
    '  StrictHostKeyChecking accept-new',
    '  UpdateHostKeys no',
    '  ControlPath none',
    '  LogLevel ERROR',
    '',
  ].join('\n');
}

/** A path in ssh_config(5): in quotes for its spaces, `%` doubled for its tokens. Quotes and `$` cannot be escaped there. */
function quoted(path: string): string {
  if (/["$\\\p{Cc}]/u.test(path)) throw new CliError('try-path', { path });
  return `"${path.replaceAll('%', '%%')}"`;
}

async function replaceFile(path: string, content: string): Promise<void> {
  const beside = `${path}.new`;
  await writeFile(beside, content, { mode: 0o600 });
  await chmod(beside, 0o600);
  await rename(beside, path);
}
