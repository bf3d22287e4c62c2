import type { Command } from 'commander';
import type { Host } from '@palmkey/host';
import { ControlClient, ControlError, type Paths } from '@palmkey/host/control';
import { existsSync } from 'node:fs';
import type { Cli } from '../cli.ts';
import { isLoopbackOrigin, parsePort, parsePublicUrl, parseRelayUrl } from '../origins.ts';
import { print, printAside } from '../print.ts';
import { isSetUp } from '../ssh-setup.ts';
import { admitted } from '../up/admission.ts';
import { liveStatus } from '../up/live-status.ts';
import { logChanges } from '../up/log-changes.ts';
import { startServices } from '../up/services.ts';
import { paintFor } from '../voice/paint.ts';
import { passphraseWords } from '../voice/passphrase-words.ts';
import { problemLines, wordsFor } from '../voice/problem.ts';
import { upWords } from '../voice/up-words.ts';
import { CliError } from '../cli-error.ts';
import { meAt } from '../home-folder.ts';
import { addHomeOption, optionsOf, pathsOf, type HomeOption } from './home-option.ts';

interface Options extends HomeOption {
  readonly relay?: string;
  readonly port: string;
  readonly publicUrl?: string;
  readonly invite?: string;
  readonly try: boolean;
  readonly pair?: boolean;
  readonly service?: true;
}

/** `up`: relay, app and host in one process, until it is told to stop. */
export function addUp(program: Command, cli: Cli): void {
  addHomeOption(program.command('up'))
    .description('start: relay, app and this computer’s agent')
    .option('--port <port>', 'the port of relay and app on localhost', '7722')
    .option('--public-url <url>', 'the https address by which your phone reaches that port')
    .option('--relay <url>', 'use this relay; none runs here')
    .option('--invite <code>', 'the code of an invitation to that relay, until it has let this computer in')
    .option('--no-try', 'without the small SSH server to try a login with')
    .option('--pair', 'pair another phone right away')
    .option('--no-pair', 'do not begin a pairing when there is no phone yet')
    .option('--service', 'for a service: plain lines for a log, no pairing, no try-out')
    .action((_: unknown, command: Command) => up(optionsOf<Options>(command), cli));
}

async function up(options: Options, cli: Cli): Promise<void> {
  const paths = pathsOf(options, cli);
  const port = parsePort(options.port);
  const relay = options.relay === undefined ? undefined : parseRelayUrl(options.relay);
  const publicUrl = options.publicUrl === undefined ? undefined : parsePublicUrl(options.publicUrl);
  const invitation = options.invite;
  if (invitation !== undefined && relay === undefined) throw new CliError('invite-where', {});
  await refuseSecond(paths.controlSocket, paths.home);

  const quiet = options.service === true;
  const services = await startServices({ paths, port, relay, invitation, publicUrl, try: options.try && !quiet }, cli);
  const { host, tryFault } = services;
  try {
    const paint = paintFor(cli.output, cli.env);
    if (tryFault !== undefined) {
      const { problem, todo } = wordsFor(tryFault, cli.me);
      printAside(cli, ...problemLines({ problem: upWords.noTry(problem), todo }, paintFor(cli.errors, cli.env)));
    }
    if (!quiet) await unlocked(host, paths, cli);
    if (invitation !== undefined && (await admitted(host, cli.stopping))) print(cli, upWords.joined(relay ?? ''));
    printAside(cli, ...(await movedLines(paths, cli)));
    const status = host.status();
    if (quiet) {
      await logChanges(host, cli);
      return;
    }
    if (status.deviceKeys !== 'locked' && (options.pair ?? status.phones.length === 0)) {
      print(cli, ...upWords.hello(status, paint));
      const reachable = publicUrl !== undefined || (relay !== undefined && !isLoopbackOrigin(relay));
      const { firstPairing } = await import('../up/first-pairing.ts');
      await firstPairing({ host, controlSocket: paths.controlSocket, reachable }, cli);
    }
    const surroundings = async () => ({
      me: meAt(paths.home, cli),
      setUp: await isSetUp(paths, cli),
      loggedIn: await hasLoggedIn(paths.controlSocket),
    });
    if (!cli.stopping.aborted) await liveStatus({ host, home: paths.home, surroundings }, cli);
    print(cli, upWords.stopping);
  } finally {
    await services[Symbol.asyncDispose]();
  }
}

/** Asks for the passphrase at once where there is somebody to type it, who may leave it for later. */
async function unlocked(host: Host, { controlSocket }: Paths, cli: Cli): Promise<void> {
  if (host.status().deviceKeys !== 'locked' || cli.input.isTTY !== true) return;
  const { passphraseInput, untilRight } = await import('../passphrase-input.ts');
  const control = await ControlClient.connect(controlSocket);
  try {
    using input = passphraseInput(false, cli);
    const unlock = async (passphrase: string) => passphrase === '' || (await control.call('unlock', { passphrase }));
    await untilRight(input, passphraseWords.askLater, unlock, cli);
  } catch (error) {
    if (cli.stopping.aborted) return;
    printAside(cli, ...problemLines(wordsFor(error, cli.me), paintFor(cli.errors, cli.env)));
  } finally {
    control.close();
  }
  // It begins anew with its keys.
  (await ControlClient.connect(controlSocket)).close();
}

/** What still leads ssh to another folder, where this one was set up before it was moved here. */
async function movedLines(paths: Paths, cli: Cli): Promise<string[]> {
  if (!existsSync(paths.sshConfig)) return [];
  const { staleSetup } = await import('@palmkey/host/doctor');
  const from = staleSetup(paths, cli.userFolder);
  return from === null ? [] : upWords.moved(from, cli.userFolder, meAt(paths.home, cli));
}

/** Says so before a port is taken or a file touched when a daemon already runs on this folder. */
async function refuseSecond(controlSocket: string, home: string): Promise<void> {
  let other: ControlClient;
  try {
    other = await ControlClient.connect(controlSocket);
  } catch (error) {
    if (error instanceof ControlError && error.code === 'not-running') return;
    throw error;
  }
  try {
    const { pid } = await other.call('status', {});
    throw new CliError('already-up', { found: pid, home });
  } finally {
    other.close();
  }
}

async function hasLoggedIn(controlSocket: string): Promise<boolean> {
  try {
    const control = await ControlClient.connect(controlSocket);
    try {
      const log = await control.call('log', { limit: 200 });
      return log.some(({ kind, outcome }) => kind === 'login' && outcome === 'approved');
    } finally {
      control.close();
    }
  } catch {
    // It is only asked for a hint, and the daemon may be stopping.
    return false;
  }
}
