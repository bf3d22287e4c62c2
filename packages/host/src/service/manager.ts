/** systemd's or launchd's own program, where it can be used. */
import { execFile } from 'node:child_process';
import { agentLabel, type ServiceManager, unitName } from './service-file.ts';

/** One command line, program first. */
export type CommandLine = readonly string[];

/** Port: runs a command to its end; its exit code and first line, 127 where there is no such program. */
export type RunCommand = (command: CommandLine) => Promise<{ readonly exit: number; readonly said: string }>;

export const runCommand: RunCommand = ([program = '', ...args]) =>
  new Promise((resolve) => {
    execFile(program, args, { timeout: 20_000 }, (error, stdout, stderr) => {
      const exit = error === null ? 0 : typeof error.code === 'number' ? error.code : 127;
      resolve({ exit, said: (stdout.trim() === '' ? stderr : stdout).trim().split('\n')[0] ?? '' });
    });
  });

export function managerOf(platform: NodeJS.Platform): ServiceManager | null {
  if (platform === 'linux') return 'systemd';
  return platform === 'darwin' ? 'launchd' : null;
}

/** What starts the service now and at each login. */
export function startCommands(manager: ServiceManager, file: string): readonly [CommandLine, CommandLine] {
  if (manager === 'systemd')
    return [
      ['systemctl', '--user', 'daemon-reload'],
      ['systemctl', '--user', 'enable', '--now', unitName],
    ];
  return [
    ['launchctl', 'enable', `${domain()}/${agentLabel}`],
    ['launchctl', 'bootstrap', domain(), file],
  ];
}

/** What ends it, now and for good. */
export function stopCommand(manager: ServiceManager): CommandLine {
  if (manager === 'systemd') return ['systemctl', '--user', 'disable', '--now', unitName];
  return ['launchctl', 'bootout', `${domain()}/${agentLabel}`];
}

/** What makes systemd forget the file that is gone; launchd has by then. */
export function forgetCommand(manager: ServiceManager): CommandLine | null {
  return manager === 'systemd' ? ['systemctl', '--user', 'daemon-reload'] : null;
}

/** Whether the manager of this person's services answers. */
export async function isAvailable(manager: ServiceManager, run: RunCommand): Promise<boolean> {
  const probe = manager === 'systemd' ? ['systemctl', '--user', 'show-environment'] : ['launchctl', 'print', domain()];
  return (await run(probe)).exit === 0;
}

/** Whether the service runs; null where nobody knows. */
export async function isActive(manager: ServiceManager, run: RunCommand): Promise<boolean | null> {
  if (!(await isAvailable(manager, run))) return null;
  const asks =
    manager === 'systemd'
      ? ['systemctl', '--user', 'is-active', unitName]
      : ['launchctl', 'print', `${domain()}/${agentLabel}`];
  return (await run(asks)).exit === 0;
}

function domain(): string {
  return `gui/${process.getuid?.() ?? 0}`;
}
