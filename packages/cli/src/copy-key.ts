/** Adds a public key to a server's authorized_keys, over ssh with the person's other credentials. */
import { spawn } from 'node:child_process';
import { CliError } from './cli-error.ts';

export interface CopyTarget {
  /** `user@host`, or a name from the person's ssh configuration. */
  readonly destination: string;
  readonly port: number | undefined;
}

export interface CopyCommand {
  readonly program: string;
  readonly args: readonly string[];
  /** What it reads: the authorized_keys line and a newline. */
  readonly input: string;
}

/**
 * What runs on the server, inside single quotes, so it has none of its own. The key comes in by stdin and never meets a
 * shell's parser. It makes the folder and file private, begins a new line if the last one has no end, and leaves a key
 * that is there already.
 */
const remote = [
  'umask 077; cd && mkdir -p .ssh && IFS=" " read -r type blob comment || exit 1',
  'f=.ssh/authorized_keys',
  'if [ -f "$f" ] && grep -q "^[^#]*$type $blob" "$f"; then echo palmkey: already there; exit 0; fi',
  'if [ -s "$f" ] && [ -n "$(tail -c 1 "$f")" ]; then echo >> "$f" || exit 1; fi',
  'printf "%s\\n" "$type $blob $comment" >> "$f" && echo palmkey: added',
].join('; ');

/**
 * The ssh command that copies a key. Its agent is the person's own and never `agentSocket`: the key to be copied cannot
 * open the door that it is being copied to. Throws CliError `bad-destination` for what ssh could take for an option.
 */
export function copyCommand(
  target: CopyTarget,
  line: string,
  agents: { readonly own: string | undefined; readonly palmkey: string },
): CopyCommand {
  if (!/^[^-\s\p{Cc}][^\s\p{Cc}]*$/u.test(target.destination)) {
    throw new CliError('bad-destination', { destination: target.destination });
  }
  const own = agents.own === undefined || agents.own === agents.palmkey ? 'none' : 'SSH_AUTH_SOCK';
  const port = target.port === undefined ? [] : ['-p', String(target.port)];
  return {
    program: 'ssh',
    args: [
      '-o',
      `IdentityAgent=${own}`,
      '-o',
      'ForwardAgent=no',
      '-T',
      ...port,
      '--',
      target.destination,
      `exec sh -c '${remote}'`,
    ],
    input: `${line}\n`,
  };
}

/**
 * Runs it; ssh asks for passwords on the terminal by itself.
 * Throws CliError `no-ssh`, or `copy-failed` with ssh's exit code.
 */
export async function runCopy(
  command: CopyCommand,
  target: CopyTarget,
  signal: AbortSignal,
): Promise<'added' | 'already-there'> {
  const { status, output } = await new Promise<{ status: number | null; output: string }>((resolve, reject) => {
    const child = spawn(command.program, [...command.args], { stdio: ['pipe', 'pipe', 'inherit'], signal });
    let seen = '';
    child.stdout.setEncoding('utf8').on('data', (chunk: string) => (seen = (seen + chunk).slice(-4096)));
    // A server that closes early is told by ssh's exit code.
    child.stdin.on('error', () => undefined).end(command.input);
    child.on('error', (cause) => reject(new CliError('no-ssh', {}, { cause })));
    child.on('close', (code) => resolve({ status: code, output: seen }));
  });
  if (status === 0 && output.includes('palmkey: added')) return 'added';
  if (status === 0 && output.includes('palmkey: already there')) return 'already-there';
  throw new CliError('copy-failed', { destination: target.destination, status: status ?? 'a signal' });
}
