/**
 * One signature for git: what is to be signed with a key on a phone is asked of the daemon, with a line in the person's
 * terminal meanwhile; what is for another key goes to ssh-keygen. What was asked never does: a rejected commit is not made.
 */
import { ControlClient, ControlError } from '@palmkey/host/control';
import { parseSignArguments, readPublicKey, type RepositoryClaim, withoutControls } from '@palmkey/host/git';
import type { Cli } from './cli.ts';
import { askWords } from './voice/ask-words.ts';
import { notOursLine } from './voice/git-words.ts';
import { plainPaint } from './voice/paint.ts';
import { problemLines, wordsFor } from './voice/problem.ts';
import { gitSignProblems } from './voice/problems/git.ts';
import type { Say, Words } from './voice/problems/words.ts';

/** Go to the start of the line and clear it (ECMA-48: CR, EL 2). */
const clearLine = '\r\u001b[2K';
/** A progress line that is longer would wrap, and a wrapped line cannot be replaced in place. */
const longestLine = 78;

export interface GitSignPorts extends Pick<Cli, 'me' | 'now'> {
  readonly controlSocket: string;
  /** Blobs in base64url of the keys that were the phones' when the daemon last ran. */
  readonly knownKeys: () => readonly string[];
  readonly read: (path: string) => Uint8Array;
  /** Makes a file that must not be there yet. */
  readonly write: (path: string, text: string) => void;
  /** What git shows when a commit is not signed. */
  readonly complain: (text: string) => void;
  /** To where git itself complains: of a tag that is not signed it shows nothing of ours. */
  readonly complainPastGit: (text: string) => void;
  /** To the person's terminal, where there is one. */
  readonly show: (text: string) => void;
  readonly repository: () => Promise<RepositoryClaim | null>;
  readonly origin: () => Promise<{
    readonly programs: readonly string[];
    readonly terminal: string | null;
    readonly directory: string | null;
  }>;
  /** Runs ssh-keygen with the same arguments; its exit code. */
  readonly sshKeygen: () => Promise<number>;
}

/** Returns the exit code; anything but 0 makes git give up. */
export async function signForGit(args: readonly string[], ports: GitSignPorts): Promise<number> {
  const parsed = parseSignArguments(args);
  const blob = parsed === null ? null : readPublicKey(parsed.keyFile);
  if (parsed === null || blob === null) return ports.sshKeygen();
  const key = Buffer.from(blob).toString('base64url');
  const [repository, origin, control] = await Promise.all([ports.repository(), ports.origin(), connect(ports)]);
  if (control === null) {
    if (!ports.knownKeys().includes(key)) return leaveToSshKeygen(ports);
    return fail(new ControlError('not-running'), ports, isTag(parsed.textFile, ports));
  }
  const line = { isOpen: false };
  try {
    const object = Buffer.from(ports.read(parsed.textFile)).toString('base64url');
    const { signature } = await control.call('git-sign', { key, object, repository, origin }, (progress) => {
      const text = withoutControls(askWords(progress, ports.now));
      ports.show(progress.is === 'ended' ? `${clearLine}${text}\r\n` : clearLine + cut(text));
      line.isOpen = progress.is !== 'ended';
    });
    ports.write(`${parsed.textFile}.sig`, signature);
    return 0;
  } catch (error) {
    const isForeign = error instanceof ControlError && error.code === 'unknown-key' && !ports.knownKeys().includes(key);
    return isForeign ? await leaveToSshKeygen(ports) : fail(error, ports, isTag(parsed.textFile, ports));
  } finally {
    if (line.isOpen) ports.show(clearLine);
    control.close();
  }
}

/** Null when no daemon runs. */
async function connect({ controlSocket }: GitSignPorts): Promise<ControlClient | null> {
  try {
    return await ControlClient.connect(controlSocket);
  } catch (error) {
    if (error instanceof ControlError && error.code === 'not-running') return null;
    throw error;
  }
}

function leaveToSshKeygen(ports: GitSignPorts): Promise<number> {
  ports.show(`${notOursLine()}\r\n`);
  return ports.sshKeygen();
}

/** The script says to git that a tag was signed where it was not, so that git gives up (see `signingProgram`). */
function fail(error: unknown, { complain, complainPastGit, me }: GitSignPorts, isTag: boolean): number {
  // git shows it in words of its own, without colours.
  const lines = problemLines(signWords(error, me), plainPaint);
  (isTag ? complainPastGit : complain)(lines.map((line) => `${line}\n`).join(''));
  return 1;
}

function isTag(textFile: string, { read }: GitSignPorts): boolean {
  return Buffer.from(read(textFile).subarray(0, 7)).toString() === 'object ';
}

/** The words for what ended a signature; a code of another part has the words of that part. */
export function signWords(error: unknown, me: string): Words {
  const families: Readonly<Record<string, Say>> = gitSignProblems;
  if (error instanceof ControlError && Object.hasOwn(families, error.code)) {
    const words = families[error.code]?.(error.detail, me);
    if (words !== undefined) return words;
  }
  return wordsFor(error, me);
}

function cut(text: string): string {
  const characters = Array.from(text);
  return characters.length <= longestLine ? text : `${characters.slice(0, longestLine - 1).join('')}…`;
}
