import type { Command } from 'commander';
import type { ServiceOptions } from '@palmkey/host/service';
import { isAbsolute, resolve } from 'node:path';
import type { Cli } from '../cli.ts';
import { homeFolder } from '../home-folder.ts';
import { parsePort, parsePublicUrl, parseRelayUrl } from '../origins.ts';
import { print, printJson } from '../print.ts';
import { paintFor } from '../voice/paint.ts';
import { serviceLines, serviceStatusLine } from '../voice/service-words.ts';
import { addHomeOption, optionsOf, type HomeOption } from './home-option.ts';

interface Options extends HomeOption {
  readonly json?: true;
  readonly relay?: string;
  readonly port?: string;
  readonly publicUrl?: string;
}

/** `service`: starts Palmkey when the person logs in. */
export function addService(program: Command, cli: Cli): void {
  const service = program
    .command('service')
    .description('start Palmkey by itself when you log in: install, uninstall, status');
  addHomeOption(service.command('install'))
    .description('write the service and start it; end a running up first')
    .option('--port <port>', 'as for up')
    .option('--public-url <url>', 'as for up')
    .option('--relay <url>', 'as for up')
    .option('--json', 'what was done, as JSON')
    .action(async (_: unknown, command: Command) => {
      const options = optionsOf<Options>(command);
      const { installService } = await import('@palmkey/host/service');
      const plan = { ...programOf(cli), args: upArguments(options), home: homeFolder(options.home, cli) };
      const report = await installService(plan, serviceOptions(cli));
      if (options.json === true) return printJson(cli, report);
      print(cli, ...serviceLines(report, 'install', cli, paintFor(cli.output, cli.env)));
    });
  addHomeOption(service.command('uninstall'))
    .description('stop the service and take exactly its files away')
    .option('--json', 'what was done, as JSON')
    .action(async (_: unknown, command: Command) => {
      const { uninstallService } = await import('@palmkey/host/service');
      const report = await uninstallService(serviceOptions(cli));
      if (optionsOf<Options>(command).json === true) return printJson(cli, report);
      print(cli, ...serviceLines(report, 'uninstall', cli, paintFor(cli.output, cli.env)));
    });
  addHomeOption(service.command('status'))
    .description('whether it is installed and runs')
    .option('--json', 'all facts, as JSON')
    .action(async (_: unknown, command: Command) => {
      const { serviceStatus } = await import('@palmkey/host/service');
      const status = await serviceStatus(serviceOptions(cli));
      if (optionsOf<Options>(command).json === true) return printJson(cli, status);
      print(cli, serviceStatusLine(status, cli, paintFor(cli.output, cli.env)));
    });
}

/** Where the service of this person stands. */
export function serviceOptions(cli: Cli): ServiceOptions {
  const { platform, userFolder: userHome, env } = cli;
  return { platform, userHome, env, now: () => new Date(cli.now()) };
}

/** What `up` is to be told, checked first: nobody sees the usage errors of a service. */
function upArguments({ port, publicUrl, relay }: Options): string[] {
  if (port !== undefined) parsePort(port);
  return [
    'up',
    '--service',
    ...(port === undefined ? [] : ['--port', port]),
    ...(publicUrl === undefined ? [] : ['--public-url', parsePublicUrl(publicUrl)]),
    ...(relay === undefined ? [] : ['--relay', parseRelayUrl(relay)]),
  ];
}

function programOf({ command }: Cli): { readonly node: string; readonly program: string } {
  const absolute = (path: string) => (isAbsolute(path) ? path : resolve(path));
  return { node: absolute(command.node), program: absolute(command.program) };
}
