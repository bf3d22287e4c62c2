import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { tempFolder } from '../testing/temp-folder.ts';
import { clearStaleSocket } from './stale-socket.ts';

let folder: ReturnType<typeof tempFolder>;
beforeEach(() => (folder = tempFolder()));
afterEach(() => folder[Symbol.dispose]());

test('clearStaleSocket takes the socket of a daemon that was killed away', async () => {
  const path = folder.at('agent.sock');
  const script = `require('net').createServer().listen(${JSON.stringify(path)}, () => process.kill(process.pid, 'SIGKILL'))`;
  spawnSync(process.execPath, ['-e', script]);
  expect(existsSync(path)).toBe(true);
  expect(await clearStaleSocket(path)).toBe(true);
  expect(readdirSync(folder.path)).toEqual([]);
});

test('clearStaleSocket leaves one that somebody answers on, a file, and nothing', async () => {
  const path = folder.at('agent.sock');
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(path, resolve));
  writeFileSync(folder.at('file'), '');
  for (const name of ['agent.sock', 'file', 'none']) expect(await clearStaleSocket(folder.at(name))).toBe(false);
  expect(readdirSync(folder.path)).toEqual(['agent.sock', 'file']);
  await new Promise((resolve) => server.close(resolve));
});
