/** The quiet status of a running `up`: one block redrawn in place on a terminal, a line for each change elsewhere. */
import type { Host } from '@palmkey/host';
import type { StatusFact } from '@palmkey/host/control';
import { watch } from 'node:fs';
import type { Cli } from '../cli.ts';
import { print } from '../print.ts';
import { asSaid, changes } from '../voice/changes.ts';
import { nextHint, type Surroundings } from '../voice/hint.ts';
import { LiveBlock } from '../voice/live-block.ts';
import { paintFor } from '../voice/paint.ts';
import { picture } from '../voice/picture.ts';
import { statusHeader, upFooter } from '../voice/status-words.ts';

/** So long after the last change the surroundings are looked at again. */
const lookAfterMs = 1000;

export interface LiveStatusOptions {
  readonly host: Host;
  readonly home: string;
  /** Looked up again on a terminal, a moment after something changed. */
  surroundings(): Promise<Surroundings>;
}

/** Shows it until `cli.stopping` aborts. */
export async function liveStatus(options: LiveStatusOptions, cli: Cli): Promise<void> {
  const { host } = options;
  const terminal = cli.output.isTTY === true;
  const block = new LiveBlock(cli.output);
  const paint = paintFor(cli.output, cli.env);
  let surroundings = await options.surroundings();
  let before: StatusFact | undefined;

  const lines = (status: StatusFact) => {
    const hint = nextHint(status, surroundings, paint);
    return [
      statusHeader(status, cli.now(), paint),
      '',
      ...picture(status, cli.now(), paint),
      ...upFooter(status, hint, paint),
    ];
  };
  const draw = () => {
    const status = host.status();
    const said = asSaid(before, status);
    if (terminal) block.show(lines(status));
    else if (before === undefined) print(cli, ...lines(status));
    else print(cli, ...changes(before, said));
    before = said;
  };
  const look = () => {
    void options.surroundings().then((found) => {
      surroundings = found;
      draw();
    });
  };
  // Looking runs programs and reads files: not on the way of a login, and once for all the changes that one brings.
  let looking: NodeJS.Timeout | undefined;
  const lookAround = () => {
    clearTimeout(looking);
    looking = setTimeout(look, lookAfterMs);
  };

  draw();
  const undo = [host.onChange(draw)];
  if (terminal) {
    undo.push(host.onChange(lookAround), () => clearTimeout(looking));
    // What waits shows the time that is left.
    const clock = setInterval(() => {
      if (host.status().waiting.length > 0) draw();
    }, 1000);
    const resized = () => block.redraw();
    // `palmkey setup` in another terminal writes into the home folder.
    const folder = watch(options.home, lookAround).on('error', () => undefined);
    cli.output.on('resize', resized);
    undo.push(
      () => clearInterval(clock),
      () => cli.output.off('resize', resized),
      () => folder.close(),
      swallowKeys(cli),
    );
  }
  await new Promise<void>((resolve) => {
    if (cli.stopping.aborted) resolve();
    else cli.stopping.addEventListener('abort', () => resolve(), { once: true });
  });
  for (const step of undo) step();
}

/** Keeps what is typed from disturbing the block; Ctrl-C stays what it is. Returns the way back. */
function swallowKeys(cli: Cli): () => void {
  const { input } = cli;
  if (input.isTTY !== true || input.setRawMode === undefined) return () => undefined;
  const onKeys = (keys: Buffer | string) => {
    if (keys.toString().includes('\u0003')) cli.interrupt();
  };
  input.setRawMode(true);
  input.on('data', onKeys);
  input.resume();
  return () => {
    input.off('data', onKeys);
    input.setRawMode?.(false);
    input.pause();
  };
}
