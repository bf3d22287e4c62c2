/** `palmkey` alone: the present and the next step, or how to begin. */
import { ControlClient, ControlError } from '@palmkey/host/control';
import type { Cli } from '../cli.ts';
import { isSetUp } from '../ssh-setup.ts';
import { print } from '../print.ts';
import { beginning } from '../voice/beginning.ts';
import { nextHint } from '../voice/hint.ts';
import { paintFor } from '../voice/paint.ts';
import { picture } from '../voice/picture.ts';
import { statusHeader } from '../voice/status-words.ts';
import { meAt } from '../home-folder.ts';
import { pathsOf, type HomeOption } from './home-option.ts';

export async function showPresent(options: HomeOption, cli: Cli): Promise<void> {
  const paint = paintFor(cli.output, cli.env);
  const paths = pathsOf(options, cli);
  let control: ControlClient;
  try {
    control = await ControlClient.connect(paths.controlSocket);
  } catch (error) {
    if (error instanceof ControlError && error.code === 'not-running') {
      print(cli, ...beginning(cli.me, paint));
      return;
    }
    throw error;
  }
  try {
    const status = await control.call('status', {});
    const log = await control.call('log', { limit: 200 });
    const loggedIn = log.some(({ kind, outcome }) => kind === 'login' && outcome === 'approved');
    const hint = nextHint(status, { me: meAt(paths.home, cli), setUp: await isSetUp(paths, cli), loggedIn }, paint);
    const lines = [statusHeader(status, cli.now(), paint), '', ...picture(status, cli.now(), paint)];
    print(cli, ...lines, ...(hint === undefined ? [] : ['', hint]));
  } finally {
    control.close();
  }
}
