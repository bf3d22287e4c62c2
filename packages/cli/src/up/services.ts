/** What `up` runs: relay with the app, host, try-server, in one process. */
import type { Host, HostOptions } from '@palmkey/host';
import type { KeyFact, Paths } from '@palmkey/host/control';
import { createServer } from 'node:net';
import { join } from 'node:path';
import type { Cli } from '../cli.ts';
import { CliError } from '../cli-error.ts';
import { relaySocket } from '../relay/operator-access.ts';
import { runOperatedRelay } from '../relay/serve-operator.ts';
import { askWords } from '../voice/ask-words.ts';
import { shellPath } from '../voice/shell-word.ts';
import { alsoOnIpv6 } from './also-ipv6.ts';

export interface ServiceOptions {
  readonly paths: Paths;
  /** 0: any that is free. */
  readonly port: number;
  /** Origin of another relay: then neither relay, app nor try-server runs here. */
  readonly relay: string | undefined;
  /** The code of an invitation to that relay. */
  readonly invitation: string | undefined;
  /** Origin by which phones reach this relay. */
  readonly publicUrl: string | undefined;
  readonly try: boolean;
}

export interface Services extends AsyncDisposable {
  readonly host: Host;
  /** What kept the try-server from running, which is no reason for the rest not to run. */
  readonly tryFault: unknown;
}

/** Starts them; on a fault what was started is closed again and the fault thrown. */
export async function startServices(options: ServiceOptions, cli: Cli): Promise<Services> {
  const running: AsyncDisposable[] = [];
  const close = async () => {
    for (const service of running.reverse()) await service[Symbol.asyncDispose]();
  };
  try {
    const { invitationGrant, prepareDevice, startRenewingHost } = await import('@palmkey/host');
    const { paths, invitation } = options;
    const grant = invitation === undefined ? undefined : invitationGrant(invitation);
    if (grant === null) throw new CliError('bad-invitation', {});
    // A folder on which no host can be started is left as it is.
    prepareDevice(paths.home);
    const relay = options.relay === undefined ? await startOwnRelay(options, cli, running) : undefined;

    let keys: () => readonly KeyFact[] = () => [];
    let tryCommand: string | null = null;
    let tryFault: unknown;
    if (relay !== undefined && options.try) {
      try {
        tryCommand = await startTry(options, relay.port + 1, () => keys(), cli, running);
      } catch (error) {
        tryFault = error;
      }
    }
    const hostOptions: HostOptions = {
      home: paths.home,
      ...(grant !== undefined && { grant }),
      relay: options.relay ?? `http://localhost:${relay?.port ?? 0}`,
      appUrl: relay === undefined ? null : `http://localhost:${relay.port}`,
      publicUrl: options.publicUrl ?? null,
      tryCommand,
      version: cli.version,
      hostName: cli.hostName,
      sshAuthSock: cli.env.SSH_AUTH_SOCK ?? null,
      progressWords: (progress) => askWords(progress, cli.now),
      onStop: cli.interrupt,
    };
    const host = await startRenewingHost(hostOptions, async (device) => relay?.admit(device));
    running.push(host);
    keys = () => host.userKeys();
    return { host, tryFault, [Symbol.asyncDispose]: close };
  } catch (error) {
    await close();
    throw error;
  }
}

async function startOwnRelay(options: ServiceOptions, cli: Cli, running: AsyncDisposable[]) {
  const port = options.port === 0 ? await freePort() : options.port;
  const origins = new Set([`http://localhost:${port}`, `http://127.0.0.1:${port}`]);
  if (options.publicUrl !== undefined) origins.add(options.publicUrl);
  const { jsonLogger } = await import('../logger.ts');
  const relay = await runOperatedRelay(
    {
      host: '127.0.0.1',
      port,
      origins: [...origins],
      admission: 'members',
      own: true,
      store: options.paths.relayDatabase,
      appDir: cli.appFolder,
      logger: jsonLogger(join(options.paths.relay, 'relay.log')),
      // A phone that can be woken is one that reaches this relay from outside, by this very address.
      ...(options.publicUrl?.startsWith('https:') === true && {
        push: { contact: options.publicUrl, services: [] },
      }),
    },
    relaySocket(options.paths.relayDatabase, options.paths),
    cli,
  );
  running.push(relay);
  const ipv6 = await alsoOnIpv6(port);
  if (ipv6 !== undefined) running.push(ipv6);
  return relay;
}

/** Returns the one command that tries it. */
async function startTry(
  { paths }: ServiceOptions,
  port: number,
  keys: () => readonly KeyFact[],
  cli: Cli,
  running: AsyncDisposable[],
): Promise<string> {
  const { startTryServer } = await import('../try-server/try-server.ts');
  const { agentSocket, knownHostsCommand } = paths;
  const server = await startTryServer({ folder: paths.try, port, keys, agentSocket, knownHostsCommand });
  running.push(server);
  return `ssh -F ${shellPath(server.sshConfig, cli.userFolder)} try`;
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer().once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' && address !== null ? address.port : 0));
    });
  });
}
