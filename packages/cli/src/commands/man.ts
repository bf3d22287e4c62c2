import type { Command } from 'commander';
import type { Cli } from '../cli.ts';
import { commandTree } from '../command-tree.ts';
import { manPage } from '../voice/man-page.ts';

/** `man`: the manual page. */
export function addMan(program: Command, cli: Cli): void {
  program
    .command('man')
    .description('print the manual page: palmkey man | man -l -')
    .action(() => void cli.output.write(manPage(commandTree(program), cli.version)));
}
