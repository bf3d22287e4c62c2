/** The script on a server, run by real shells: what it changes, what it leaves, and what stands when it is killed. */
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { parseScriptLine, remoteCommand, type ScriptFacts, scriptInput, type ScriptLine } from './remote-script.ts';

const old = 'ssh-ed25519 AAAAold';
const facts: ScriptFacts = {
  mark: 'mark',
  stamp: '20260312T120000Z',
  oldKeys: [old, 'ssh-rsa AAAAother'],
  newKey: 'ssh-ed25519 AAAAnew',
  newLine: `ssh-ed25519 AAAAnew it's "mine" $(touch pwned) \`id\` \\n %s`,
};
const shells = ['sh', 'bash', 'dash', 'busybox'].filter(
  (name) => spawnSync(name, ['-c', 'exit 0']).error === undefined,
);

let home: string;
let file: string;
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'palmkey-replace-'));
  file = join(home, '.ssh', 'authorized_keys');
});
afterEach(() => rmSync(home, { recursive: true }));

const text = () => readFileSync(file, 'utf8');
function given(content: string, mode = 0o600): void {
  mkdirSync(join(home, '.ssh'), { recursive: true, mode: 0o700 });
  writeFileSync(file, content);
  chmodSync(file, mode);
}
/** As sshd runs it: the person's shell gets the command as one argument. */
function talk(commands: readonly string[], { shell = 'sh', path = process.env.PATH ?? '', told = facts } = {}) {
  const args = [...(shell === 'busybox' ? ['sh'] : []), '-c', remoteCommand];
  const input = `${scriptInput(told)}${commands.map((command) => `${command}\n`).join('')}`;
  const { stdout } = spawnSync(shell, args, { env: { HOME: home, PATH: path }, input, encoding: 'utf8' });
  const lines = stdout
    .split('\n')
    .flatMap((line) => (line.startsWith('mark ') ? [parseScriptLine(line.slice(5))] : []));
  return lines.filter((line): line is ScriptLine => line !== null && line.is !== 'ready' && line.is !== 'end');
}

describe.each(shells)('in %s', (shell) => {
  it('adds a line and takes the old ones out, and leaves all others as they are', () => {
    const before = [
      `# ${old} a comment is no key`,
      `ssh-rsa AAAAx ${old} nor is the comment of another`,
      `environment="a ${old}" ssh-ed25519 AAAAy nor an option`,
      `ssh-ed25519 AAAAz \u00e9 \xff`,
    ].join('\n');
    given(`${before}\n${old} Pixel 'x' "y"\n  command="say \\"${old}\\" now",no-pty \t${old}\r\nssh-rsa AAAAother`);
    const seen = talk(['look', 'add', 'remove', 'look'], { shell });
    expect(seen.filter(({ is }) => is === 'file' || is === 'added' || is === 'removed')).toEqual([
      { is: 'file', old: 3, new: 0, path: '.ssh/authorized_keys' },
      { is: 'file', old: 0, new: 0, path: '.ssh/authorized_keys2' },
      { is: 'added', backup: true, path: '.ssh/authorized_keys' },
      { is: 'removed', lines: 3, backup: true, path: '.ssh/authorized_keys' },
      { is: 'file', old: 0, new: 1, path: '.ssh/authorized_keys' },
      { is: 'file', old: 0, new: 0, path: '.ssh/authorized_keys2' },
    ]);
    expect(text()).toBe(`${before}\n${facts.newLine}\n`);
    expect(readdirSync(join(home, '.ssh')).sort()).toEqual([
      'authorized_keys',
      `authorized_keys.palmkey-backup-${facts.stamp}`,
    ]);
    expect(readdirSync(home)).toEqual(['.ssh']);
  });

  it('makes folder and file where there are none, private, and takes them back', () => {
    expect(talk(['add'], { shell })).toEqual([{ is: 'added', backup: false, path: '.ssh/authorized_keys' }]);
    expect(text()).toBe(`${facts.newLine}\n`);
    expect(statSync(join(home, '.ssh')).mode & 0o777).toBe(0o700);
    expect(statSync(file).mode & 0o777).toBe(0o600);
    rmSync(file);
    expect(talk(['add', 'undo'], { shell }).map(({ is }) => is)).toEqual(['added', 'undone']);
    expect(existsSync(file)).toBe(false);
  });
});

describe('what runs on the server', () => {
  it('adds nothing twice', () => {
    given(`${facts.newKey} from before\n`);
    expect(talk(['add'])).toEqual([{ is: 'there', path: '.ssh/authorized_keys' }]);
    expect(text()).toBe(`${facts.newKey} from before\n`);
  });

  it('holds the new key to the options of the first old line, which is the one that sshd goes by', () => {
    given(`from="10.*",command="echo \\"a b\\"" ${old}\n${old}\n`);
    talk(['add']);
    expect(text().split('\n')[2]).toBe(`from="10.*",command="echo \\"a b\\"" ${facts.newLine}`);
  });

  it('follows links, keeps them, and keeps the rights of what is behind', () => {
    given(`${old}\n`, 0o640);
    mkdirSync(join(home, 'dot files'));
    writeFileSync(join(home, 'dot files', 'keys'), `${old}\nssh-ed25519 AAAAkeep\n`);
    chmodSync(join(home, 'dot files', 'keys'), 0o644);
    rmSync(file);
    symlinkSync('keys', join(home, 'dot files', 'link'));
    symlinkSync('../dot files/link', file);
    const seen = talk(['add', 'remove']);
    expect(seen.map(({ is }) => is)).toEqual(['added', 'removed']);
    expect(seen.at(-1)).toMatchObject({ path: '.ssh/../dot files/keys' });
    expect(text()).toBe(`ssh-ed25519 AAAAkeep\n${facts.newLine}\n`);
    expect(statSync(file).mode & 0o777).toBe(0o644);
    expect(readdirSync(join(home, '.ssh'))).toEqual(['authorized_keys']);
  });

  it('takes old lines out of authorized_keys2 as well', () => {
    given(`${facts.newLine}\n`);
    writeFileSync(`${file}2`, `${old}\n`, { mode: 0o600 });
    expect(talk(['remove'])).toEqual([{ is: 'removed', lines: 1, backup: true, path: '.ssh/authorized_keys2' }]);
    expect(readFileSync(`${file}2`, 'utf8')).toBe('');
  });

  it.each([
    ['a link in a circle', 'link', () => symlinkSync('authorized_keys', file)],
    ['a folder', 'file', () => mkdirSync(file)],
  ])('leaves %s', (_, why, make) => {
    mkdirSync(join(home, '.ssh'));
    make();
    expect(talk(['add'])).toMatchObject([{ is: 'failed', why }]);
  });

  it.each([
    [
      'of another owner or other rights',
      'rights',
      'cp',
      'case $2 in */authorized_keys) ;; *) chmod 604 "$2" ;; esac; exec cp "$@"',
    ],
    ['that was changed meanwhile', 'changed', 'cmp', 'exit 1'],
    ['on a full disk', 'write', 'awk', 'case "$*" in *how=rest*) exit 2 ;; esac; exec awk "$@"'],
  ])('leaves a file %s', (_, why, program, does) => {
    given(`${old}\n${facts.newLine}\n`);
    const shims = join(home, 'shims');
    mkdirSync(shims);
    const real = `PATH=${process.env.PATH ?? ''}`;
    writeFileSync(join(shims, program), `#!/bin/sh\n${real}\n${does}\n`, { mode: 0o755 });
    expect(talk(['remove'], { path: `${shims}:${process.env.PATH ?? ''}` })).toMatchObject([{ is: 'failed', why }]);
    expect(text()).toBe(`${old}\n${facts.newLine}\n`);
    expect(readdirSync(join(home, '.ssh')).filter((name) => /palmkey-(?:next|was)/.test(name))).toEqual([]);
  });

  it('killed before any of the programs that it starts: the file is one that works', async () => {
    const before = `ssh-ed25519 AAAAkeep\n${old}\n`;
    const added = `${before}${facts.newLine}\n`;
    const after = `ssh-ed25519 AAAAkeep\n${facts.newLine}\n`;
    const shims = join(home, 'shims');
    mkdirSync(shims);
    const counter = join(home, 'counter');
    for (const program of ['cp', 'mv', 'awk', 'ls', 'cmp', 'tail', 'cat', 'rm', 'dirname', 'readlink']) {
      const script = `#!/bin/sh\nPATH=${process.env.PATH ?? ''}\necho >> '${counter}'\n[ "$(wc -l < '${counter}')" -gt "$KILL_AT" ] && kill -9 0\nexec ${program} "$@"\n`;
      writeFileSync(join(shims, program), script, { mode: 0o755 });
    }
    const seen = new Set<string>();
    let survived = false;
    for (let at = 0; at < 80 && !survived; at += 1) {
      given(before);
      writeFileSync(counter, '');
      // A process group of its own, all of which is killed.
      const child = spawn('sh', ['-c', remoteCommand], {
        detached: true,
        env: { HOME: home, PATH: `${shims}:${process.env.PATH ?? ''}`, KILL_AT: String(at) },
        stdio: ['pipe', 'ignore', 'ignore'],
      });
      child.stdin.on('error', () => undefined);
      child.stdin.end(`${scriptInput(facts)}add\nremove\n`);
      const [, signal] = (await once(child, 'close')) as [number | null, string | null];
      survived = signal === null;
      seen.add(text());
      expect([before, added, after]).toContain(text());
      for (const name of readdirSync(join(home, '.ssh'))) rmSync(join(home, '.ssh', name));
    }
    expect(survived).toBe(true);
    expect(seen).toEqual(new Set([before, added, after]));
  }, 60_000);
});

it.each(['', 'file 1 x p', 'file 1', 'failed why path', 'removed x + p', 'ready now', 'other', 'end '])(
  'parseScriptLine: %j is none',
  (line) => expect(parseScriptLine(line)).toBeNull(),
);
