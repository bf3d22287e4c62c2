/** Where passphrases come from: a terminal, or with `--stdin` a line each. Never an argument or the environment. */
import { passphraseStrength } from '@palmkey/core/account';
import type { Cli } from './cli.ts';
import { CliError } from './cli-error.ts';
import { TypedLines } from './pairing/typed-lines.ts';
import { printAside } from './print.ts';
import { typedSecret } from './typed-secret.ts';
import { paintFor } from './voice/paint.ts';
import { passphraseWords } from './voice/passphrase-words.ts';
import { codeOf } from './voice/problem.ts';

const tries = 3;
/** Of a new one, which a person may mistype more often than a known one. */
const newTries = 10;

export interface PassphraseInput extends Disposable {
  /** How often it may be given again when it was wrong. */
  readonly tries: number;
  /** The one that holds. */
  current(question: string): Promise<string>;
  /** One that may be set; on a terminal typed twice. */
  next(): Promise<string>;
}

export function passphraseInput(stdin: boolean, cli: Cli): PassphraseInput {
  return stdin ? fromLines(cli) : fromTerminal(cli);
}

function fromLines(cli: Cli): PassphraseInput {
  const lines = new TypedLines(cli.input);
  const line = async () => {
    const found = await lines.next(cli.stopping);
    if (found === undefined) throw new CliError('passphrase-nobody');
    return found;
  };
  return { tries: 1, current: line, next: line, [Symbol.dispose]: () => lines.close() };
}

function fromTerminal(cli: Cli): PassphraseInput {
  const paint = paintFor(cli.errors, cli.env);
  const next = async () => {
    for (let i = 0; i < newTries; i += 1) {
      const typed = await typedSecret(passphraseWords.askNew, cli);
      const strength = passphraseStrength(typed);
      if (strength !== 'fair') printAside(cli, paint.unusual(passphraseWords.strength(strength)));
      if (strength !== 'fair' && strength !== 'weak') continue;
      if ((await typedSecret(passphraseWords.askTwice, cli)) === typed) return typed;
      printAside(cli, paint.unusual(passphraseWords.differ));
    }
    throw new CliError('passphrase-nobody');
  };
  return {
    tries,
    current: (question) => typedSecret(question, cli),
    next,
    [Symbol.dispose]: () => undefined,
  };
}

/**
 * Gives what holds to `use` until it is right, as often as the input allows; says how many tries are left.
 * @throws what `use` throws, `wrong-passphrase` after the last try.
 */
export async function untilRight(
  input: PassphraseInput,
  question: string,
  use: (passphrase: string) => Promise<unknown>,
  cli: Cli,
): Promise<void> {
  for (let left = input.tries - 1; ; left -= 1) {
    try {
      await use(await input.current(question));
      return;
    } catch (error) {
      if (codeOf(error) !== 'wrong-passphrase' || left === 0) throw error;
      printAside(cli, paintFor(cli.errors, cli.env).unusual(passphraseWords.wrong(left)));
    }
  }
}
