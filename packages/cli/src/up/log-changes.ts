/** What a service says: one line for its start, one for each change, one for its end. A log adds the time. */
import type { Host } from '@palmkey/host';
import type { StatusFact } from '@palmkey/host/control';
import type { Cli } from '../cli.ts';
import { print } from '../print.ts';
import { asSaid, changes } from '../voice/changes.ts';
import { upWords } from '../voice/up-words.ts';

/** Says it until `cli.stopping` aborts. */
export async function logChanges(host: Host, cli: Cli): Promise<void> {
  let before: StatusFact | undefined;
  const say = () => {
    const said = asSaid(before, host.status());
    print(cli, ...changes(before, said));
    before = said;
  };
  print(cli, upWords.serves(host.status()));
  say();
  const undo = host.onChange(say);
  await new Promise<void>((resolve) => {
    if (cli.stopping.aborted) resolve();
    else cli.stopping.addEventListener('abort', () => resolve(), { once: true });
  });
  undo();
  print(cli, upWords.stopping);
}
