import { writeFileSync } from 'node:fs';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { tempFolder } from '../testing/temp-folder.ts';
import { checkSshVersion } from './check-ssh-config.ts';

let folder: ReturnType<typeof tempFolder>;
beforeEach(() => void (folder = tempFolder()));
afterEach(() => folder[Symbol.dispose]());

test.each([
  ['OpenSSH_10.0p2, OpenSSL 3', 'ssh-fine'],
  ['OpenSSH_8.9p1 Ubuntu-3', 'ssh-fine'],
  ['OpenSSH_8.8p1', 'ssh-unproved'],
  ['OpenSSH_8.5p1', 'ssh-unproved'],
  ['OpenSSH_8.4p1', 'ssh-too-old'],
  ['OpenSSH_7.9p1', 'ssh-too-old'],
  ['Dropbear v2022.83', 'ssh-missing'],
])('%s: %s', async (version, code) => {
  const ssh = folder.at('ssh');
  writeFileSync(ssh, `#!/bin/sh\necho '${version}' >&2\n`, { mode: 0o755 });
  expect((await checkSshVersion(ssh)).map((found) => found.code)).toEqual([code]);
});

test('no ssh at all', async () => {
  expect((await checkSshVersion(folder.at('none'))).map((found) => found.code)).toEqual(['ssh-missing']);
});
