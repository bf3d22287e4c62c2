/** The composition root of the command line: the only file that reads argv, environment, signals and the real time. */
import { existsSync } from 'node:fs';
import { homedir, hostname } from 'node:os';
import { delimiter, join, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Cli } from './cli.ts';
import { run } from './run.ts';
import { version } from './version.ts';

// Whatever is written here is the person's own: sockets, stores and logs are made for them alone.
process.umask(0o077);
const stopping = new AbortController();

/** The first time asks to stop and drain; the second leaves at once. */
function interrupt(): void {
  if (stopping.signal.aborted) process.exit(1);
  stopping.abort();
}

/** How a person starts this program: by its name where the shell finds it, else through npx in the clone. */
function nameOnPath(): string {
  const folders = (process.env.PATH ?? '')
    .split(delimiter)
    .filter((folder) => !folder.includes(`node_modules${sep}.bin`));
  return folders.some((folder) => folder !== '' && existsSync(join(folder, 'palmkey'))) ? 'palmkey' : 'npx palmkey';
}

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, interrupt);
// A reader such as `head` that has seen enough is no fault; with nobody left to read, `up` drains.
for (const stream of [process.stdout, process.stderr]) {
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error;
    stopping.abort();
  });
}

const cli: Cli = {
  version,
  me: nameOnPath(),
  command: { node: process.execPath, program: fileURLToPath(new URL('../bin/palmkey.js', import.meta.url)) },
  env: process.env,
  platform: process.platform,
  userFolder: homedir(),
  // The bundle is packages/cli/dist/main.js of a clone.
  appFolder: fileURLToPath(new URL('../../../apps/phone/dist', import.meta.url)),
  gitSigner: fileURLToPath(new URL('git-sign-main.js', import.meta.url)),
  hostName: hostname(),
  input: process.stdin,
  output: process.stdout,
  errors: process.stderr,
  now: Date.now,
  stopping: stopping.signal,
  interrupt,
};

process.exitCode = await run(process.argv.slice(2), cli);
