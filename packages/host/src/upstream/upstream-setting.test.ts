import { linkSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { paths } from '../paths.ts';
import { tempFolder } from '../testing/temp-folder.ts';
import { isSocketPath, readUpstream, setUpstream, upstreamPath, upstreamReader } from './upstream-setting.ts';

let folder: ReturnType<typeof tempFolder>;
beforeEach(() => (folder = tempFolder()));
afterEach(() => folder[Symbol.dispose]());

const file = () => paths(folder.path).upstream;
const write = (text: string) => writeFileSync(file(), text, { mode: 0o600 });

describe('the upstream that was set', () => {
  test.each([
    [{ is: 'environment' }, '/env.sock'],
    [{ is: 'none' }, null],
    [{ is: 'path', path: '/other.sock' }, '/other.sock'],
  ] as const)('%j leads to %j', (value, path) => {
    setUpstream(folder.path, value);
    expect(readUpstream(file())).toEqual(value);
    expect(upstreamPath(value, '/env.sock')).toBe(path);
  });

  test('is the environment’s where nothing was set, and none where that has none', () => {
    expect(readUpstream(file())).toEqual({ is: 'environment' });
    expect([null, '', 'relative.sock', '/a\0b'].map((path) => upstreamPath({ is: 'environment' }, path))).toEqual([
      null,
      null,
      null,
      null,
    ]);
  });

  test('is read anew by each client; a file that breaks meanwhile leads to none', () => {
    const faults: unknown[] = [];
    const read = upstreamReader(file(), '/env.sock', (error) => faults.push(error));
    expect(read()).toBe('/env.sock');
    setUpstream(folder.path, { is: 'none' });
    expect(read()).toBeNull();
    write('{');
    expect(read()).toBeNull();
    expect(faults).toMatchObject([{ code: 'state-broken' }]);
    expect(() => upstreamReader(file(), null, () => undefined)).toThrow(
      expect.objectContaining({ code: 'state-broken' }),
    );
  });

  test.each([
    ['{"v":2,"is":"none"}', 'newer-state'],
    ['{"v":1,"is":"path"}', 'state-broken'],
    ['{"v":1,"is":"path","path":"relative"}', 'state-broken'],
    ['{"v":1,"is":"none","more":1}', 'state-broken'],
  ])('%s: %s', (text, code) => {
    setUpstream(folder.path, { is: 'none' });
    write(text);
    expect(() => readUpstream(file())).toThrow(expect.objectContaining({ code }));
  });

  test('is never our own socket, also not by a link', async () => {
    const { agentSocket, run } = paths(folder.path);
    mkdirSync(run, { recursive: true });
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(agentSocket, resolve));
    symlinkSync(agentSocket, folder.at('soft'));
    linkSync(agentSocket, folder.at('hard'));
    for (const path of [agentSocket, folder.at('soft'), folder.at('hard')]) {
      expect(() => setUpstream(folder.path, { is: 'path', path })).toThrow(
        expect.objectContaining({ code: 'own-upstream' }),
      );
    }
    await new Promise((resolve) => server.close(resolve));
    expect(() => setUpstream(folder.path, { is: 'path', path: agentSocket })).toThrow();
  });
});

test.each([
  ['/a', true],
  ['a', false],
  ['', false],
  ['/a\0', false],
  [`/${'a'.repeat(4095)}`, true],
  [`/${'a'.repeat(4096)}`, false],
])('isSocketPath', (path, good) => expect(isSocketPath(path)).toBe(good));
