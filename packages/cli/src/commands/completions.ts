import { Argument, type Command } from 'commander';
import type { Cli } from '../cli.ts';
import { commandTree } from '../command-tree.ts';
import { bashCompletion } from '../completions/bash.ts';
import { fishCompletion } from '../completions/fish.ts';
import { zshCompletion } from '../completions/zsh.ts';

const shells = { bash: bashCompletion, zsh: zshCompletion, fish: fishCompletion } as const;

/** `completions <shell>`: a script that completes this command line in a shell. */
export function addCompletions(program: Command, cli: Cli): void {
  program
    .command('completions')
    .description('print a script that completes palmkey in your shell')
    .addArgument(new Argument('<shell>', 'which shell').choices(Object.keys(shells)))
    .action((shell: keyof typeof shells) => void cli.output.write(shells[shell](commandTree(program))));
}
