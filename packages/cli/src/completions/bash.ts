import { allCommands, type CommandFact, optionWords, takesPath } from '../command-tree.ts';

/** A script for bash 3.2 and later; needs nothing else. */
export function bashCompletion(tree: CommandFact): string {
  const commands = allCommands(tree);
  const withValue = unique(commands.flatMap(({ options }) => options.filter(({ value }) => value !== null)));
  const names = (wanted: typeof withValue) =>
    wanted.flatMap(({ short, long }) => (short === null ? [long] : [short, long]));
  const paths = names(withValue.filter(takesPath));
  const chosen = withValue.filter(({ choices }) => choices.length > 0);
  return `# bash completion for palmkey. Made by: palmkey completions bash
_palmkey() {
  local current=\${COMP_WORDS[COMP_CWORD]} before=\${COMP_WORDS[COMP_CWORD-1]} at= word words skip= i
  COMPREPLY=()
  for ((i = 1; i < COMP_CWORD; i++)); do
    word=\${COMP_WORDS[i]}
    if [[ -n $skip ]]; then skip=; continue; fi
    case $word in
      ${names(withValue).join('|')}) skip=1 ;;
      -*) ;;
      *) case "$at $word" in
${commands
  .filter(({ path }) => path.length > 0)
  .map(({ path }) => `        "${at(path.slice(0, -1))} ${path.at(-1) ?? ''}") at="${at(path)}" ;;`)
  .join('\n')}
      esac ;;
    esac
  done
  if [[ -n $skip ]]; then
    case $before in
      ${paths.join('|')}) COMPREPLY=($(compgen -f -- "$current")) ;;
${chosen.map((option) => `      ${names([option]).join('|')}) COMPREPLY=($(compgen -W "${option.choices.join(' ')}" -- "$current")) ;;`).join('\n')}
    esac
    return
  fi
  case $at in
${commands.map((command) => `    "${at(command.path)}") words="${[...below(command), ...optionWords(command)].join(' ')}" ;;`).join('\n')}
  esac
  if [[ $current != -* ]]; then words=\${words%% -*}; [[ $words == -* ]] && words=; fi
  COMPREPLY=($(compgen -W "$words" -- "$current"))
}
complete -F _palmkey palmkey
`;
}

function at(path: readonly string[]): string {
  return path.join('/');
}

function below(command: CommandFact): string[] {
  if (command.path.join(' ') === 'help') return ['exit-codes'];
  if (command.path.join(' ') === 'completions') return ['bash', 'zsh', 'fish'];
  return command.commands.map(({ path }) => path.at(-1) ?? '');
}

function unique<Option extends { readonly long: string }>(options: readonly Option[]): Option[] {
  return [...new Map(options.map((option) => [option.long, option])).values()];
}
