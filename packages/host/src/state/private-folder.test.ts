import { chmodSync, mkdirSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { tempFolder } from '../testing/temp-folder.ts';
import { privateFolder } from './private-folder.ts';

const fault = (code: string) => expect.objectContaining({ name: 'StateError', code }) as Error;

test('privateFolder makes a folder of mode 0700, and takes it again', () => {
  using folder = tempFolder();
  privateFolder(folder.at('a/b'));
  privateFolder(folder.at('a/b'));
  expect(statSync(folder.at('a/b')).mode & 0o777).toBe(0o700);
});

test('privateFolder refuses one that others can enter, a link and a file, and leaves them', () => {
  using folder = tempFolder();
  mkdirSync(folder.at('open'));
  chmodSync(folder.at('open'), 0o750);
  expect(() => privateFolder(folder.at('open'))).toThrow(fault('bad-permissions'));
  expect(statSync(folder.at('open')).mode & 0o777).toBe(0o750);
  symlinkSync(folder.path, folder.at('link'));
  expect(() => privateFolder(folder.at('link'))).toThrow(fault('bad-permissions'));
  writeFileSync(folder.at('file'), '');
  expect(() => privateFolder(folder.at('file'))).toThrow(fault('not-writable'));
  expect(() => privateFolder(folder.at('file/below'))).toThrow(fault('not-writable'));
});
