import { Option, type Command } from 'commander';
import { join } from 'node:path';
import type { Cli } from '../cli.ts';
import { parsePort, parsePublicUrl } from '../origins.ts';
import { printAside } from '../print.ts';
import { runRelay } from '../relay-runner.ts';
import { paintFor } from '../voice/paint.ts';
import { relayWords } from '../voice/relay-words.ts';
import { addHomeOption, optionsOf, pathsOf, type HomeOption } from './home-option.ts';

interface Options extends HomeOption {
  readonly listen: string;
  readonly port: string;
  readonly store?: string;
  readonly publicUrl?: string;
  readonly admission: 'open' | 'members';
  readonly openToAnyone?: true;
  /** False for none; left out, our own build. */
  readonly app?: string | false;
  readonly trustProxy?: true;
}

/** `relay`: a relay alone, until it is told to stop. Its log goes to stdout, one JSON object a line. */
export function addRelay(program: Command, cli: Cli): void {
  addHomeOption(program.command('relay'))
    .description('run a relay alone')
    .option('--listen <address>', 'the address to listen at', '127.0.0.1')
    .option('--port <port>', 'the port to listen at', '7722')
    .option('--store <file>', 'its database; in the home folder when left out')
    .option('--public-url <url>', 'the address by which devices reach it, such as https://relay.example.org')
    .addOption(new Option('--admission <who>', 'whom it admits').choices(['open', 'members']).default('open'))
    .option('--open-to-anyone', 'really admit everybody who can reach it, when it listens beyond loopback')
    .option('--trust-proxy', 'believe X-Forwarded-For, behind a proxy that sets it')
    .option('--app <folder>', 'serve this build of the phone app instead of our own')
    .option('--no-app', 'do not serve the phone app')
    .action(async (_: unknown, command: Command) => {
      const options = optionsOf<Options>(command);
      const port = parsePort(options.port);
      const publicUrl = options.publicUrl === undefined ? undefined : parsePublicUrl(options.publicUrl);
      const { jsonLogger } = await import('../logger.ts');
      const relay = await runRelay({
        host: options.listen,
        port,
        origins: publicUrl === undefined ? [] : [publicUrl],
        admission: options.admission,
        ...(options.openToAnyone === true ? { openToAnyone: true } : {}),
        ...(options.trustProxy === true ? { trustProxy: true } : {}),
        store: options.store ?? join(pathsOf(options, cli).relay, 'alone.sqlite'),
        ...(options.app === false ? {} : { appDir: options.app ?? cli.appFolder }),
        logger: jsonLogger(1),
      });
      const paint = paintFor(cli.errors, cli.env);
      printAside(cli, ...relayWords.running(relay.url, relay.port, options.admission, paint));
      await aborted(cli.stopping);
      printAside(cli, relayWords.draining);
      await relay.close();
    });
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
}
