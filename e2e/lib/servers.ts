/** Several real servers under one configuration of `ssh`, so that logins can lead from one to the next. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { paths } from '@palmkey/host/control';
import { Child } from './child.ts';
import { type Sshd, type SshdOptions, startSshd } from './sshd.ts';

export interface ServersOptions {
  /** The PALMKEY_HOME whose agent the first `ssh` uses. */
  readonly home: string;
  /** Lines of authorized_keys that every server takes. */
  readonly keyLines: readonly string[];
  /** By name, how a server is started; its configuration calls it `<name>.example.org`. */
  readonly servers: Readonly<Record<string, SshdOptions>>;
}

/** What stands in every configuration: nothing of the person's account is read or written. */
const common = [
  'GlobalKnownHostsFile none',
  'StrictHostKeyChecking no',
  'PasswordAuthentication no',
  'KbdInteractiveAuthentication no',
  'IdentityFile none',
  'LogLevel ERROR',
];

export class Servers implements AsyncDisposable {
  readonly folder: string;
  /** For `-F` on this computer: with Palmkey's agent and KnownHostsCommand. */
  readonly config: string;
  /** For `-F` of an `ssh` that runs on one of the servers: with the agent that was forwarded there. */
  readonly remoteConfig: string;
  readonly #sshds = new Map<string, Sshd>();

  private constructor(folder: string) {
    this.folder = folder;
    this.config = join(folder, 'config');
    this.remoteConfig = join(folder, 'remote_config');
  }

  static async start(folder: string, { home, keyLines, servers }: ServersOptions): Promise<Servers> {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    const all = new Servers(folder);
    for (const [name, options] of Object.entries(servers)) {
      const sshd = await startSshd(join(folder, name), options);
      sshd.authorize(keyLines);
      all.#sshds.set(name, sshd);
    }
    const at = paths(home);
    all.write([`IdentityAgent "${at.agentSocket}"`, `KnownHostsCommand "${at.knownHostsCommand}" %I %H %t %K`]);
    return all;
  }

  /** Writes {@link config} anew: `before` stands before the servers, and `ours` is what leads to Palmkey. */
  write(ours: readonly string[], before: readonly string[] = []): void {
    const hosts = [...this.#sshds].flatMap(([name, { address, port, user }]) => [
      `Host ${name}`,
      `  HostName ${address}`,
      `  HostKeyAlias ${name}.example.org`,
      `  Port ${port}`,
      `  User ${user}`,
    ]);
    const all = ['Host *', `UserKnownHostsFile "${join(this.folder, 'known_hosts')}"`, ...common];
    for (const [path, lines] of [
      [this.config, [...before, ...hosts, ...all, ...ours]],
      [this.remoteConfig, [...hosts, ...all, 'IdentityAgent SSH_AUTH_SOCK']],
    ] as const)
      writeFileSync(path, `${lines.join('\n')}\n`, { mode: 0o600 });
  }

  get(name: string): Sshd {
    const sshd = this.#sshds.get(name);
    if (sshd === undefined) throw new Error(`no server is called ${name}`);
    return sshd;
  }

  /** How many logins a server let in. */
  accepted(name: string): number {
    return [
      ...this.get(name)
        .log()
        .matchAll(/Accepted publickey/g),
    ].length;
  }

  /** `ssh`, or another program that takes `-F`. */
  start(
    args: readonly string[],
    { program = 'ssh', env = {} }: { program?: string; env?: Record<string, string> } = {},
  ): Child {
    return new Child(program, ['-F', this.config, ...args], { env: { SSH_AUTH_SOCK: undefined, ...env } });
  }

  /** The words of an `ssh` for a server's shell, with the agent that was forwarded there. */
  onward(...args: string[]): string {
    return ['ssh', '-F', this.remoteConfig, ...args].map(quoted).join(' ');
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const sshd of this.#sshds.values()) await sshd[Symbol.asyncDispose]();
  }
}

/** One word for a POSIX shell. */
export function quoted(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}
