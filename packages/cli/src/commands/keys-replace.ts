import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ControlClient, KeyFact, StatusFact } from '@palmkey/host/control';
import type { Command } from 'commander';
import type { Cli } from '../cli.ts';
import { CliError } from '../cli-error.ts';
import { chooseKey } from '../paired-keys.ts';
import { print, printAside, printJson } from '../print.ts';
import { newKeys, type OldKey, oldKeys, planFor, type ReplacePlan } from '../replace/plan.ts';
import { isLeft, replaceAll, type Replaced } from '../replace/replace-all.ts';
import { keyToUse, type KeyToUse } from '../replace/replace-on-server.ts';
import { paintFor } from '../voice/paint.ts';
import { keysOf } from '../voice/picture.ts';
import { planLines, replacedLines, replaceWords, stepLine } from '../voice/replace-words.ts';
import { addHomeOption, optionsOf, withDaemon, type HomeOption } from './home-option.ts';

interface Options extends HomeOption {
  readonly with?: string;
  readonly sshConfig?: string;
  readonly dryRun?: true;
  readonly yes?: true;
  readonly json?: true;
}

/** `keys replace`: takes the keys of a lost phone out of every server that they were used on, and puts another in. */
export function addReplace(keys: Command, cli: Cli): void {
  addHomeOption(keys.command('replace'))
    .description('put a key in the place of those of a lost phone, on every server where they were used')
    .argument('[old]', 'only this key (name, fingerprint, phone, or its line); else all that no paired phone has')
    .option('--with <key>', 'the key that takes their place: its name or fingerprint')
    .option('-F, --ssh-config <file>', 'the ssh config to use, as ssh -F does')
    .option('--dry-run', 'only show what would be done')
    .option('--yes', 'do not ask: change the servers')
    .option('--json', 'all facts, as JSON')
    .action((old: string | undefined, _: unknown, command: Command) => {
      const options = optionsOf<Options>(command);
      return withDaemon(options, cli, (control) => replace(old, options, control, cli));
    });
}

async function replace(wanted: string | undefined, options: Options, control: ControlClient, cli: Cli): Promise<void> {
  const facts = await control.call('key-uses', {});
  const status = await control.call('status', {});
  const old = oldKeys(facts, wanted);
  const plan = planFor(old, facts.uses);
  const next = await nextKey(newKeys(keysOf(status), old), options, cli);
  const paint = paintFor(cli.output, cli.env);
  const json = options.json === true;
  if (!json) print(cli, ...planLines(plan, next, { now: cli.now(), status, me: cli.me }, paint));
  const todo = [...plan.servers, ...plan.providers].filter((stop) => stop.host !== null && stop.replaced === null);
  if (options.dryRun === true || todo.length === 0) {
    if (json) printJson(cli, { ...plan, with: next });
    return;
  }
  if (next === null) throw new CliError('no-new-key');
  // Nothing of a key can be found on a server by its fingerprint alone.
  const unknown = old.find(({ line }) => line === null);
  if (old.every(({ line }) => line === null))
    throw new CliError('old-line-unknown', { key: unknown?.fingerprint ?? '' });
  if (options.yes !== true) await confirm(todo.length, cli);
  const done = await work(plan, next, options, { control, status, cli });
  if (json) printJson(cli, { ...plan, with: next, results: done.results, stopped: done.stopped });
  else print(cli, '', ...replacedLines(done.results, next, { now: cli.now(), status, me: cli.me }, paint));
  if (done.stopped) throw new CliError('replace-stopped');
  const left = done.results.filter(isLeft).length;
  if (left > 0) throw new CliError('replace-left', { found: left });
}

interface At {
  readonly control: ControlClient;
  readonly status: StatusFact;
  readonly cli: Cli;
}

async function work(plan: ReplacePlan, next: KeyFact, options: Options, { control, status, cli }: At) {
  const folder = mkdtempSync(join(tmpdir(), 'palmkey-replace-'));
  try {
    const old = plan.old.flatMap((key, index) => keyFile(folder, `old-${index}`, key));
    const [nextFile] = keyFile(folder, 'new', next);
    if (nextFile === undefined) throw new CliError('no-new-key');
    const paint = paintFor(cli.errors, cli.env);
    const job = {
      old,
      next: nextFile,
      stamp: new Date(cli.now()).toISOString().replaceAll(/[-:]|\.\d+/g, ''),
      config: options.sshConfig ?? null,
      batch: cli.input.isTTY !== true,
      agentSocket: status.agentSocket,
      signal: cli.stopping,
    };
    // However many keys there are, and whatever rules: this one has to be let in.
    const servers = plan.servers.flatMap(({ hostKey }) => (hostKey === null ? [] : [hostKey]));
    await control.call('lead-with', { key: next.fingerprint, servers });
    return await replaceAll(plan, job, {
      onStep: (stop, step) => printAside(cli, stepLine(stop, step, paint)),
      onDone: async ({ stop }: Replaced) => {
        const { user, host, port } = stop;
        // Of a key without a line nobody has looked whether it is gone.
        const keys = stop.keys.filter((key) => old.some(({ fingerprint }) => fingerprint === key));
        await control.call('key-replaced', { keys, user, host, port, by: next.fingerprint });
      },
    });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function keyFile(folder: string, name: string, key: Pick<OldKey, 'fingerprint' | 'line'>): KeyToUse[] {
  if (key.line === null) return [];
  const file = join(folder, `${name}.pub`);
  writeFileSync(file, `${key.line}\n`, { mode: 0o600 });
  return [keyToUse(key.fingerprint, key.line, file)];
}

/** The key that `--with` names, the only one there is, or the one that the person chooses; null where there is none. */
async function nextKey(keys: readonly KeyFact[], options: Options, cli: Cli): Promise<KeyFact | null> {
  if (options.with !== undefined) return chooseKey(keys, options.with);
  const [only, ...others] = keys;
  if (only === undefined || others.length === 0) return only ?? null;
  if (cli.input.isTTY !== true || options.json === true) throw new CliError('which-new-key');
  const prompts = await import('@clack/prompts');
  const answer = await prompts.select({
    message: replaceWords.which,
    options: keys.map((key) => ({ value: key.fingerprint, label: replaceWords.choice(key) })),
    input: cli.input,
    output: cli.output,
    signal: cli.stopping,
    withGuide: false,
  });
  const chosen = keys.find(({ fingerprint }) => fingerprint === answer);
  if (chosen === undefined) throw new CliError('replace-declined');
  return chosen;
}

async function confirm(count: number, cli: Cli): Promise<void> {
  if (cli.input.isTTY !== true) throw new CliError('replace-needs-yes');
  const prompts = await import('@clack/prompts');
  const answer = await prompts.confirm({
    message: replaceWords.ask(count),
    initialValue: false,
    input: cli.input,
    output: cli.output,
    signal: cli.stopping,
    withGuide: false,
  });
  if (answer !== true) throw new CliError('replace-declined');
}
