/** Real `ssh` with a configuration of the test's own: nothing of the person's account is read or written. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { paths } from '@palmkey/host/control';
import { ownConfig } from '@palmkey/host/setup';
import { Child } from './child.ts';
import type { Sshd } from './sshd.ts';

export interface SshClient {
  /** The configuration file, for `ssh -F`. */
  readonly config: string;
  start(...command: string[]): Child;
  /** The same in a terminal of its own, so that progress lines have somewhere to go. */
  startInTerminal(...command: string[]): Child;
}

export interface SshClientOptions {
  /** A private key file to fall back to. */
  readonly localKey?: string;
  readonly hostAlias?: string;
}

/** `folder` holds the configuration and known_hosts; `home` is the PALMKEY_HOME whose agent is used. */
export function sshClient(folder: string, home: string, server: Sshd, options: SshClientOptions = {}): SshClient {
  const at = paths(home);
  const name = options.hostAlias ?? 'prod-3.example.org';
  const config = join(folder, `ssh_config_${server.port}`);
  writeFileSync(
    config,
    [
      'Host server',
      `  HostName 127.0.0.1`,
      `  HostKeyAlias ${name}`,
      `  Port ${server.port}`,
      `  User ${server.user}`,
      `  UserKnownHostsFile "${join(folder, 'known_hosts')}"`,
      '  GlobalKnownHostsFile none',
      '  StrictHostKeyChecking no',
      '  PasswordAuthentication no',
      '  KbdInteractiveAuthentication no',
      ...(options.localKey === undefined ? ['  IdentityFile none'] : [`  IdentityFile "${options.localKey}"`]),
      // What leads ssh to Palmkey is what `palmkey setup` writes.
      ownConfig(at),
    ].join('\n'),
    { mode: 0o600 },
  );
  const quote = (text: string) => `'${text.replaceAll("'", "'\\''")}'`;
  return {
    config,
    start: (...command) => new Child('ssh', ['-F', config, 'server', ...command]),
    startInTerminal: (...command) =>
      new Child('script', ['-qefc', ['ssh', '-F', config, 'server', ...command].map(quote).join(' '), '/dev/null'], {
        stdin: 'pipe',
      }),
  };
}
