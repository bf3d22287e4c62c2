import { CommanderError } from 'commander';
import type { Cli } from './cli.ts';
import { CliError } from './cli-error.ts';
import { exitCodes, type ExitCode } from './exit-codes.ts';
import { printAside } from './print.ts';
import { buildProgram } from './program.ts';
import { paintFor } from './voice/paint.ts';
import { codeOf, problemLines, wordsFor } from './voice/problem.ts';

/** Runs one command line (`argv` without the program) and returns its exit code; says on `errors` what failed. */
export async function run(argv: readonly string[], cli: Cli): Promise<ExitCode> {
  try {
    await buildProgram(cli).parseAsync([...argv], { from: 'user' });
    return exitCodes.done;
  } catch (error) {
    // Commander has spoken by then: help and version with 0, everything else is the command line's form.
    if (error instanceof CommanderError) return error.exitCode === 0 ? exitCodes.done : exitCodes.usage;
    // Once the person asked to stop, closed connections are how everything ends.
    const stopped = cli.stopping.aborted && (error === cli.stopping.reason || codeOf(error) === 'disconnected');
    const words = wordsFor(stopped ? new CliError('stopped') : error, cli.me);
    printAside(cli, ...problemLines(words, paintFor(cli.errors, cli.env)));
    if (cli.env.PALMKEY_DEBUG !== undefined) printAside(cli, error instanceof Error ? (error.stack ?? '') : '');
    return exitCodes[words.exit];
  }
}
