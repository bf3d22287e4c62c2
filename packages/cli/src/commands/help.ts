import type { Command } from 'commander';
import type { Cli } from '../cli.ts';
import { print } from '../print.ts';
import { exitCodeHelp } from '../voice/exit-code-help.ts';

/** `help [topic]`: a command, or `exit-codes`. */
export function addHelp(program: Command, cli: Cli): void {
  program
    .command('help')
    .description('how a command is used; help exit-codes: what the exit codes mean')
    .argument('[topic]', 'a command, or exit-codes')
    .action((topic: string | undefined) => {
      if (topic === undefined) program.outputHelp();
      else if (topic === 'exit-codes') print(cli, ...exitCodeHelp());
      else {
        const command = program.commands.find((candidate) => candidate.name() === topic);
        if (command === undefined) program.error(`error: there is no help on ${topic}`, { exitCode: 2 });
        command.outputHelp();
      }
    });
}
