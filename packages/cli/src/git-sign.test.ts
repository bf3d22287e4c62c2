import { mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ControlError } from '@palmkey/host/control';
import { afterAll, expect, test } from 'vitest';
import { type GitSignPorts, signForGit, signWords } from './git-sign.ts';

const folder = mkdtempSync(join(realpathSync(tmpdir()), 'palmkey-git-sign-'));
afterAll(() => rmSync(folder, { recursive: true }));
const blob = 'AAAAC3NzaC1lZDI1NTE5AAAAIAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA';
const keyFile = join(folder, 'key.pub');
writeFileSync(keyFile, `ssh-ed25519 ${blob}`);
const args = ['-Y', 'sign', '-n', 'git', '-f', keyFile, 'text'];

/** Without a daemon: what was said, and whether ssh-keygen was run. */
async function run(argv: readonly string[], change: Partial<GitSignPorts> = {}) {
  const said = { complained: '', pastGit: '', shown: '', keygen: 0, written: 0 };
  const code = await signForGit(argv, {
    controlSocket: join(folder, 'none.sock'),
    knownKeys: () => [],
    me: 'palmkey',
    now: () => 0,
    read: () => Buffer.from('tree '),
    write: () => void (said.written += 1),
    complain: (text) => (said.complained += text),
    complainPastGit: (text) => (said.pastGit += text),
    show: (text) => (said.shown += text),
    repository: () => Promise.resolve(null),
    origin: () => Promise.resolve({ programs: [], terminal: null, directory: null }),
    sshKeygen: () => {
      said.keygen += 1;
      return Promise.resolve(7);
    },
    ...change,
  });
  return { code, ...said };
}
const ours = () => [Buffer.from(blob, 'base64').toString('base64url')];

test.each([
  ['another verb', ['-Y', 'verify', '-n', 'git', '-f', keyFile, 'text']],
  ['another namespace', ['-Y', 'sign', '-n', 'file', '-f', keyFile, 'text']],
  ['a key file that holds none', ['-Y', 'sign', '-n', 'git', '-f', join(folder, 'none'), 'text']],
])('signForGit leaves %s to ssh-keygen, and its code is the code', async (_, argv) => {
  expect(await run(argv, { knownKeys: ours })).toMatchObject({ code: 7, keygen: 1, complained: '', shown: '' });
});

test('signForGit says in the terminal that a key of no phone is ssh-keygen’s', async () => {
  const { code, shown } = await run(args);
  expect([code, shown]).toEqual([7, 'Palmkey ▶ this key is on none of your phones: ssh-keygen signs\r\n']);
});

test('signForGit without a daemon fails for a phone’s key, and asks nobody else', async () => {
  expect(await run(args, { knownKeys: ours })).toMatchObject({
    code: 1,
    keygen: 0,
    written: 0,
    complained: 'palmkey: it is not running on this computer\n  Start it with palmkey up (npm start in a clone)\n',
    pastGit: '',
  });
});

test('signForGit says past git what became of a tag', async () => {
  const tag = { knownKeys: ours, read: () => Buffer.from('object 00') };
  const { complained, pastGit } = await run(args, tag);
  expect([complained, pastGit]).toEqual(['', expect.stringContaining('it is not running')]);
});

test('signWords has those of git before those of other parts with the same code', () => {
  expect(signWords(new ControlError('no-answer', { received: 1 }), 'palmkey').problem).toContain('nothing was signed');
  expect(signWords(new ControlError('bad-call'), 'palmkey').problem).toContain('does not understand');
});
