/** How `ssh` is called for a server: the person's own configuration, and what a program needs besides. */
import { execFile } from 'node:child_process';

/** Where to. */
export interface SshTarget {
  readonly user: string | null;
  /** As ssh was told before: a name from the person's configuration, a host name or an address. */
  readonly host: string;
  readonly port: number | null;
}

/** What holds for all of them. */
export interface SshContext {
  /** Another configuration than the person's (`ssh -F`). */
  readonly config: string | null;
  /** Whether nobody is there to type a password. */
  readonly batch: boolean;
  readonly agentSocket: string;
}

/** What ssh's configuration has for a target. */
export interface Settled {
  readonly hostName: string | null;
  readonly port: number | null;
  readonly patience: readonly string[];
}

/** Asks `ssh -G`, which connects nowhere. Never throws. */
export async function settled(target: SshTarget, context: Pick<SshContext, 'config'>): Promise<Settled> {
  const args = [...configOf(context), '-G', ...destination(target)];
  const text = await new Promise<string>((resolve) => {
    execFile('ssh', args, { timeout: 10_000, maxBuffer: 1 << 20 }, (_error, stdout) => resolve(stdout));
  });
  const value = (name: string) => new RegExp(`^${name} (.*)$`, 'm').exec(text)?.[1] ?? null;
  const unset = (name: string) => ['none', '0', null].includes(value(name));
  const port = Number(value('port'));
  return {
    hostName: value('hostname'),
    port: Number.isInteger(port) && port > 0 ? port : null,
    // Where the person has not said how long to wait, a server that is off does not hold up the others for minutes.
    patience: [
      ...(unset('connecttimeout') ? ['ConnectTimeout=15'] : []),
      ...(unset('serveraliveinterval') ? ['ServerAliveInterval=15', 'ServerAliveCountMax=4'] : []),
    ].flatMap((option) => ['-o', option]),
  };
}

/** In by whatever lets the person in: other keys of phones, local keys, a password where somebody can type it. */
export function wayIn(target: SshTarget, context: SshContext, { patience }: Settled, command: string): string[] {
  const batch = context.batch ? ['-o', 'BatchMode=yes'] : [];
  // A connection that is open already may be used; none is left behind.
  return [...always(context), ...batch, '-o', 'ControlMaster=no', ...patience, ...destination(target), command];
}

/** In by the keys of these files and no others, asked for at Palmkey's agent. Without a command: in, and no further. */
export function byKeys(
  target: SshTarget,
  context: SshContext,
  { patience }: Settled,
  keys: { readonly files: readonly string[]; readonly types: readonly string[]; readonly signs: boolean },
  command: string | null,
): string[] {
  const options = [
    'BatchMode=yes',
    'ControlMaster=no',
    'ControlPath=none',
    'IdentitiesOnly=yes',
    `IdentityAgent=${keys.signs ? optionPath(context.agentSocket) : 'none'}`,
    'PubkeyAuthentication=yes',
    'PreferredAuthentications=publickey',
    `PubkeyAcceptedAlgorithms=${[...new Set(keys.types.flatMap(algorithmsOf))].join(',')}`,
  ];
  return [
    ...always(context),
    ...options.flatMap((option) => ['-o', option]),
    ...keys.files.flatMap((file) => ['-i', file]),
    ...patience,
    ...(command === null ? ['-N'] : []),
    ...destination(target),
    ...(command === null ? [] : [command]),
  ];
}

function always(context: SshContext): string[] {
  const options = [
    'LogLevel=DEBUG1',
    'FingerprintHash=sha256',
    'ForwardAgent=no',
    'ForwardX11=no',
    'ClearAllForwardings=yes',
    'PermitLocalCommand=no',
    'RemoteCommand=none',
  ];
  return [...configOf(context), ...options.flatMap((option) => ['-o', option]), '-T'];
}

function configOf({ config }: Pick<SshContext, 'config'>): string[] {
  return config === null ? [] : ['-F', config];
}

function destination({ user, host, port }: SshTarget): string[] {
  const as = user === null ? [] : ['-l', user];
  return [...as, ...(port === null ? [] : ['-p', String(port)]), '--', host];
}

function algorithmsOf(type: string): string[] {
  return type === 'ssh-rsa' ? ['rsa-sha2-512', 'rsa-sha2-256'] : [type];
}

/** A path as the value of an option that knows `%` and `$` (ssh_config(5): TOKENS, ENVIRONMENT VARIABLES). */
function optionPath(path: string): string {
  return `"${path.replaceAll('%', '%%')}"`;
}
