import { exitCodes, type ExitName } from '../exit-codes.ts';
import { table } from './table.ts';

const meanings: Record<ExitName, string> = {
  done: 'done',
  failed: 'failed',
  usage: 'the command was not understood',
  'not-set-up': 'something is not set up or not running',
  refused: 'refused by the person',
  'no-answer': 'no answer in time',
  unverified: 'something does not verify',
};

/** Each code with its meaning. */
export function exitMeanings(): [code: string, meaning: string][] {
  return Object.entries(meanings).map(([name, meaning]) => [String(exitCodes[name as ExitName]), meaning]);
}

/** `palmkey help exit-codes`. */
export function exitCodeHelp(): string[] {
  return ['Exit codes', '', ...table(exitMeanings(), 2)];
}
