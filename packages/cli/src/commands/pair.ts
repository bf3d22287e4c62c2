import type { Command } from 'commander';
import { paths as hostPaths } from '@palmkey/host/control';
import type { Cli } from '../cli.ts';
import { homeFolder, meAt } from '../home-folder.ts';
import { pair, type MeetingPlace } from '../pairing/pair.ts';
import { TypedLines } from '../pairing/typed-lines.ts';
import { isLoopbackOrigin, parsePublicUrl, parseRelayUrl } from '../origins.ts';
import { print, printAside, printJson } from '../print.ts';
import { isSetUp } from '../ssh-setup.ts';
import { nextHint } from '../voice/hint.ts';
import { paintFor } from '../voice/paint.ts';
import { pairingWords } from '../voice/pairing-words.ts';
import { addHomeOption, optionsOf, withDaemon, type HomeOption } from './home-option.ts';

interface Options extends HomeOption {
  readonly relay?: string;
  readonly app?: string;
  readonly json?: true;
}

/** `pair`: a phone meets this computer. */
export function addPair(program: Command, cli: Cli): void {
  addHomeOption(program.command('pair'))
    .description('pair a phone: shows the link, then asks for the code')
    .option('--relay <url>', 'meet at this relay')
    .option('--app <url>', 'the link opens the app here')
    .option('--json', 'the paired phone, as JSON; all else goes to stderr')
    .action(async (_: unknown, command: Command) => {
      const options = optionsOf<Options>(command);
      // With --json the answer alone is on stdout, so that a program can take it.
      const talking: Cli = options.json === true ? { ...cli, output: cli.errors } : cli;
      const { pairingScreen } = await import('../pairing/screens.ts');
      const lines = new TypedLines(cli.input);
      try {
        await withDaemon(options, cli, async (control) => {
          const before = await control.call('status', {});
          const place: MeetingPlace = {
            ...(options.relay === undefined ? {} : { relay: parseRelayUrl(options.relay) }),
            ...(options.app === undefined ? {} : { app: parsePublicUrl(options.app) }),
          };
          const reachable =
            place.app !== undefined ||
            before.publicUrl !== null ||
            before.relays.some(({ url }) => !isLoopbackOrigin(url));
          const phone = await pair(control, place, pairingScreen(talking, lines, reachable), cli.stopping);
          if (options.json === true) {
            printJson(cli, phone);
            return;
          }
          const paint = paintFor(cli.output, cli.env);
          print(cli, paint.good(pairingWords.paired(phone.name)));
          const home = homeFolder(options.home, cli);
          const setUp = await isSetUp(hostPaths(home), cli);
          const hint = nextHint(
            await control.call('status', {}),
            { me: meAt(home, cli), setUp, loggedIn: false },
            paint,
          );
          if (hint !== undefined) printAside(cli, hint);
        });
      } finally {
        lines.close();
      }
    });
}
