import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { appendFileSync, mkdtempSync, readFileSync, realpathSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { ed25519Blob, toBase64 } from '@palmkey/core/ssh';
import { parseClaimLine } from './claim-line.ts';
import { Claims } from './claims.ts';
import { writeKnownHostsCommand } from './known-hosts-command.ts';
import { peerSocket } from './peer-socket.ts';
import { systemProcesses } from './processes.ts';
import { openTerminal, withoutControls } from './terminal.ts';

const key = ed25519Blob(new Uint8Array(32).fill(1));
const other = ed25519Blob(new Uint8Array(32).fill(2));
const line = (pid: number, host: string, blob = key, kind = 'HOSTNAME') =>
  `${pid} ${kind} ${host} ssh-ed25519 ${toBase64(blob)}\n`;

let folder: string;
let path: string;
let now: number;
let dead: Set<number>;
/** The inode of the client's end: in these tests the process id of the ssh that holds it. */
let peer: string | null;
let claims: Claims;
const add = (...lines: string[]) => appendFileSync(path, lines.join(''));
const claimFor = (blob = key) => claims.claimFor(blob, () => Promise.resolve(peer));
const nameOf = async (blob = key) => (await claimFor(blob))?.name;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'palmkey-claims-'));
  path = join(folder, 'claims');
  now = 0;
  dead = new Set();
  peer = null;
  writeFileSync(path, line(1, 'of-long-ago'));
  claims = new Claims({
    path,
    now: () => now,
    processes: {
      isAlive: (pid) => !dead.has(pid),
      holdsSocket: (pid, inode) => String(pid) === inode,
      holderOf: (inode) => (dead.has(Number(inode)) ? null : Number(inode)),
      view: (pid) => Promise.resolve({ programs: ['zsh', `ssh${pid}`], terminal: null, directory: '/src' }),
    },
  });
});
afterEach(() => {
  claims[Symbol.dispose]();
  rmSync(folder, { recursive: true });
});

function deferred() {
  let resolve: (value: string | null) => void = () => undefined;
  const promise = new Promise<string | null>((done) => (resolve = done));
  return { promise, resolve: (value: string) => resolve(value) };
}

describe('Claims', () => {
  test('first come first served, each once, by key', async () => {
    add(line(2, 'a'), line(3, '[b]:2222'), line(4, 'c', other));
    expect(await (await claimFor())?.whole()).toEqual({
      name: 'a',
      port: 22,
      pid: 2,
      programs: ['zsh', 'ssh2'],
      terminal: null,
      directory: '/src',
    });
    expect(await claimFor()).toMatchObject({ name: 'b', port: 2222, pid: 3 });
    expect(await claimFor()).toBeNull();
    expect(await nameOf(other)).toBe('c');
  });
  test('of a client that wrote none, by its end of the connection: no name', async () => {
    dead.add(8);
    expect(claims.clientOf('8')).toBeNull();
    expect(await claims.clientOf('7')?.whole()).toMatchObject({ name: null, pid: 7, programs: ['zsh', 'ssh7'] });
  });
  test('of processes that live', async () => {
    add(line(2, 'a'), line(3, 'b'));
    dead.add(2);
    expect(await nameOf()).toBe('b');
  });
  test('of several, the one at the other end; where nobody knows, the first', async () => {
    add(line(2, 'a'), line(3, 'b'), line(4, 'c'), line(5, 'd'));
    peer = '4';
    expect(await nameOf()).toBe('c');
    peer = '9';
    expect(await nameOf()).toBe('a');
    peer = null;
    expect(await nameOf()).toBe('b');
  });
  test('also of those at once, whichever is known first', async () => {
    add(line(2, 'a'), line(3, 'b'));
    const [first, second] = [deferred(), deferred()];
    const asked = [claims.claimFor(key, () => first.promise), claims.claimFor(key, () => second.promise)];
    second.resolve('2');
    first.resolve('3');
    expect((await Promise.all(asked)).map((claim) => claim?.name)).toEqual(['b', 'a']);
  });
  test('5 s old is fresh; later the latest counts; after 2 minutes none does', async () => {
    const hear = () => claims.forwarderOf(key);
    add(line(2, 'a'), line(3, 'b'), line(4, 'c'), line(5, 'd'));
    hear();
    now = 5000;
    expect(await nameOf()).toBe('a');
    now = 5001;
    expect(await nameOf()).toBe('d');
    now = 120_000;
    expect(await nameOf()).toBe('c');
    now = 120_001;
    expect(await nameOf()).toBeUndefined();
    expect(hear()?.name).toBe('d');
  });
  test('garbage, half lines and a file cut from outside do no harm', async () => {
    add(
      'x\n',
      '\u0000\n',
      `${'9'.repeat(20)} HOSTNAME a b c\n`,
      line(2, 'ordered', key, 'ORDER'),
      line(3, 'a').slice(0, 20),
    );
    expect(await nameOf()).toBeUndefined();
    add(line(3, 'a').slice(20));
    expect(await nameOf()).toBe('a');
    writeFileSync(path, '');
    expect(await nameOf()).toBeUndefined();
    add(line(4, 'b'));
    expect(await nameOf()).toBe('b');
    rmSync(path);
    expect(await nameOf()).toBeUndefined();
    add(line(5, 'c'));
    expect(await nameOf()).toBe('c');
  });
  test('the file is trimmed, and more than is read at once is passed over', async () => {
    add(...Array.from({ length: 6000 }, (_, i) => line(i + 10, `h${i}`, other)), line(3, 'a'));
    expect(await nameOf()).toBe('a');
    expect(statSync(path).size).toBe(0);
  });
});

describe('parseClaimLine', () => {
  test.each<[string, string | null, number?]>([
    ['host', 'host', 22],
    ['[host]:2222', 'host', 2222],
    ['::1', '::1', 22],
    ['[::1]:65535', '::1', 65_535],
    ['[::1]', null],
    ['[host]:65536', null],
    ['[host]:0', null],
    ['[host', null],
    ['host:2222', null],
    ['[host:22]:2222', null],
    ['a host', null],
    ['a\u00a0host', null],
    ['host ssh-ed25519 AAAA', null],
    ['ho\u200bst', null],
    ['\u202etsoh', null],
    ['h\u0007', null],
    ['', null],
    [' ', null],
    ['x'.repeat(255), 'x'.repeat(255), 22],
    ['x'.repeat(256), null],
  ])('%j is %j', (host, name, port) => {
    expect(parseClaimLine(line(2, host).trimEnd())).toMatchObject({ pid: 2, name, port: port ?? 22, hostKey: key });
  });
  test.each([
    '2 HOSTNAME ssh-ed25519 AAAA',
    '2 HOSTNAME h ssh-ed25519 AAAA',
    `0 HOSTNAME h ssh-ed25519 ${toBase64(key)}`,
    `-2 HOSTNAME h ssh-ed25519 ${toBase64(key)}`,
    `2 ADDRESS h ssh-ed25519 ${toBase64(key)}`,
    `2 HOSTNAME h ssh-ed25519 ${toBase64(key)} `,
  ])('%j is no claim', (text) => expect(parseClaimLine(text)).toBeNull());
  test('never throws', () => {
    fc.assert(fc.property(fc.string({ unit: 'binary' }), (text) => void parseClaimLine(text)));
  });
});

describe('the KnownHostsCommand script', () => {
  const run = (script: string, ...args: string[]) => execFileSync(script, args, { encoding: 'utf8' });
  test('appends what it is given, whatever the path, and says nothing', () => {
    const at = join(folder, `it's "a" $(x) \\ claims`);
    const script = join(folder, 'the script');
    writeKnownHostsCommand(script, at);
    expect(statSync(script).mode & 0o777).toBe(0o700);
    expect(run(script, 'ORDER', 'h', 'NONE', '')).toBe('');
    expect(run(script, 'HOSTNAME', '[h]:1', 'ssh-ed25519', 'AAAA')).toBe('');
    expect(readFileSync(at, 'utf8')).toBe(`${process.pid} HOSTNAME [h]:1 ssh-ed25519 AAAA\n`);
    expect(statSync(at).mode & 0o777).toBe(0o600);
  });
  test('the file grows to a limit while nobody reads it', () => {
    const at = join(folder, 'growing');
    const script = join(folder, 'script');
    writeKnownHostsCommand(script, at);
    writeFileSync(at, Buffer.alloc(1024 * 1024, 10));
    expect(run(script, 'HOSTNAME', 'h', 'ssh-ed25519', 'AAAA')).toBe('');
    expect(statSync(at).size).toBe(1024 * 1024);
    writeFileSync(at, Buffer.alloc(512 * 1024 - 10, 10));
    expect(run(script, 'HOSTNAME', 'h', 'ssh-ed25519', 'A'.repeat(1024 * 600).slice(0, 2000))).toBe('');
  });
  test('succeeds where it cannot write', () => {
    const script = join(folder, 'script');
    writeKnownHostsCommand(script, join(folder, 'none', 'claims'));
    expect(run(script, 'HOSTNAME', 'h', 't', 'k')).toBe('');
  });
});

describe('systemProcesses', () => {
  test('sees this process, itself last', async () => {
    expect(systemProcesses.isAlive(process.pid)).toBe(true);
    const { programs } = await systemProcesses.view(process.pid);
    expect(programs.length).toBeGreaterThan(0);
    expect(programs.length).toBeLessThanOrEqual(8);
  });

  test.runIf(process.platform === 'linux')('says what git does and where, and nothing else of it', async () => {
    const repository = join(folder, 'a repository');
    execFileSync('git', ['init', '-q', repository]);
    const seen = join(folder, 'pid');
    const ready = join(folder, 'ready');
    execFileSync('mkfifo', [ready]);
    const ssh = join(folder, 'ssh');
    // As git starts ssh: a child of its own, which tells its process id and waits.
    writeFileSync(ssh, `#!/bin/sh\necho $$ > '${seen}'\necho > '${ready}'\nread -r _\nexit 1\n`, { mode: 0o755 });
    const git = spawn('git', ['-c', 'x.secret=hunter2', 'fetch', 'git@h.example:a'], {
      cwd: repository,
      env: { ...process.env, GIT_SSH: ssh, GIT_SSH_VARIANT: 'simple' },
      stdio: 'ignore',
    });
    try {
      readFileSync(ready);
      const view = await systemProcesses.view(Number(readFileSync(seen, 'utf8')));
      expect(view.programs.slice(-2)).toEqual(['git fetch', 'ssh']);
      expect(view.directory).toBe(realpathSync(repository));
    } finally {
      git.kill();
      await once(git, 'close');
    }
  });

  test.runIf(process.platform === 'linux')('says what an ssh was told to connect to', async () => {
    const told = join(folder, 'told');
    execFileSync('mkfifo', [told]);
    const proxy = `sh -c "echo > '${told}'; cat > /dev/null"`;
    const ssh = spawn('ssh', ['-F', 'none', '-o', `ProxyCommand=${proxy}`, '-p', '2222', 'ada@prod.example'], {
      stdio: ['pipe', 'ignore', 'ignore'],
    });
    try {
      readFileSync(told);
      expect((await systemProcesses.view(ssh.pid ?? 0)).dialled).toEqual({ host: 'prod.example', port: 2222 });
      expect((await systemProcesses.view(process.pid)).dialled).toBeNull();
    } finally {
      ssh.kill();
      await once(ssh, 'close');
    }
  });

  test.runIf(process.platform === 'linux')('tells who is at the other end of a connection', async () => {
    const path = join(folder, 'a socket 1 * 2');
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(path, resolve));
    const start = () =>
      spawn(process.execPath, ['-e', `require('net').connect(${JSON.stringify(path)})`], { stdio: 'ignore' });
    const clients: ReturnType<typeof start>[] = [];
    const sockets: Socket[] = [];
    try {
      for (let i = 0; i < 2; i++) {
        const connected = once(server, 'connection');
        clients.push(start());
        sockets.push(((await connected) as [Socket])[0]);
      }
      const inodes = await Promise.all(sockets.map(peerSocket));
      const holds = clients.map(({ pid }) => inodes.map((inode) => systemProcesses.holdsSocket(pid ?? 0, inode ?? '')));
      expect(inodes.map((inode) => systemProcesses.holderOf(inode ?? ''))).toEqual(clients.map(({ pid }) => pid));
      expect(holds).toEqual([
        [true, false],
        [false, true],
      ]);
    } finally {
      for (const child of clients) child.kill();
      await Promise.all(clients.map((child) => once(child, 'close')));
      await new Promise((resolve) => server.close(resolve));
    }
  });
});

describe('openTerminal', () => {
  test('nothing is shown without a terminal, and nothing throws', () => {
    for (const claim of [null, { pid: process.pid, terminal: null }, { pid: 2 ** 30, terminal: '/dev/pts/0' }]) {
      const terminal = openTerminal(claim);
      terminal.progressLine('a');
      terminal.finalLine('b');
      terminal.close();
      expect(terminal.shown).toBe(false);
    }
  });
  test('on a real terminal a line is replaced in place, and the last one kept', () => {
    const code = `
      import { openTerminal } from ${JSON.stringify(new URL('terminal.ts', import.meta.url).pathname)};
      const terminal = openTerminal({ pid: process.pid, terminal: '/dev/tty' });
      terminal.progressLine('asking \\u001b[31mPixel\\u0007…');
      terminal.progressLine('x'.repeat(100));
      terminal.finalLine('approved');
      terminal.progressLine('late');`;
    const script = join(folder, 'show.mts');
    writeFileSync(script, code);
    const shown = execFileSync('script', ['-qefc', `"${process.execPath}" --import tsx "${script}"`, '/dev/null'], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    const clear = '\r\u001b[2K';
    const lines = `${clear}asking [31mPixel…${clear}${'x'.repeat(77)}…${clear}approved\r\r\n`;
    expect(shown).toContain(lines);
    expect(shown).not.toContain('late');
  });
  test('withoutControls leaves text that shows as it is', () => {
    expect(withoutControls('a\u001b]0;x\u0007\u202eb\u009b c\r\né…')).toBe('a]0;xb cé…');
  });
});
