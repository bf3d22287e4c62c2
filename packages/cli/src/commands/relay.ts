import type { Command } from 'commander';
import { relayOptions } from '@palmkey/relay/settings';
import { keepYoungHeapSmall } from '@palmkey/relay/young-heap';
import type { Cli } from '../cli.ts';
import { printAside } from '../print.ts';
import { addSettingOptions, configurationOf, settledOf, storeOf } from '../relay/configuration.ts';
import { relaySocket } from '../relay/operator-access.ts';
import { runOperatedRelay } from '../relay/serve-operator.ts';
import { paintFor } from '../voice/paint.ts';
import { relayWords } from '../voice/relay-words.ts';
import { addHomeOption, optionsOf, pathsOf, type HomeOption } from './home-option.ts';
import { addRelayBackup } from './relay-backup.ts';
import { addRelayCheck } from './relay-check.ts';
import { addRelayOperator } from './relay-operator.ts';

/** `relay`: a relay alone, until it is told to stop. Its log goes to stdout, one JSON object a line. */
export function addRelay(program: Command, cli: Cli): void {
  const relay = addHomeOption(program.command('relay')).description(
    'run a relay alone; each option can stand in a file or the environment too',
  );
  addSettingOptions(relay);
  relay.action(async (_: unknown, command: Command) => {
    const settings = settledOf(configurationOf(relay, cli));
    keepYoungHeapSmall();
    const { jsonLogger } = await import('../logger.ts');
    const paths = pathsOf(optionsOf<HomeOption>(command), cli);
    const options = relayOptions(settings, {
      store: storeOf(paths),
      appDir: cli.appFolder,
      logger: jsonLogger(1, settings.logLevel),
    });
    const running = await runOperatedRelay(options, relaySocket(options.store, paths), cli);
    const paint = paintFor(cli.errors, cli.env);
    printAside(cli, ...relayWords.running(running.url, running.port, settings.admission, paint));
    await aborted(cli.stopping);
    printAside(cli, relayWords.draining);
    await running.close();
  });
  addRelayCheck(relay, cli);
  addRelayOperator(relay, cli);
  addRelayBackup(relay, cli);
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
}
