import { allCommands, type CommandFact, type OptionFact, takesPath } from '../command-tree.ts';

/** A script for fish 3 and later. */
export function fishCompletion(tree: CommandFact): string {
  const lines = allCommands(tree).flatMap((command) => {
    const here = `-n ${quoted(condition(command, tree))}`;
    return [
      ...command.commands.map(
        ({ path, description }) => `complete -c palmkey ${here} -a ${path.at(-1) ?? ''} -d ${quoted(description)}`,
      ),
      ...command.options.map(
        (option) => `complete -c palmkey ${here} ${optionWords(option)} -d ${quoted(option.description)}`,
      ),
    ];
  });
  return `# fish completion for palmkey. Made by: palmkey completions fish
complete -c palmkey -f
complete -c palmkey -s h -l help -d 'show how it is used'
${lines.join('\n')}
`;
}

/** When the command has been typed, and none of those below it. */
function condition(command: CommandFact, tree: CommandFact): string {
  const seen = command.path.map((word) => `__fish_seen_subcommand_from ${word}`);
  const below = (command.path.length === 0 ? tree : command).commands.map(({ path }) => path.at(-1) ?? '');
  const none = below.length === 0 ? [] : [`not __fish_seen_subcommand_from ${below.join(' ')}`];
  return [...seen, ...none].join('; and ') || 'true';
}

function optionWords(option: OptionFact): string {
  const { short, long, value, choices } = option;
  const names = [...(short === null ? [] : ['-s', short.slice(1)]), '-l', long.replace(/^--/, '')];
  const takes =
    value === null
      ? []
      : choices.length > 0
        ? ['-x', '-a', quoted(choices.join(' '))]
        : [takesPath(option) ? '-r -F' : '-x'];
  return [...names, ...takes].join(' ');
}

function quoted(text: string): string {
  return `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`;
}
