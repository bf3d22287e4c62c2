/** A line typed on a terminal that shows nothing of it. */
import { StringDecoder } from 'node:string_decoder';
import type { Cli } from './cli.ts';
import { CliError } from './cli-error.ts';

/** Longer than anything that a person types; a paste that goes on is cut there. */
const maxCharacters = 2000;
/** Keys that move or edit come as sequences that begin with ESC (ECMA-48). */
// eslint-disable-next-line no-control-regex -- exactly these are taken out
const sequences = /\u001b(?:\[[0-?]*[ -/]*[@-~]|O.|.)?/gsu;

/**
 * Asks on the terminal, beside the answer of the command.
 * @throws CliError `passphrase-nobody` without a terminal or where the input ends; what `cli.stopping` was aborted with.
 */
export async function typedSecret(question: string, cli: Cli): Promise<string> {
  const { input, errors, stopping } = cli;
  if (input.isTTY !== true || input.setRawMode === undefined) throw new CliError('passphrase-nobody');
  stopping.throwIfAborted();
  const decoder = new StringDecoder('utf8');
  let typed: string[] = [];
  let undo: () => void = () => undefined;
  // In this order: nothing that is typed at the question is shown.
  input.setRawMode(true);
  errors.write(question);
  try {
    return await new Promise<string>((resolve, reject) => {
      const end = () => reject(new CliError('passphrase-nobody'));
      const stop = () => reject(stopping.reason as Error);
      const hear = (chunk: Buffer | string) => {
        const text = (typeof chunk === 'string' ? chunk : decoder.write(chunk)).replaceAll(sequences, '');
        for (const key of text) {
          if (key === '\r' || key === '\n') resolve(typed.join(''));
          else if (key === '\u0003') cli.interrupt();
          else if (key === '\u0004') end();
          else if (key === '\u0015') typed = [];
          else if (key === '\u007f' || key === '\b') typed.pop();
          else if (key >= ' ' && typed.length < maxCharacters) typed.push(key);
        }
      };
      input.on('data', hear).once('end', end);
      stopping.addEventListener('abort', stop, { once: true });
      input.resume();
      undo = () => {
        input.off('data', hear).off('end', end);
        stopping.removeEventListener('abort', stop);
      };
    });
  } finally {
    undo();
    input.setRawMode(false);
    input.pause();
    errors.write('\n');
  }
}
