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

/** `palmkey help exit-codes`. */
export function exitCodeHelp(): string[] {
  const rows = Object.entries(meanings).map(([name, meaning]) => [String(exitCodes[name as ExitName]), meaning]);
  return ['Exit codes', '', ...table(rows, 2)];
}
