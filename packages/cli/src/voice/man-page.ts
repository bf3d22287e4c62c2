/** palmkey(1), in the macros of man(7): the commands as the program has them, and what people look up besides. */
import { allCommands, type CommandFact, type OptionFact } from '../command-tree.ts';
import { exitMeanings } from './exit-code-help.ts';

/** The page. */
export function manPage(tree: CommandFact, version: string): string {
  const commands = allCommands(tree).filter(
    ({ path, commands: below }) => path.length > 0 && (below.length === 0 || path[0] === 'keys' || path[0] === 'relay'),
  );
  const sections: [string, string[]][] = [
    ['NAME', [`palmkey \\- ${escaped('ssh and git ask your phone')}`]],
    ['SYNOPSIS', ['.B palmkey', '[\\fIcommand\\fR] [\\fIoptions\\fR]']],
    ['DESCRIPTION', paragraphs(description)],
    ['COMMANDS', commands.flatMap(commandLines)],
    [
      'OPTIONS',
      [
        'These are for every command.',
        ...tree.options.flatMap(optionLines),
        ...tagged('\\fB\\-h\\fR, \\fB\\-\\-help\\fR', 'show how a command is used'),
      ],
    ],
    ['EXIT STATUS', exitMeanings().flatMap(([code, meaning]) => tagged(bold(code), meaning))],
    ['ENVIRONMENT', environment.flatMap(([name, meaning]) => tagged(bold(name), meaning))],
    ['FILES', files.flatMap(([path, meaning]) => tagged(`\\fI${escaped(path)}\\fR`, meaning))],
    ['EXAMPLES', examples.flatMap(([line, meaning]) => tagged(bold(line), meaning))],
    ['SEE ALSO', ['.BR ssh (1),', '.BR ssh_config (5),', '.BR ssh\\-agent (1),', '.BR git\\-commit (1)']],
  ];
  return [
    `.\\" palmkey(1). Made by: palmkey man`,
    `.TH PALMKEY 1 "" "Palmkey ${escaped(version)}" "User Commands"`,
    ...sections.flatMap(([name, lines]) => [`.SH ${name.includes(' ') ? `"${name}"` : name}`, ...lines]),
    '',
  ].join('\n');
}

const description = [
  'Your keys live on your phone. This computer asks, the phone shows who asks for what, and you answer there. A relay between the two carries what it cannot read.',
  'palmkey up runs the relay, the app and an SSH agent in one process; palmkey pair brings a phone; palmkey setup lets ssh ask it. Without a command, palmkey shows what is connected and what to do next.',
  'A login that the phone does not answer goes on with local keys, as if Palmkey were not there.',
];

const environment: [string, string][] = [
  ['PALMKEY_HOME', 'where everything of one installation stands, unless --home says otherwise'],
  ['XDG_STATE_HOME', 'the folder above it on Linux, when neither is given'],
  ['NO_COLOR', 'no colours, also on a terminal'],
  ['FORCE_COLOR', 'colours, also where there is no terminal'],
  [
    'PALMKEY_RELAY_…',
    'what palmkey relay is told, one variable for each of its options; palmkey relay check shows them',
  ],
  ['PALMKEY_DEBUG', 'shows where an unforeseen fault came from'],
];

const files: [string, string][] = [
  [
    '~/.local/state/palmkey',
    'the state folder on Linux; ~/Library/Application Support/Palmkey on macOS. It holds the keys that this computer is known by, its pairings, and what was asked. Nobody else may open it',
  ],
  [
    '~/.ssh/config',
    'palmkey setup adds one Include between two comments, keeps a copy of the old file beside it, and takes exactly that out again with --undo',
  ],
  [
    '~/.config/systemd/user/palmkey.service',
    'what palmkey service install writes; ~/Library/LaunchAgents/palmkey.daemon.plist on macOS',
  ],
];

const examples: [string, string][] = [
  ['palmkey up', 'start, and pair the first phone'],
  ['palmkey keys copy deploy@prod', 'bring the phone’s key to a server'],
  ['palmkey keys replace --dry-run', 'see where a lost phone’s keys were used, and what would take their place'],
  ['palmkey doctor', 'find out why a login does not reach the phone'],
  [
    'palmkey completions bash > ~/.local/share/bash-completion/completions/palmkey',
    'complete commands and options in bash',
  ],
  ['palmkey relay invite --for 2h', 'let a computer into the relay that runs here'],
  ['palmkey uninstall --dry-run', 'see what would go'],
];

function commandLines(command: CommandFact): string[] {
  const title = [bold(`palmkey ${command.path.join(' ')}`), ...command.operands.map(operand)].join(' ');
  const own = command.options.filter(({ long }) => long !== '--home');
  return [`.SS ${title}`, escaped(sentence(command.description)), ...own.flatMap(optionLines)];
}

function optionLines({ short, long, value, choices, fallback, description: about }: OptionFact): string[] {
  const names = [short, long]
    .filter((name) => name !== null)
    .map(bold)
    .join(', ');
  const more = [
    ...(choices.length > 0 ? [`one of: ${choices.join(', ')}`] : []),
    ...(fallback === null ? [] : [`else ${fallback}`]),
  ];
  return tagged(
    value === null ? names : `${names} \\fI${escaped(value)}\\fR`,
    more.length === 0 ? about : `${about} (${more.join('; ')})`,
  );
}

function tagged(tag: string, text: string): string[] {
  return ['.TP', tag, escaped(text)];
}

function paragraphs(texts: readonly string[]): string[] {
  return texts.flatMap((text) => ['.PP', escaped(text)]).slice(1);
}

function operand(text: string): string {
  return text.startsWith('<') ? `\\fI${escaped(text.slice(1, -1))}\\fR` : `[\\fI${escaped(text.slice(1, -1))}\\fR]`;
}

function bold(text: string): string {
  return `\\fB${escaped(text)}\\fR`;
}

function sentence(text: string): string {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}.`;
}

const characters: Readonly<Record<string, string>> = {
  '\\': '\\e',
  '-': '\\-',
  '’': '\\(cq',
  '“': '\\(lq',
  '”': '\\(rq',
  '…': '...',
  '~': '\\(ti',
  '^': '\\(ha',
  '▶': '>',
};

/** Text as groff prints it back: ASCII, and no line that begins as a request. */
function escaped(text: string): string {
  const plain = text.replaceAll(/[\\\-’“”…~^▶]/g, (character) => characters[character] ?? character);
  return /^[.']/.test(plain) ? `\\&${plain}` : plain;
}
