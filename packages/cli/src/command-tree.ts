/** The command line as facts, read off the program itself: what completions and the manual page are made from. */
import type { Command } from 'commander';

export interface OptionFact {
  /** `-n`, when there is one. */
  readonly short: string | null;
  /** `--limit`. */
  readonly long: string;
  /** What its value is called, null for none. */
  readonly value: string | null;
  readonly choices: readonly string[];
  readonly fallback: string | null;
  readonly description: string;
}

export interface CommandFact {
  /** The words after the program's name; empty for the program itself. */
  readonly path: readonly string[];
  readonly description: string;
  readonly options: readonly OptionFact[];
  /** As they stand in a synopsis: `<destination>`, `[phone]`. */
  readonly operands: readonly string[];
  readonly commands: readonly CommandFact[];
}

/** A command with all below it. */
export function commandTree(command: Command, path: readonly string[] = []): CommandFact {
  return {
    path,
    description: command.description(),
    options: command.options
      .filter((option) => !option.hidden)
      .map((option) => ({
        short: option.short ?? null,
        long: option.long ?? '',
        value: /[<[]([^\]>]+)[\]>]/.exec(option.flags)?.[1] ?? null,
        choices: option.argChoices ?? [],
        fallback:
          typeof option.defaultValue === 'string' || typeof option.defaultValue === 'number'
            ? String(option.defaultValue)
            : null,
        description: option.description,
      })),
    operands:
      path.length === 0
        ? []
        : command.registeredArguments.map((argument) => {
            const name = `${argument.name()}${argument.variadic ? '…' : ''}`;
            return argument.required ? `<${name}>` : `[${name}]`;
          }),
    commands: command.commands.map((child) => commandTree(child, [...path, child.name()])),
  };
}

/** A command and all below it, outermost first. */
export function allCommands(tree: CommandFact): CommandFact[] {
  return [tree, ...tree.commands.flatMap(allCommands)];
}

/** Every way to write an option, `--help` too, which each command has. */
export function optionWords(command: CommandFact): string[] {
  return [...command.options.flatMap(({ short, long }) => (short === null ? [long] : [short, long])), '-h', '--help'];
}

/** Whether an option's value is a file or a folder. */
export function takesPath({ value }: OptionFact): boolean {
  return value === 'folder' || value === 'file';
}
