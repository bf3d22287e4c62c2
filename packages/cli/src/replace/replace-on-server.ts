/**
 * One server's story: ask which keys it knows, get in by another one, add the new key's line, see it get in by a real
 * login, and only then take the old lines out. Whatever breaks off leaves a file that works: nothing is taken out before
 * the new key was let in, and each file is changed at once.
 */
import { CliError } from '../cli-error.ts';
import { RemoteShell } from './remote-shell.ts';
import { remoteCommand, type ScriptFacts, type ScriptFault, type ScriptLine } from './remote-script.ts';
import { byKeys, type Settled, settled, type SshContext, type SshTarget, wayIn } from './ssh-options.ts';
import { type SshFault, SshRun } from './ssh-run.ts';

/** A key as the files with its public half say it. */
export interface KeyToUse {
  readonly fingerprint: string;
  readonly type: string;
  /** `type base64` */
  readonly pair: string;
  readonly line: string;
  /** A file with the line. */
  readonly file: string;
}

export interface ReplaceJob extends SshContext {
  readonly old: readonly KeyToUse[];
  readonly next: KeyToUse;
  /** The end of a backup's name. */
  readonly stamp: string;
  readonly signal: AbortSignal;
  readonly onStep: (step: ReplaceStep) => void;
}

/** What is being done. */
export type ReplaceStep = 'asking' | 'getting-in' | 'proving' | 'removing' | 'checking';

/**
 * How it ended. `replaced`: the new key gets in and the old does not, seen; `already`: so it was before. All others leave
 * something to do: `no-way-in` (nothing but the old key is let in), `no-shell` (in, but no sh to work with), `elsewhere`
 * (authorized_keys has the new line, and sshd does not look there: the line was taken out again), `unconfirmed` (the
 * server knows the new key, and no phone signed with it: the old stays), `old-elsewhere` (the old line is out of
 * authorized_keys, and the old key is still known), `file` (authorized_keys could not be changed), `lost` (the
 * connection ended), or an {@link SshFault} before anything.
 */
export type ServerEnd =
  | 'replaced'
  | 'already'
  | 'no-way-in'
  | 'no-shell'
  | 'elsewhere'
  | 'unconfirmed'
  | 'old-elsewhere'
  | 'file'
  | 'lost'
  | Exclude<SshFault, 'denied'>;

export interface ServerReport {
  readonly end: ServerEnd;
  /** The key that the way in was made with, as far as ssh says: `SHA256:…`, or a method (`password`). */
  readonly by: string | null;
  /** Whether the new line was added. */
  readonly added: boolean;
  /** How many old lines were taken out. */
  readonly removed: number;
  /** Files beside the changed ones, as they were before. */
  readonly backups: readonly string[];
  /** Why a file was left as it was. */
  readonly fault: ScriptFault | null;
  /** What could be read of where the server looks for keys. */
  readonly found: readonly string[];
  /** The last that ssh said, where it failed. */
  readonly words: string | null;
}

/** Throws CliError `no-ssh`, or the signal's reason: what was reported to `progress` by then was done. */
export async function replaceOnServer(
  target: SshTarget,
  job: ReplaceJob,
  progress: (report: ServerReport) => void = () => undefined,
): Promise<ServerReport> {
  const server = new Server(target, job, await settled(target, job), progress);
  const end = await server.run();
  return { ...server.report, end };
}

/**
 * As many as the servers that take the fewest tries (MaxAuthTries) answer, and no fewer: each connection that ends without
 * a login counts against this computer's address (sshd_config: PerSourcePenalties).
 */
const KEYS_AT_ONCE = 4;

/** Which of the keys a server would let in, asked without logging in; a fault where it could not be asked. */
export async function knownKeys(
  target: SshTarget,
  job: ReplaceJob,
  how: Settled,
): Promise<
  { readonly keys: ReadonlySet<string> } | { readonly fault: Exclude<SshFault, 'denied'>; words: string | null }
> {
  const all = [...job.old, job.next];
  const known = new Set<string>();
  for (let from = 0; from < all.length; from += KEYS_AT_ONCE) {
    const some = all.slice(from, from + KEYS_AT_ONCE);
    const keys = { files: some.map(({ file }) => file), types: some.map(({ type }) => type), signs: false };
    const ssh = new SshRun(byKeys(target, job, how, keys, null), job.signal);
    // A local key of the person's may be let in all the same; that was not the question.
    await ssh.gotIn();
    await ssh.kill();
    if (job.signal.aborted) throw job.signal.reason as Error;
    const fault = ssh.fault();
    const offered = some.every(({ fingerprint }) => ssh.offered.includes(fingerprint));
    // What was not asked is not known: a server may have had enough before.
    if (!offered) return { fault: fault === 'denied' ? 'unreachable' : fault, words: ssh.words };
    for (const key of ssh.accepted) known.add(key);
  }
  return { keys: known };
}

class Server {
  report: ServerReport = {
    end: 'lost',
    by: null,
    added: false,
    removed: 0,
    backups: [],
    fault: null,
    found: [],
    words: null,
  };
  readonly #target: SshTarget;
  readonly #job: ReplaceJob;
  readonly #settled: Settled;
  readonly #progress: (report: ServerReport) => void;

  constructor(target: SshTarget, job: ReplaceJob, how: Settled, progress: (report: ServerReport) => void) {
    this.#target = target;
    this.#job = job;
    this.#settled = how;
    this.#progress = progress;
  }

  async run(): Promise<ServerEnd> {
    const { next, old } = this.#job;
    this.#job.onStep('asking');
    const known = await this.#known();
    if ('fault' in known) return known.fault;
    const isKnown = known.keys.has(next.fingerprint);
    if (isKnown && !old.some((key) => known.keys.has(key.fingerprint))) return 'already';
    this.#job.onStep('getting-in');
    const ssh = new SshRun(isKnown ? this.#byNewKey(remoteCommand) : this.#byOthers(), this.#job.signal);
    try {
      return await this.#inside(ssh, isKnown);
    } finally {
      await ssh.close();
    }
  }

  async #inside(ssh: SshRun, byNewKey: boolean): Promise<ServerEnd> {
    const { old, next, stamp } = this.#job;
    const pairs = { oldKeys: old.map(({ pair }) => pair), newKey: next.pair, newLine: next.line };
    const shell = new RemoteShell(ssh, { ...pairs, stamp } satisfies Omit<ScriptFacts, 'mark'>);
    if (!(await shell.isReady())) {
      this.#say({ words: ssh.words });
      if (ssh.method !== null) return 'no-shell';
      const fault = ssh.fault();
      if (fault !== 'denied') return fault;
      return byNewKey ? 'unconfirmed' : 'no-way-in';
    }
    this.#say({ by: ssh.accepted.at(-1) ?? ssh.method });
    // A local key may have been let in where no phone signed.
    if (byNewKey && ssh.accepted.at(-1) !== next.fingerprint) return 'unconfirmed';
    if (!byNewKey) {
      const added = await this.#add(shell);
      if (added !== 'proved') return added;
    }
    this.#job.onStep('removing');
    const lines = await shell.ask('remove');
    if (lines === null) return 'lost';
    if (!this.#took(lines)) return 'file';
    return this.#afterwards(shell);
  }

  /** Adds the new line, and sees it get in while the other way in is still open. */
  async #add(shell: RemoteShell): Promise<ServerEnd | 'proved'> {
    const lines = await shell.ask('add');
    if (lines === null) return 'lost';
    if (!this.#took(lines)) return 'file';
    this.#job.onStep('proving');
    const ssh = new SshRun(this.#byNewKey(null), this.#job.signal);
    const gotIn = await ssh.gotIn();
    await ssh.kill();
    if (this.#job.signal.aborted) throw this.#job.signal.reason as Error;
    const { fingerprint } = this.#job.next;
    if (gotIn && ssh.accepted.at(-1) === fingerprint) return 'proved';
    this.#say({ words: ssh.words });
    if (ssh.accepted.includes(fingerprint)) return 'unconfirmed';
    if (!ssh.offered.includes(fingerprint)) return 'lost';
    await this.#look(shell);
    // What does nothing is not left behind.
    const undone = this.report.added ? await shell.ask('undo') : [];
    if (undone?.some(({ is }) => is === 'undone') === true) this.#say({ added: false });
    return 'elsewhere';
  }

  /** Whether the old keys are known no more, by whatever file. */
  async #afterwards(shell: RemoteShell): Promise<ServerEnd> {
    this.#job.onStep('checking');
    const known = await this.#known();
    if ('fault' in known) return 'lost';
    if (!this.#job.old.some((key) => known.keys.has(key.fingerprint))) return 'replaced';
    await this.#look(shell);
    return 'old-elsewhere';
  }

  async #known(): ReturnType<typeof knownKeys> {
    const known = await knownKeys(this.#target, this.#job, this.#settled);
    if ('fault' in known) this.#say({ words: known.words });
    return known;
  }

  async #look(shell: RemoteShell): Promise<void> {
    const lines = (await shell.ask('look')) ?? [];
    this.#say({ found: lines.flatMap((line) => (line.is === 'setting' ? [line.text] : [])) });
  }

  /** Takes what the script did into the report; false where a file could not be changed. */
  #took(lines: readonly ScriptLine[]): boolean {
    const backups = new Set(this.report.backups);
    let { added, removed, fault } = this.report;
    for (const line of lines) {
      if (line.is === 'added') added = true;
      if (line.is === 'removed') removed += line.lines;
      if (line.is === 'failed') fault = line.why;
      if ((line.is === 'added' || line.is === 'removed') && line.backup)
        backups.add(`${line.path}.palmkey-backup-${this.#job.stamp}`);
    }
    this.#say({ added, removed, fault, backups: [...backups] });
    return fault === null;
  }

  #say(more: Partial<ServerReport>): void {
    this.report = { ...this.report, ...more };
    this.#progress(this.report);
  }

  #byOthers(): string[] {
    return wayIn(this.#target, this.#job, this.#settled, remoteCommand);
  }

  #byNewKey(command: string | null): string[] {
    const { next } = this.#job;
    const keys = { files: [next.file], types: [next.type], signs: true };
    return byKeys(this.#target, this.#job, this.#settled, keys, command);
  }
}

/** A line for authorized_keys as {@link KeyToUse} has it. Throws CliError `no-such-key` for what is none. */
export function keyToUse(fingerprint: string, line: string, file: string): KeyToUse {
  const [type, base64] = line.split(' ');
  if (type === undefined || base64 === undefined) throw new CliError('no-such-key', { key: line });
  return { fingerprint, type, pair: `${type} ${base64}`, line, file };
}
