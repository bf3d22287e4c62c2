import { ControlClient, ControlError, type Paths } from '@palmkey/host/control';
import type { Inventory, UndoReport } from '@palmkey/host/uninstall';
import type { Command } from 'commander';
import type { Cli } from '../cli.ts';
import { CliError } from '../cli-error.ts';
import { print } from '../print.ts';
import { paintFor } from '../voice/paint.ts';
import { uninstallDone, uninstallPlan, uninstallWords } from '../voice/uninstall-words.ts';
import { addHomeOption, optionsOf, pathsOf, type HomeOption } from './home-option.ts';
import { serviceOptions } from './service.ts';

interface Options extends HomeOption {
  readonly keepHistory?: true;
  readonly dryRun?: true;
  readonly yes?: true;
}

/** What would go. */
export interface UninstallPlan {
  readonly inventory: Inventory;
  /** Names of the phones, null where no daemon could say. */
  readonly phones: readonly string[] | null;
  readonly keepHistory: boolean;
}

/** What went. */
export interface Uninstalled {
  readonly service: readonly string[];
  readonly undone: readonly UndoReport[];
  readonly told: readonly string[];
  readonly untold: readonly string[];
  readonly left: readonly string[];
}

/** `uninstall`: takes everything of Palmkey's off this computer but the program. */
export function addUninstall(program: Command, cli: Cli): void {
  addHomeOption(program.command('uninstall'))
    .description('take Palmkey off this computer: setup, service, pairings and its folder')
    .option('--keep-history', 'keep the log of what was asked')
    .option('--dry-run', 'only say what would go')
    .option('--yes', 'do not ask: delete the pairings and the folder')
    .action(async (_: unknown, command: Command) => {
      const options = optionsOf<Options>(command);
      const paths = pathsOf(options, cli);
      const { inventory } = await import('@palmkey/host/uninstall');
      const paint = paintFor(cli.output, cli.env);
      const plan: UninstallPlan = {
        inventory: inventory(paths),
        phones: await phonesOf(paths),
        keepHistory: options.keepHistory === true,
      };
      print(cli, ...uninstallPlan(plan, { home: paths.home, userFolder: cli.userFolder }, paint));
      if (options.dryRun === true) return;
      if (options.yes !== true) await confirm(cli);
      const done = await uninstall(paths, plan.keepHistory, cli);
      print(cli, '', ...uninstallDone(done, cli, paint));
    });
}

async function uninstall(paths: Paths, keepHistory: boolean, cli: Cli): Promise<Uninstalled> {
  const { removeHome, stopDaemon, undoSteps } = await import('@palmkey/host/uninstall');
  const { told, untold, running } = await goodbye(paths);
  const service = await removeService(cli);
  if (running && !(await stopDaemon(paths).catch(ifGone))) throw new CliError('still-running', { home: paths.home });
  const { userFolder: userHome, env } = cli;
  const undone: UndoReport[] = [];
  for (const step of undoSteps) undone.push(await step.undo({ paths, userHome, env, now: () => new Date(cli.now()) }));
  const { left } = await removeHome(paths, { keepHistory });
  return { service, undone, told, untold, left };
}

/** Unpairs every phone, through the daemon where one runs. */
async function goodbye(paths: Paths): Promise<{ told: string[]; untold: string[]; running: boolean }> {
  let control: ControlClient;
  try {
    control = await ControlClient.connect(paths.controlSocket);
  } catch (error) {
    if (!(error instanceof ControlError && error.code === 'not-running')) throw error;
    return { told: [], untold: await storedPhones(paths), running: false };
  }
  try {
    const { phones, deviceKeys } = await control.call('status', {});
    // Locked, it reaches nobody.
    if (deviceKeys === 'locked') return { told: [], untold: phones.map(({ name }) => name), running: true };
    const told: string[] = [];
    const untold: string[] = [];
    for (const { id, name } of phones) ((await control.call('unpair', { phone: id })).told ? told : untold).push(name);
    return { told, untold, running: true };
  } finally {
    control.close();
  }
}

async function removeService(cli: Cli): Promise<readonly string[]> {
  const { ServiceError, uninstallService } = await import('@palmkey/host/service');
  try {
    return (await uninstallService(serviceOptions(cli))).changed;
  } catch (error) {
    if (error instanceof ServiceError) return [];
    throw error;
  }
}

/** The service may have ended it. */
function ifGone(error: unknown): boolean {
  if (error instanceof ControlError && (error.code === 'not-running' || error.code === 'disconnected')) return true;
  throw error;
}

async function phonesOf(paths: Paths): Promise<readonly string[] | null> {
  try {
    const control = await ControlClient.connect(paths.controlSocket);
    try {
      return (await control.call('status', {})).phones.map(({ name }) => name);
    } finally {
      control.close();
    }
  } catch {
    return storedPhones(paths);
  }
}

/** Without a daemon: the names that the pairings have; none where they cannot be read. */
async function storedPhones({ pairings }: Paths): Promise<string[]> {
  const { pairedNames } = await import('@palmkey/host/uninstall');
  return pairedNames(pairings);
}

async function confirm(cli: Cli): Promise<void> {
  if (cli.input.isTTY !== true) throw new CliError('needs-yes');
  const prompts = await import('@clack/prompts');
  const answer = await prompts.confirm({
    message: uninstallWords.ask,
    initialValue: false,
    input: cli.input,
    output: cli.output,
    signal: cli.stopping,
    withGuide: false,
  });
  if (answer !== true) throw new CliError('declined');
}
