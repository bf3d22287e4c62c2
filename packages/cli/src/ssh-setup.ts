/** ssh's configuration, as the commands ask for it. */
import { existsSync } from 'node:fs';
import type { Paths } from '@palmkey/host/control';
import type { SetupOptions } from '@palmkey/host/setup';
import type { Cli } from './cli.ts';

export function setupOptions(paths: Paths, cli: Pick<Cli, 'userFolder' | 'now'>): SetupOptions {
  return {
    userHome: cli.userFolder,
    sshConfig: paths.sshConfig,
    agentSocket: paths.agentSocket,
    knownHostsCommand: paths.knownHostsCommand,
    now: () => new Date(cli.now()),
  };
}

/** Whether ssh asks this installation for a host that has no settings of its own. Never throws. */
export async function isSetUp(paths: Paths, _cli?: unknown): Promise<boolean> {
  if (!existsSync(paths.sshConfig)) return false;
  const { effectiveSettings } = await import('@palmkey/host/setup');
  const { identityAgent } = await effectiveSettings('host.invalid');
  return identityAgent === paths.agentSocket;
}
