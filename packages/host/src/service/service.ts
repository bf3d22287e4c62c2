/** Installs, takes away and looks at the service. */
import { lstatSync, mkdirSync, readlinkSync, rmdirSync, rmSync } from 'node:fs';
import { dirname } from 'node:path';
import { diskFiles, type SetupFile } from '../setup/setup-files.ts';
import { removeMade } from '../uninstall/remove-made.ts';
import { ServiceError } from './errors.ts';
import {
  type CommandLine,
  forgetCommand,
  isActive,
  isAvailable,
  managerOf,
  type RunCommand,
  runCommand,
  startCommands,
  stopCommand,
} from './manager.ts';
import {
  isServiceText,
  serviceFile,
  type ServiceManager,
  serviceMemory,
  type ServicePlace,
  type ServicePlan,
  serviceText,
  wantsLink,
} from './service-file.ts';

export interface ServiceOptions extends ServicePlace {
  readonly platform: NodeJS.Platform;
  readonly now: () => Date;
  readonly run?: RunCommand;
}

export interface ServiceReport {
  /** The files that were written or removed. */
  readonly changed: readonly string[];
  /** The copy of what stood there before. */
  readonly backup: string | null;
  /** The commands that were run, and their exit codes. */
  readonly ran: readonly { readonly command: CommandLine; readonly exit: number; readonly said: string }[];
  /** What is left to the person, since the manager does not answer here. */
  readonly notRun: readonly CommandLine[];
}

export interface ServiceStatus {
  readonly manager: ServiceManager;
  readonly file: string;
  readonly installed: 'ours' | 'other' | 'none';
  /** Null where the manager does not answer. */
  readonly active: boolean | null;
}

/**
 * Writes the file and starts the service.
 * @throws ServiceError before anything is changed; the system's errors when the file cannot be written.
 */
export async function installService(plan: ServicePlan, options: ServiceOptions): Promise<ServiceReport> {
  const { manager, file, run } = at(options);
  const found = readText(file);
  if (found === null ? lstatSync(file, { throwIfNoEntry: false }) !== undefined : !isServiceText(found.text))
    throw new ServiceError('not-our-service', file);
  const made = mkdirSync(dirname(file), { recursive: true, mode: 0o700 }) ?? null;
  const memory = found === null ? { made } : serviceMemory(found.text);
  const text = serviceText(manager, plan, memory);
  const changed: string[] = [];
  let backup: string | null = null;
  if (found?.text !== text) {
    if (found !== null) {
      const name = `${file}.palmkey-backup-${stamp(options.now())}`;
      backup = name;
      for (let i = 2; diskFiles.read(backup) !== null; i += 1) backup = `${name}-${i}`;
      diskFiles.replace(backup, { ...found, text: bytesOf(found.text) });
    }
    diskFiles.replace(file, { text: bytesOf(text), mode: 0o644 });
    changed.push(file);
  }
  return { changed, backup, ...(await runAll(startCommands(manager, file), manager, run)) };
}

/**
 * Stops the service and takes exactly its files away.
 * @throws ServiceError `not-our-service`; the system's errors when the file cannot be removed.
 */
export async function uninstallService(options: ServiceOptions): Promise<ServiceReport> {
  const { manager, file, run } = at(options);
  const found = readText(file);
  if (found === null) return { changed: [], backup: null, ran: [], notRun: [] };
  if (!isServiceText(found.text)) throw new ServiceError('not-our-service', file);
  const stopped = await runAll([stopCommand(manager)], manager, run);
  const changed = [file, ...wantedBy(file), ...backupsOf(file)];
  for (const path of changed) rmSync(path, { force: true });
  removeEmpty(dirname(wantsLink(file)));
  const { made } = serviceMemory(found.text);
  if (made !== null) removeMade(dirname(file), made);
  const forget = forgetCommand(manager);
  const forgotten = forget === null ? { ran: [], notRun: [] } : await runAll([forget], manager, run);
  return { changed, backup: null, ran: [...stopped.ran, ...forgotten.ran], notRun: [] };
}

/** What there is. @throws ServiceError `no-service-manager` */
export async function serviceStatus(options: ServiceOptions): Promise<ServiceStatus> {
  const { manager, file, run } = at(options);
  const found = readText(file);
  const installed = found === null ? 'none' : isServiceText(found.text) ? 'ours' : 'other';
  return { manager, file, installed, active: installed === 'ours' ? await isActive(manager, run) : null };
}

function at(options: ServiceOptions): { manager: ServiceManager; file: string; run: RunCommand } {
  const manager = managerOf(options.platform);
  if (manager === null) throw new ServiceError('no-service-manager', options.platform);
  return { manager, file: serviceFile(manager, options), run: options.run ?? runCommand };
}

async function runAll(
  commands: readonly CommandLine[],
  manager: ServiceManager,
  run: RunCommand,
): Promise<Pick<ServiceReport, 'ran' | 'notRun'>> {
  if (!(await isAvailable(manager, run))) return { ran: [], notRun: commands };
  const ran: { command: CommandLine; exit: number; said: string }[] = [];
  for (const command of commands) ran.push({ command, ...(await run(command)) });
  return { ran, notRun: [] };
}

/** The link by which systemd starts it; `disable` has removed it where systemd answers. */
function wantedBy(file: string): string[] {
  const link = wantsLink(file);
  if (lstatSync(link, { throwIfNoEntry: false })?.isSymbolicLink() !== true) return [];
  return readlinkSync(link) === file ? [link] : [];
}

/** Copies of earlier files of ours; one that is not ours stays. */
function backupsOf(file: string): readonly string[] {
  return diskFiles
    .glob(`${file.replaceAll(/[*?[\]\\]/g, '\\$&')}.palmkey-backup-*`)
    .filter((path) => isServiceText(readText(path)?.text ?? ''));
}

/** The files of setup hold bytes as Latin-1; these are UTF-8. */
function readText(path: string): SetupFile | null {
  const found = diskFiles.read(path);
  return found === null ? null : { ...found, text: Buffer.from(found.text, 'latin1').toString('utf8') };
}

function bytesOf(text: string): string {
  return Buffer.from(text).toString('latin1');
}

function removeEmpty(folder: string): void {
  try {
    rmdirSync(folder);
  } catch {
    // Not there, or others' units are in it.
  }
}

function stamp(now: Date): string {
  return now.toISOString().replaceAll(/[-:]/g, '').replace(/\.\d+/, '');
}
