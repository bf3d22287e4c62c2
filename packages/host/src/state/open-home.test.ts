import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { tempFolder } from '../testing/temp-folder.ts';
import { madeFor, openHome } from './open-home.ts';

let folder: ReturnType<typeof tempFolder>;
beforeEach(() => void (folder = tempFolder()));
afterEach(() => folder[Symbol.dispose]());

test('openHome keeps which folder above the home was made for it, and never again', () => {
  const home = folder.at('a/b/home');
  openHome(home);
  expect(madeFor(home)).toBe(folder.at('a'));
  openHome(home);
  expect(madeFor(home)).toBe(folder.at('a'));
});

test('openHome keeps nothing where all but the home itself was there', () => {
  const home = folder.at('home');
  openHome(home);
  expect(existsSync(`${home}/home.json`)).toBe(false);
  expect(madeFor(home)).toBeNull();
});

test('madeFor refuses a newer file and leaves it', () => {
  const home = folder.at('home');
  mkdirSync(home, { mode: 0o700 });
  writeFileSync(`${home}/home.json`, '{"v":2}', { mode: 0o600 });
  expect(() => madeFor(home)).toThrow(expect.objectContaining({ code: 'newer-state' }));
  expect(readFileSync(`${home}/home.json`, 'utf8')).toBe('{"v":2}');
});
