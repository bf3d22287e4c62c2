import { execFileSync, spawnSync } from 'node:child_process';
import {
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import fc from 'fast-check';
import type { SetupFile, SetupFiles, SetupOptions } from './index.ts';
import { keyFile, realSshd, withAgent } from '../testing/real-ssh.ts';
import { checkSsh, effectiveSettings, setUpSsh, undoSshSetup } from './index.ts';

let home: string;
let options: SetupOptions;
const now = () => new Date('2026-11-21T01:02:03.456Z');

beforeEach(async () => {
  home = mkdtempSync(join(tmpdir(), 'palmkey-setup-'));
  options = {
    userHome: home,
    sshConfig: join(home, 'palm key', 'ssh_config'),
    agentSocket: join(home, 'palm key', '50%', 'agent.sock'),
    knownHostsCommand: join(home, 'palm key', '$(id) `x` 50%', 'known-hosts'),
    now,
  };
  await run();
});
afterEach(async () => {
  await stop();
  rmSync(home, { recursive: true });
});

/** What ssh says of the missing terminal is nobody's concern. */
const stdio: ('ignore' | 'pipe')[] = ['ignore', 'pipe', 'ignore'];
let daemon: Server | undefined;
/** The agent's socket and the script, as a daemon has them. */
async function run(): Promise<void> {
  for (const path of [options.agentSocket, options.knownHostsCommand]) mkdirSync(dirname(path), { recursive: true });
  writeFileSync(options.knownHostsCommand, '#!/bin/sh\n', { mode: 0o700 });
  daemon = createServer();
  await new Promise<void>((resolve) => daemon?.listen(options.agentSocket, resolve));
}
async function stop(): Promise<void> {
  await new Promise((resolve) => (daemon === undefined ? resolve(0) : daemon.close(resolve)));
  daemon = undefined;
}

const config = () => join(home, '.ssh', 'config');
const read = () => readFileSync(config(), 'latin1');
function write(text: string): void {
  mkdirSync(join(home, '.ssh'), { recursive: true, mode: 0o700 });
  writeFileSync(config(), text, { encoding: 'latin1', mode: 0o640 });
}
const agentOf = async (host: string) => (await effectiveSettings(host, config())).identityAgent;
const ours = () => options.agentSocket;

describe('setUpSsh, judged by real ssh -G', () => {
  test('no ~/.ssh: makes it 0700 with a config of 0600, and undo leaves no file', async () => {
    const report = setUpSsh(options);
    expect(report).toEqual({ changed: [options.sshConfig, config()], backup: null, warnings: [] });
    expect(statSync(join(home, '.ssh')).mode & 0o777).toBe(0o700);
    expect(statSync(config()).mode & 0o777).toBe(0o600);
    expect(await agentOf('any.example')).toBe(ours());
    undoSshSetup(options);
    expect(existsSync(join(home, '.ssh'))).toBe(false);
    expect(existsSync(options.sshConfig)).toBe(false);
  });

  test('an empty ~/.ssh stays, and so does one that ssh has written to since', () => {
    mkdirSync(join(home, '.ssh'), { mode: 0o700 });
    setUpSsh(options);
    undoSshSetup(options);
    expect(readdirSync(join(home, '.ssh'))).toEqual([]);
    rmSync(join(home, '.ssh'), { recursive: true });
    setUpSsh(options);
    writeFileSync(join(home, '.ssh', 'known_hosts'), '');
    undoSshSetup(options);
    expect(readdirSync(join(home, '.ssh'))).toEqual(['known_hosts']);
  });

  test('what a newer program wrote is left, by setup and by undo', () => {
    setUpSsh(options);
    const newer = readFileSync(options.sshConfig, 'utf8').replace('# Version 1.', '# Version 2.');
    writeFileSync(options.sshConfig, newer);
    const before = read();
    for (const change of [setUpSsh, undoSshSetup])
      expect(() => change(options)).toThrow(expect.objectContaining({ code: 'newer-setup', path: options.sshConfig }));
    expect([readFileSync(options.sshConfig, 'utf8'), read()]).toEqual([newer, before]);
  });

  test('while the daemon is down, or its script is gone, ssh does as without Palmkey', async () => {
    setUpSsh(options);
    const settings = () => effectiveSettings('h', config());
    expect(await settings()).toMatchObject({ identityAgent: ours(), knownHostsCommand: expect.anything() as unknown });
    rmSync(options.knownHostsCommand);
    expect(await settings()).toEqual({ identityAgent: null, knownHostsCommand: null });
    await stop();
    await run();
    expect(await agentOf('h')).toBe(ours());
    await stop();
    expect(await settings()).toEqual({ identityAgent: null, knownHostsCommand: null });
  });

  test('a socket that nobody answers any more costs no login: ssh goes on with key files', async () => {
    await using sshd = await realSshd(join(home, 'sshd'));
    const { path, line } = keyFile(home, 'id');
    sshd.authorize([line]);
    setUpSsh(options);
    await stop();
    const script = `require('net').createServer().listen(${JSON.stringify(options.agentSocket)}, () => process.kill(process.pid, 'SIGKILL'))`;
    spawnSync(process.execPath, ['-e', script]);
    expect(await agentOf('h')).toBe(ours());
    const to = ['-F', config(), '-p', String(sshd.port), '-i', path, '-o', 'StrictHostKeyChecking=no'];
    const rest = ['-o', `UserKnownHostsFile=${join(home, 'known')}`, '-o', 'BatchMode=yes', `${sshd.user}@127.0.0.1`];
    expect(await withAgent('', 'ssh', [...to, ...rest, 'echo in'])).toMatchObject({ code: 0, out: 'in\n' });
  });

  test.each(['/bin/sh', '/bin/bash', '/bin/dash', '/usr/bin/zsh', '/usr/bin/fish', '/bin/csh'])(
    'the condition is one that %s reads, where there is one',
    (shell) => {
      if (!existsSync(shell)) return;
      setUpSsh(options);
      const env = { ...process.env, SHELL: shell };
      const read = execFileSync('ssh', ['-F', config(), '-G', 'h'], { encoding: 'utf8', env, stdio });
      expect(read).toContain(`identityagent ${ours()}\n`);
    },
  );

  test('with a single quote in a path there is no condition', async () => {
    options = { ...options, agentSocket: join(home, "o'brien", 'agent.sock') };
    setUpSsh(options);
    expect(await agentOf('h')).toBe(ours());
  });

  test('nothing else changes: what ssh would do differs by our two settings alone', () => {
    write('Host a b\n  HostKeyAlias x\n  User u\n  ProxyJump j\nHost *\n  ServerAliveInterval 5\n');
    const read = (host: string) =>
      execFileSync('ssh', ['-F', config(), '-G', host], { encoding: 'utf8', stdio }).split('\n');
    const before = ['a', 'b', 'c'].map(read);
    setUpSsh(options);
    const after = ['a', 'b', 'c'].map((host) =>
      read(host).filter((text) => !/^(?:identityagent|knownhostscommand) /.test(text)),
    );
    expect(after).toEqual(before);
  });

  test('the file of an earlier version is known for ours, and written anew', () => {
    setUpSsh(options);
    const own = readFileSync(options.sshConfig, 'latin1');
    const old = `${own.split('\n')[0] ?? ''}\nHost *\n  IdentityAgent "${ours()}"\n`;
    writeFileSync(options.sshConfig, old);
    expect(setUpSsh(options)).toMatchObject({ changed: [options.sshConfig], backup: null });
    expect(readFileSync(options.sshConfig, 'latin1')).toBe(own);
    writeFileSync(options.sshConfig, old);
    expect(undoSshSetup(options).changed).toContain(options.sshConfig);
  });

  test('the KnownHostsCommand is one that ssh takes: quotes, spaces and per cent signs', async () => {
    setUpSsh(options);
    const { knownHostsCommand } = await effectiveSettings('h', config());
    expect(knownHostsCommand).toBe(`"${options.knownHostsCommand.replaceAll('%', '%%')}" %I %H %t %K`);
  });

  const layouts: { name: string; text: string; agents: Record<string, string | null> }[] = [
    { name: 'an empty file', text: '', agents: { a: 'OURS' } },
    { name: 'only global lines', text: 'User me\nPort 22\n', agents: { a: 'OURS' } },
    { name: 'no final newline', text: 'Host a\n  User me', agents: { a: 'OURS', b: 'OURS' } },
    { name: 'a last Host block', text: 'Host a\n  User me\n', agents: { a: 'OURS', b: 'OURS' } },
    {
      name: 'a host with its own agent',
      text: 'Host a\n  IdentityAgent /a.sock\nHost b\n  User x\n',
      agents: { a: '/a.sock', b: 'OURS', c: 'OURS' },
    },
    {
      name: 'a host with its own agent, then Host * with another tool’s',
      text: '# mine\nHost a\n\tIdentityAgent=/a.sock\n\n# tool\nHost *\n  ServerAliveInterval 5\n  IdentityAgent "/tool.sock"\n',
      agents: { a: '/a.sock', b: 'OURS' },
    },
    { name: 'a global agent', text: 'IdentityAgent /g.sock\nHost a\n  User x\n', agents: { a: 'OURS', b: 'OURS' } },
    {
      name: 'Match all',
      text: 'Host a\n IdentityAgent none\nMatch all\n identityagent /m.sock\n',
      agents: { a: 'none', b: 'OURS' },
    },
    { name: 'Match host *', text: 'Match host "*"\n IdentityAgent /m.sock\n', agents: { a: 'OURS' } },
    { name: 'Host * with an exception', text: 'Host !z *\n IdentityAgent /m.sock\n', agents: { a: 'OURS', z: 'OURS' } },
    { name: 'CRLF', text: 'Host a\r\n  IdentityAgent /a.sock\r\n', agents: { a: '/a.sock', b: 'OURS' } },
    {
      name: 'bytes that are no UTF-8',
      text: '# caf\xe9 \xff\nHost a\n  IdentityAgent /a.sock\n',
      agents: { a: '/a.sock', b: 'OURS' },
    },
  ];
  test.each(layouts)('$name', async ({ text, agents }) => {
    write(text);
    const report = setUpSsh(options);
    for (const [host, agent] of Object.entries(agents)) {
      expect([host, await agentOf(host)]).toEqual([host, agent === 'OURS' ? ours() : agent]);
    }
    expect(report.changed).toEqual([options.sshConfig, config()]);
    expect(readFileSync(report.backup!, 'latin1')).toBe(text);
    expect(report.backup).toBe(join(home, '.ssh', 'config.palmkey-backup-20261121T010203Z'));
    expect(statSync(config()).mode & 0o777).toBe(0o640);
    const after = read();
    expect(setUpSsh(options)).toMatchObject({ changed: [], backup: null });
    expect(read()).toBe(after);
    const undone = undoSshSetup(options);
    // In the same second: no copy takes another's place.
    expect(undone.backup).toBe(`${report.backup}-2`);
    expect(readFileSync(report.backup!, 'latin1')).toBe(text);
    expect(read()).toBe(text);
    expect(undoSshSetup(options)).toEqual({ changed: [], backup: null, warnings: [] });
  });

  test('an included file that sets an agent for all hosts comes after ours, one for its host before', async () => {
    mkdirSync(join(home, 'more'));
    writeFileSync(join(home, 'more', '1.conf'), 'Host a\n IdentityAgent /a.sock\n');
    writeFileSync(join(home, 'more', '2.conf'), 'Host *\n IdentityAgent /tool.sock\n');
    write(`Include ${home}/more/1*\nInclude ${home}/more/[2-9].conf\nHost b\n IdentityAgent /b.sock\n`);
    const { warnings } = setUpSsh(options);
    expect(
      read()
        .split('\n')
        .findIndex((line) => line.startsWith('# palmkey: begin')),
    ).toBe(1);
    expect(await agentOf('a')).toBe('/a.sock');
    expect(await agentOf('c')).toBe(ours());
    expect(warnings.map(({ code, file, line }) => [code, file.slice(home.length), line])).toEqual([
      ['kept', '/more/1.conf', 2],
      ['replaced', '/more/2.conf', 2],
      ['replaced', '/.ssh/config', 7],
    ]);
    expect(read().split('\n')[6]).toBe(' IdentityAgent /b.sock');
  });

  test('an include within a Host block says nothing about all hosts', async () => {
    writeFileSync(join(home, 'x.conf'), 'IdentityAgent /x.sock\n');
    write(`Host a\n  Include ${home}/x.conf\n`);
    setUpSsh(options);
    expect(await agentOf('a')).toBe('/x.sock');
    expect(await agentOf('b')).toBe(ours());
  });

  test('a file that includes itself ends', () => {
    write(`Include ${home}/.ssh/config\n`);
    expect(setUpSsh(options).changed).toContain(config());
  });

  test('a link is followed and stays a link', async () => {
    mkdirSync(join(home, '.ssh'));
    mkdirSync(join(home, 'dot'));
    writeFileSync(join(home, 'dot', 'config'), 'Host a\n');
    symlinkSync('../dot/config', config());
    expect(setUpSsh(options).changed).toContain(join(home, 'dot', 'config'));
    expect(lstatSync(config()).isSymbolicLink()).toBe(true);
    expect(await agentOf('b')).toBe(ours());
    undoSshSetup(options);
    expect(readFileSync(join(home, 'dot', 'config'), 'utf8')).toBe('Host a\n');
  });

  test('undo keeps what the person wrote since, on both sides of the block', () => {
    write('Host a\n  User x');
    setUpSsh(options);
    write(`# new above\n${read()}Host z\n  User z\n`);
    undoSshSetup(options);
    expect(read()).toBe('# new above\nHost a\n  User x\nHost z\n  User z\n');
  });

  test('a second run moves the block before an agent that came for all hosts since', async () => {
    setUpSsh(options);
    write(`Host *\n IdentityAgent /tool.sock\n${read()}`);
    expect(await agentOf('a')).toBe('/tool.sock');
    setUpSsh(options);
    expect(await agentOf('a')).toBe(ours());
  });

  test.each([
    '# palmkey: begin\nInclude x\n',
    '# palmkey: end\n',
    '# palmkey: begin\n# palmkey: begin\n# palmkey: end\n',
  ])('a broken block changes nothing: %j', (text) => {
    write(text);
    expect(() => setUpSsh(options)).toThrow(expect.objectContaining({ code: 'broken-block' }));
    expect(() => undoSshSetup(options)).toThrow(expect.objectContaining({ code: 'broken-block' }));
    expect(read()).toBe(text);
    expect(existsSync(options.sshConfig)).toBe(false);
  });

  test.each(['/a"b', '/a\\b', '/a\nb', '/${HOME}'])('a path that ssh_config cannot write: %j', (agentSocket) => {
    expect(() => setUpSsh({ ...options, agentSocket })).toThrow(expect.objectContaining({ code: 'unusable-path' }));
    expect(existsSync(join(home, '.ssh'))).toBe(false);
  });

  test('a folder with glob characters is included as it is', async () => {
    options = { ...options, sshConfig: join(home, 'a[b]*?', 'ssh_config') };
    setUpSsh(options);
    expect(await agentOf('h')).toBe(ours());
  });

  test('undo leaves a file of the person’s under our name', () => {
    writeFileSync(options.sshConfig, 'Host mine\n');
    expect(undoSshSetup(options).changed).toEqual([]);
    expect(existsSync(options.sshConfig)).toBe(true);
  });
});

test('undoSshSetup after setUpSsh gives every file back byte for byte', () => {
  const line = fc.constantFrom(
    'Host *',
    'Host a',
    'Match all',
    'IdentityAgent /x',
    '',
    '# c',
    ' User é',
    'KnownHostsCommand x',
  );
  const text = fc
    .tuple(fc.array(line), fc.constantFrom('', '\n', '\r\n', '\n\n'))
    .map(([l, end]) => l.join('\n') + end);
  fc.assert(
    fc.property(text, (before) => {
      const disk = new Map<string, SetupFile>([['/h/.ssh/config', { text: before, mode: 0o600 }]]);
      const files: SetupFiles = {
        read: (path) => disk.get(path) ?? null,
        follow: (path) => path,
        replace: (path, file) => void disk.set(path, file),
        remove: (path) => void disk.delete(path),
        makeFolder: () => undefined,
        hasFolder: () => true,
        removeEmptyFolder: () => undefined,
        glob: () => [],
      };
      const all = { userHome: '/h', sshConfig: '/p/c', agentSocket: '/p/s', knownHostsCommand: '/p/k', files, now };
      setUpSsh(all);
      expect(setUpSsh(all).changed).toEqual([]);
      undoSshSetup(all);
      expect(disk.get('/h/.ssh/config')?.text).toBe(before);
    }),
  );
});

describe('checkSsh', () => {
  test('the ssh that is here', async () => {
    const version = execFileSync('sh', ['-c', 'ssh -V 2>&1'], { encoding: 'utf8' }).split(',')[0];
    expect(await checkSsh()).toEqual({ version, bindsSessions: true });
  });
  test('no ssh at all', async () => {
    expect(await checkSsh('/nowhere/ssh')).toEqual({ version: null, bindsSessions: false });
  });
});
