import { chmodSync, lstatSync, unlinkSync } from 'node:fs';
import type { Server } from 'node:net';
import { dirname } from 'node:path';
import { privateFolder } from '../state/private-folder.ts';
import { AgentStartError } from './errors.ts';
import { answers } from './stale-socket.ts';

/** `sun_path` holds 104 bytes on macOS and 108 on Linux, its final zero included. */
const MAX_SOCKET_PATH_BYTES = 103;

/**
 * Makes the server listen on a socket of mode 0600 in a folder of mode 0700 (made if need be). A socket on which nobody
 * answers is replaced.
 * @throws AgentStartError
 * @throws StateError when the folder is not a private one.
 */
export async function listenPrivately(server: Server, path: string): Promise<void> {
  if (Buffer.byteLength(path) > MAX_SOCKET_PATH_BYTES) throw new AgentStartError('path-too-long', path);
  privateFolder(dirname(path));
  await makeRoom(path);
  await listen(server, path);
  chmodSync(path, 0o600);
}

async function makeRoom(path: string): Promise<void> {
  const found = lstatSync(path, { throwIfNoEntry: false });
  if (found === undefined) return;
  if (!found.isSocket()) throw new AgentStartError('not-a-socket', path);
  if (await answers(path)) throw new AgentStartError('agent-running', path);
  unlinkSync(path);
}

function listen(server: Server, path: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const failed = (error: NodeJS.ErrnoException) => {
      reject(new AgentStartError(error.code === 'EADDRINUSE' ? 'agent-running' : 'listen-failed', path, error));
    };
    server.once('error', failed);
    server.listen(path, () => {
      server.off('error', failed);
      resolve();
    });
  });
}
