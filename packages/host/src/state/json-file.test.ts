import { chmodSync, mkdirSync, readdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import * as v from 'valibot';
import { TestDisk } from '../testing/test-disk.ts';
import { tempFolder } from '../testing/temp-folder.ts';
import { createJsonFile, readJsonFile, writeJsonFile } from './json-file.ts';

const schema = v.strictObject({ v: v.literal(2), text: v.string() });
const old = { v: 2, text: 'old' } as const;
let folder: ReturnType<typeof tempFolder>;
let path: string;
beforeEach(() => {
  folder = tempFolder();
  path = folder.at('file.json');
});
afterEach(() => folder[Symbol.dispose]());
const read = () => readJsonFile(path, 2, schema);

describe('writeJsonFile', () => {
  test('is read back, of mode 0600 whatever was left there before, and leaves nothing beside it', () => {
    writeFileSync(`${path}.next`, 'left over', { mode: 0o644 });
    writeJsonFile(path, old);
    expect(read()).toEqual(old);
    expect(statSync(path).mode & 0o777).toBe(0o600);
    expect(readdirSync(folder.path)).toEqual(['file.json']);
  });

  test('on a full disk the old file stands, and nothing beside it', () => {
    writeJsonFile(path, old);
    const disk = new TestDisk();
    disk.full = true;
    expect(() => writeJsonFile(path, { ...old, text: 'new' }, disk)).toThrow(
      expect.objectContaining({ code: 'not-writable', path }),
    );
    expect(read()).toEqual(old);
    expect(readdirSync(folder.path)).toEqual(['file.json']);
    disk.full = false;
    writeJsonFile(path, { ...old, text: 'new' }, disk);
    expect(read()).toEqual({ ...old, text: 'new' });
  });

  test('says so where nothing can be written', () => {
    mkdirSync(`${path}.next`);
    expect(() => writeJsonFile(path, old)).toThrow(expect.objectContaining({ code: 'not-writable' }));
    expect(() => writeJsonFile(folder.at('no/such/folder'), old)).toThrow(
      expect.objectContaining({ code: 'not-writable' }),
    );
  });
});

test('createJsonFile makes a file once, and leaves the first', () => {
  expect([createJsonFile(path, old), createJsonFile(path, { ...old, text: 'new' })]).toEqual([true, false]);
  expect(read()).toEqual(old);
  expect(readdirSync(folder.path)).toEqual(['file.json']);
});

describe('readJsonFile', () => {
  test('finds nothing where there is no file', () => expect(read()).toBeUndefined());

  test('refuses a file that ends anywhere too early', () => {
    writeJsonFile(path, old);
    const whole = readFileSync(path);
    for (let length = 0; length < whole.length - 1; length += 1) {
      writeFileSync(path, whole.subarray(0, length));
      if (length < whole.length - 2)
        expect(read, `${length} bytes`).toThrow(expect.objectContaining({ code: 'state-broken' }));
    }
  });

  test.each([
    ['newer-state', '{"v":3,"else":1}', '3'],
    ['state-broken', '{"v":1,"text":""}', null],
    ['state-broken', '{"v":2,"text":"","more":1}', null],
    ['state-broken', 'null', null],
  ])('%s: %s', (code, text, found) => {
    writeFileSync(path, text, { mode: 0o600 });
    expect(read).toThrow(expect.objectContaining({ code, found, path }));
    expect(readFileSync(path, 'utf8')).toBe(text);
  });

  test.each([0o640, 0o604, 0o666])('refuses a file of mode %o', (mode) => {
    writeJsonFile(path, old);
    chmodSync(path, mode);
    expect(read).toThrow(
      expect.objectContaining({ code: 'bad-permissions', found: mode.toString(8).padStart(4, '0') }),
    );
  });

  test('refuses a link and a folder', () => {
    writeJsonFile(folder.at('else'), old);
    symlinkSync(folder.at('else'), path);
    expect(read).toThrow(expect.objectContaining({ code: 'bad-permissions' }));
    mkdirSync(folder.at('dir'), { mode: 0o700 });
    expect(() => readJsonFile(folder.at('dir'), 2, schema)).toThrow(
      expect.objectContaining({ code: 'bad-permissions' }),
    );
  });
});
