import { chmodSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { paths } from '../paths.ts';
import { tempFolder } from '../testing/temp-folder.ts';
import { publicHalf, readDevice } from './device-file.ts';
import { prepareDevice } from './prepare-device.ts';

let folder: ReturnType<typeof tempFolder>;
let home: string;
beforeEach(() => {
  folder = tempFolder();
  home = folder.at('home');
});
afterEach(() => folder[Symbol.dispose]());
const loadDevice = (from: string) => publicHalf(readDevice(from));
const load = () => loadDevice(home);

test('makes the keys once, in a file that only its owner reads', () => {
  const device = loadDevice(home);
  expect(loadDevice(home).id).toEqual(device.id);
  expect(prepareDevice(home).id).toEqual(device.id);
  expect(statSync(paths(home).device).mode & 0o777).toBe(0o600);
  expect(statSync(home).mode & 0o777).toBe(0o700);
  expect(loadDevice(folder.at('another')).id).not.toEqual(device.id);
});

test.each([
  ['state-broken', (text: string) => text.slice(0, 20)],
  ['state-broken', (text: string) => text.replace(/"signing": "./, '"signing": "+')],
  // The last character of 43 carries four bits that must be zero.
  ['state-broken', (text: string) => text.replace(/(.)"\n}/, '_"\n}')],
  ['state-broken', (text: string) => text.replace('"v": 1', '"v": 2')],
  ['newer-state', (text: string) => text.replace('"v": 1', '"v": 3')],
])('%s: never makes new keys over a file that it cannot use', (code, change) => {
  loadDevice(home);
  const text = change(readFileSync(paths(home).device, 'utf8'));
  writeFileSync(paths(home).device, text);
  expect(load).toThrow(expect.objectContaining({ name: 'StateError', code }));
  expect(readFileSync(paths(home).device, 'utf8')).toBe(text);
});

test('refuses a home or a file that others can open', () => {
  mkdirSync(home);
  chmodSync(home, 0o755);
  expect(load).toThrow(expect.objectContaining({ code: 'bad-permissions', path: home }));
  chmodSync(home, 0o700);
  load();
  chmodSync(paths(home).device, 0o644);
  expect(load).toThrow(expect.objectContaining({ code: 'bad-permissions', found: '0644' }));
});
