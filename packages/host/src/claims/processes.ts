import { execFile } from 'node:child_process';
import { readFileSync, readlinkSync, statSync } from 'node:fs';
import { withoutControls } from './terminal.ts';

/** What a process is, as the system tells it. */
export interface ProcessView {
  readonly programs: readonly string[];
  readonly terminal: string | null;
}

/** Port: the processes of this computer. Neither throws. */
export interface Processes {
  isAlive(pid: number): boolean;
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
  async view(pid) {
    const find = process.platform === 'linux' ? readProc : await readPs();
    const programs: string[] = [];
    const own = find(pid);
    for (let at = own; at !== null && programs.length < MAX_CHAIN; at = at.parent > 1 ? find(at.parent) : null) {
      programs.unshift(at.name);
    }
    return { programs, terminal: own?.terminal ?? null };
  },
};

/** One of our own processes; null for those of others, so that the chain ends where the person's session begins. */
function readProc(pid: number): Entry | null {
  try {
    if (statSync(`/proc/${pid}`).uid !== process.getuid?.()) return null;
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // proc(5): `pid (name) state ppid …`, and the name may hold anything, brackets too.
    const end = stat.lastIndexOf(')');
    const parent = Number(stat.slice(end + 2).split(' ')[1]);
    return { parent, name: cleanName(stat.slice(stat.indexOf('(') + 1, end)), terminal: procTerminal(pid) };
  } catch {
    return null;
  }
}

function procTerminal(pid: number): string | null {
  try {
    const target = readlinkSync(`/proc/${pid}/fd/2`);
    return /^\/dev\/(?:pts\/\d+|tty\w*)$/.test(target) ? target : null;
  } catch {
    return null;
  }
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
