import { tmpdir } from 'node:os';
import { expect, test } from 'vitest';
import { hostNameOf } from './host-name.ts';
import { isLoopback, isOrigin } from './origin.ts';
import { paths } from './paths.ts';

test('paths keeps the sockets beside the rest as long as a socket path may be, and no longer', () => {
  const home = (length: number) => `/${'h'.repeat(length - 1)}`;
  const fits = 103 - '/run/control.sock'.length;
  expect(paths(home(fits)).controlSocket).toBe(`${home(fits)}/run/control.sock`);
  const moved = paths(home(fits + 1));
  const elsewhere = [tmpdir(), `/run/user/${process.getuid?.() ?? 0}`];
  expect(elsewhere.some((folder) => moved.run.startsWith(folder))).toBe(true);
  expect(Buffer.byteLength(moved.controlSocket)).toBeLessThanOrEqual(103);
  expect(moved.run).not.toBe(paths(home(fits + 2)).run);
  expect(moved.device).toBe(`${home(fits + 1)}/host/device.json`);
});

test.each([
  ['http://localhost:7722', true, true],
  ['http://[::1]:1', true, true],
  ['https://relay.example', true, false],
  ['https://relay.example/', false, false],
  ['https://relay.example:443', false, false],
  ['https://RELAY.example', false, false],
  ['https://u@relay.example', false, false],
  ['ws://relay.example', false, false],
  ['nonsense', false, false],
])('isOrigin and isLoopback of %s', (text, origin, loopback) => {
  expect(isOrigin(text)).toBe(origin);
  if (origin) expect(isLoopback(text)).toBe(loopback);
});

test.each([
  ['laptop', 'system', 'laptop'],
  [' laptop ', 'system', 'laptop'],
  ['', 'system', 'system'],
  ['a\u001bb', 'system', 'a\uFFFDb'],
  ['x'.repeat(100), 'system', `${'x'.repeat(63)}…`],
  ['😀'.repeat(64), ' ', 'computer'],
])('hostNameOf %j on %j', (wanted, system, expected) => {
  expect(hostNameOf(wanted, system)).toBe(expected);
});
