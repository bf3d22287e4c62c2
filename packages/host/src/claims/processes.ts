import { execFile } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, readlinkSync, statSync } from 'node:fs';
import { type Dialled, dialledIn } from '../key-uses/dialled.ts';
import { withoutControls } from './terminal.ts';

/** What a process is, as the system tells it. */
export interface ProcessView {
  readonly programs: readonly string[];
  readonly terminal: string | null;
  /** The working directory of the innermost program that is not ssh; null where the system does not say. */
  readonly directory: string | null;
  /** Where it is an ssh: what it was told to connect to; null where the system does not say. */
  readonly dialled?: Dialled | null;
}

/** Port: the processes of this computer. Neither throws. */
export interface Processes {
  isAlive(pid: number): boolean;
  /** Whether it holds the socket with this inode; false where the system does not say. */
  holdsSocket(pid: number, inode: string): boolean;
  /** The process of ours that holds it; null where there is none, or the system does not say. */
  holderOf(inode: string): number | null;
  /** The chain of our own processes that led to this one, outermost first, at most 8; and its terminal. */
  view(pid: number): Promise<ProcessView>;
}

interface Entry {
  readonly parent: number;
  readonly name: string;
  readonly terminal: string | null;
}

const MAX_CHAIN = 8;
const MAX_NAME = 64;
/** In UTF-16 units; a request carries no longer one. */
const MAX_DIRECTORY = 1024;

/** By /proc where there is one, by `ps` elsewhere. */
export const systemProcesses: Processes = {
  isAlive(pid) {
    try {
      process.kill(pid, 0);
      return true;
    } catch {
      return false; // also one of somebody else's: no ssh of ours
    }
  },
  holdsSocket(pid, inode) {
    try {
      return readdirSync(`/proc/${pid}/fd`).some((fd) => linkOf(`/proc/${pid}/fd/${fd}`) === `socket:[${inode}]`);
    } catch {
      return false;
    }
  },
  holderOf(inode) {
    try {
      const pids = readdirSync('/proc').filter((name) => /^\d+$/.test(name));
      // The latest first: who connects now has begun not long ago.
      const holder = pids.toReversed().find((pid) => this.holdsSocket(Number(pid), inode));
      return holder === undefined ? null : Number(holder);
    } catch {
      return null;
    }
  },
  async view(pid) {
    const find = process.platform === 'linux' ? readProc : await readPs();
    const chain: (Entry & { readonly pid: number })[] = [];
    for (let at = pid; at > 1 && chain.length < MAX_CHAIN;) {
      const entry = find(at);
      if (entry === null) break;
      chain.unshift({ ...entry, pid: at });
      at = entry.parent;
    }
    const asked = chain.findLast(({ name }) => name !== 'ssh');
    return {
      programs: chain.map(({ name }) => name),
      terminal: chain.at(-1)?.terminal ?? null,
      directory: asked === undefined ? null : directoryOf(asked.pid),
      dialled: chain.at(-1)?.name === 'ssh' ? dialledBy(pid) : null,
    };
  },
};

/** Only on Linux: elsewhere it would take a program to find out. */
function directoryOf(pid: number): string | null {
  const found = process.platform === 'linux' ? linkOf(`/proc/${pid}/cwd`) : null;
  // The system says so of a folder that was removed; one may also be called that.
  if (found === null || (found.endsWith(' (deleted)') && !existsSync(found))) return null;
  return found.length <= MAX_DIRECTORY ? found : null;
}

/** Only on Linux: `ps` joins arguments by spaces, and nobody could part them again. */
function dialledBy(pid: number): Dialled | null {
  if (process.platform !== 'linux') return null;
  try {
    const [program = '', ...args] = readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0').slice(0, -1);
    return program.split('/').at(-1) === 'ssh' ? dialledIn(args) : null;
  } catch {
    return null;
  }
}

function linkOf(path: string): string | null {
  try {
    return readlinkSync(path);
  } catch {
    return null;
  }
}

/** One of our own processes; null for those of others, so that the chain ends where the person's session begins. */
function readProc(pid: number): Entry | null {
  try {
    if (statSync(`/proc/${pid}`).uid !== process.getuid?.()) return null;
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // proc(5): `pid (name) state ppid …`, and the name may hold anything, brackets too.
    const end = stat.lastIndexOf(')');
    const parent = Number(stat.slice(end + 2).split(' ')[1]);
    const name = cleanName(stat.slice(stat.indexOf('(') + 1, end));
    return { parent, name: name === 'git' ? gitName(pid) : name, terminal: procTerminal(pid) };
  } catch {
    return null;
  }
}

function procTerminal(pid: number): string | null {
  const target = linkOf(`/proc/${pid}/fd/2`);
  return target !== null && /^\/dev\/(?:pts\/\d+|tty\w*)$/.test(target) ? target : null;
}

/** `git push` instead of `git`. Of its arguments only the command is taken: the rest is nobody's business. */
function gitName(pid: number): string {
  const [, ...args] = readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0');
  for (let i = 0; i < args.length; i++) {
    const arg = args[i] ?? '';
    if (['-C', '-c', '--git-dir', '--work-tree', '--namespace'].includes(arg)) i++;
    else if (!arg.startsWith('-')) return /^[a-z][a-z-]{0,30}$/.test(arg) ? `git ${arg}` : 'git';
  }
  return 'git';
}

/** All of our processes at once: a chain would be one `ps` for each of its members. */
async function readPs(): Promise<(pid: number) => Entry | null> {
  const entries = new Map<number, Entry>();
  const uid = String(process.getuid?.() ?? '');
  for (const line of (await run('ps', ['-x', '-o', 'pid=,ppid=,uid=,tty=,comm='])).split('\n')) {
    const [, pid, parent, owner, tty = '', path = ''] = /^\s*(\d+)\s+(\d+)\s+(\d+)\s+(\S+)\s+(.*)$/.exec(line) ?? [];
    if (pid === undefined || owner !== uid) continue;
    const terminal = /^(?:tty\w+|pts\/\d+)$/.test(tty) ? `/dev/${tty}` : null;
    entries.set(Number(pid), { parent: Number(parent), name: cleanName(path.split('/').at(-1) ?? ''), terminal });
  }
  return (pid) => entries.get(pid) ?? null;
}

function run(program: string, args: readonly string[]): Promise<string> {
  return new Promise((resolve) => {
    execFile(program, args, { timeout: 2000, maxBuffer: 1 << 20 }, (_error, stdout) => resolve(stdout));
  });
}

/** A process chooses its own name: no control characters, and no longer than a name is. */
function cleanName(name: string): string {
  return withoutControls(name).replace(/^-/, '').slice(0, MAX_NAME);
}
