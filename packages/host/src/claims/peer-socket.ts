import { execFile } from 'node:child_process';
import { readlinkSync } from 'node:fs';
import type { Socket } from 'node:net';

const ANSWERS_WITHIN_MS = 1000;

/**
 * The inode of the other end of a Unix connection, by which its process is found; null where the system does not say.
 * Node has no SO_PEERCRED, so Linux' `ss` is asked (iproute2), which knows the ends of each connection. Never rejects.
 */
export async function peerSocket(socket: Socket): Promise<string | null> {
  if (process.platform !== 'linux') return null;
  const own = inodeOf(socket);
  if (own === null) return null;
  for (const line of (await unixConnections()).split('\n')) {
    // `… local-path local-inode * peer-inode`, and a path may hold anything.
    const [, local, peer] = /\s(\d+)\s+\S+\s+(\d+)\s*$/.exec(line) ?? [];
    if (local === own && peer !== undefined && peer !== '0') return peer;
  }
  return null;
}

function inodeOf(socket: Socket): string | null {
  const handle: unknown = '_handle' in socket ? socket._handle : null;
  if (typeof handle !== 'object' || handle === null || !('fd' in handle) || typeof handle.fd !== 'number') return null;
  try {
    return /^socket:\[(\d+)\]$/.exec(readlinkSync(`/proc/self/fd/${handle.fd}`))?.[1] ?? null;
  } catch {
    return null;
  }
}

let running: Promise<string> | null = null;
let next: Promise<string> | null = null;

/** One look for all who ask while another is under way: that one may have begun before their connections did. */
function unixConnections(): Promise<string> {
  if (running !== null) {
    return (next ??= running.then(() => {
      next = null;
      return look();
    }));
  }
  return look();
}

function look(): Promise<string> {
  const looking = runSs().finally(() => {
    if (running === looking) running = null;
  });
  running = looking;
  return looking;
}

function runSs(): Promise<string> {
  return new Promise((resolve) => {
    const options = { timeout: ANSWERS_WITHIN_MS, maxBuffer: 8 << 20 };
    execFile('ss', ['-xH', 'state', 'established'], options, (_error, stdout) => resolve(stdout));
  });
}
