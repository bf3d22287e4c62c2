import { allCommands, type CommandFact, type OptionFact, takesPath } from '../command-tree.ts';

/** A script for zsh's completion system, to stand as `_palmkey` in its fpath, or to be sourced after compinit. */
export function zshCompletion(tree: CommandFact): string {
  return `#compdef palmkey
# zsh completion for palmkey. Made by: palmkey completions zsh
${allCommands(tree).map(commandFunction).join('\n')}
if [[ \${funcstack[1]} == _palmkey ]]; then _palmkey "$@"; else compdef _palmkey palmkey; fi
`;
}

function commandFunction(command: CommandFact): string {
  const specs = command.options.flatMap(optionSpecs);
  specs.push(`'(-h --help)'{-h,--help}'[show how it is used]'`);
  if (command.commands.length === 0) return `${name(command)}() {\n  _arguments ${specs.join(' ')} '*:: :_default'\n}`;
  const list = command.commands.map(({ path, description }) =>
    quoted(`${path.at(-1) ?? ''}:${description.replaceAll(':', '\\:')}`),
  );
  return `${name(command)}() {
  local line state
  _arguments -C ${specs.join(' ')} '1: :->command' '*:: :->rest'
  case $state in
    command) local -a commands=(${list.join(' ')}); _describe command commands ;;
    rest) case $line[1] in
${command.commands.map((child) => `      ${child.path.at(-1) ?? ''}) ${name(child)} ;;`).join('\n')}
    esac ;;
  esac
}`;
}

function optionSpecs(option: OptionFact): string[] {
  const { short, long, value, choices, description } = option;
  const about = description.replaceAll(/[[\]:\\]/g, '\\$&');
  const action = choices.length > 0 ? `(${choices.join(' ')})` : takesPath(option) ? '_files' : '';
  const rest = `[${about}]${value === null ? '' : `:${value}:${action}`}`;
  return (short === null ? [long] : [short, long]).map((flag) => quoted(`${flag}${rest}`));
}

function name({ path }: CommandFact): string {
  return ['_palmkey', ...path].join('_').replaceAll('-', '_');
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}
