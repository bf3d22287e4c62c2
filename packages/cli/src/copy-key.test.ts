import { spawnSync } from 'node:child_process';
import { mkdtempSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { copyCommand } from './copy-key.ts';
import { workKey } from './testing/facts.ts';

const agents = { own: '/run/agent', palmkey: '/palmkey/agent.sock' };
const target = { destination: 'ada@prod', port: undefined };

describe('copyCommand', () => {
  it('uses the person’s agent and never Palmkey’s own', () => {
    expect(copyCommand(target, workKey.line, agents).args).toContain('IdentityAgent=SSH_AUTH_SOCK');
    for (const own of [undefined, agents.palmkey]) {
      expect(copyCommand(target, workKey.line, { ...agents, own }).args).toContain('IdentityAgent=none');
    }
  });

  it('puts the destination behind the options', () => {
    const { args } = copyCommand({ ...target, port: 2222 }, workKey.line, agents);
    expect(args.slice(-5, -1)).toEqual(['-p', '2222', '--', 'ada@prod']);
  });

  it.each(['-oProxyCommand=x', '', 'a b', 'a\nb'])('refuses %j', (destination) => {
    expect(() => copyCommand({ ...target, destination }, workKey.line, agents)).toThrow('bad-destination');
  });
});

describe('what runs on the server', () => {
  let home: string;
  const file = () => join(home, '.ssh', 'authorized_keys');
  const copy = () => {
    const { args, input } = copyCommand(target, workKey.line, agents);
    // As sshd does: the person's shell gets the command as one argument.
    return spawnSync('sh', ['-c', args.at(-1) ?? ''], {
      env: { HOME: home, PATH: process.env.PATH },
      input,
    }).stdout.toString();
  };
  beforeEach(() => (home = mkdtempSync(join(tmpdir(), 'palmkey-copy-'))));
  afterEach(() => rmSync(home, { recursive: true }));

  it('makes folder and file, private', () => {
    expect(copy()).toBe('palmkey: added\n');
    expect(readFileSync(file(), 'utf8')).toBe(`${workKey.line}\n`);
    expect(statSync(join(home, '.ssh')).mode & 0o777).toBe(0o700);
    expect(statSync(file()).mode & 0o777).toBe(0o600);
  });

  it('begins a line of its own after one without an end', () => {
    mkdirSync(join(home, '.ssh'));
    writeFileSync(file(), 'ssh-rsa AAAA other');
    expect(copy()).toBe('palmkey: added\n');
    expect(readFileSync(file(), 'utf8')).toBe(`ssh-rsa AAAA other\n${workKey.line}\n`);
  });

  it('leaves a key that is there, also under another comment and with options', () => {
    mkdirSync(join(home, '.ssh'));
    const before = `restrict ${workKey.line}-elsewhere\n`;
    writeFileSync(file(), before);
    expect(copy()).toBe('palmkey: already there\n');
    expect(readFileSync(file(), 'utf8')).toBe(before);
  });

  it('adds a key that only a comment names', () => {
    mkdirSync(join(home, '.ssh'));
    writeFileSync(file(), `# ${workKey.line}\n`);
    expect(copy()).toBe('palmkey: added\n');
  });
});
