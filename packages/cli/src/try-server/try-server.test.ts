import { execFile, spawn } from 'node:child_process';
import { mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { KeyFact } from '@palmkey/host/control';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { workKey } from '../testing/facts.ts';
import { sshConfig, tryFiles } from './try-files.ts';
import { startTryServer, type TryServer } from './try-server.ts';

const run = promisify(execFile);
let folder: string;
let keys: KeyFact[];
let server: TryServer;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'palmkey try '));
  await run('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-C', 'Work', '-f', join(folder, 'id')]);
  keys = [{ ...workKey, line: (await readFile(join(folder, 'id.pub'), 'utf8')).trim() }];
  server = await startTryServer({
    folder: join(folder, 'try'),
    port: 0,
    keys: () => keys,
    agentSocket: join(folder, 'no-agent'),
    knownHostsCommand: '/bin/true',
  });
});

afterEach(async () => {
  await server.close();
  await rm(folder, { recursive: true });
});

/** ssh with the written configuration; a key file stands in for the agent. */
function arguments_(...more: string[]): string[] {
  return ['-F', server.sshConfig, '-o', `IdentityFile="${join(folder, 'id')}"`, '-o', 'BatchMode=yes', ...more];
}

async function ssh(...more: string[]): Promise<{ code: number; stdout: string; stderr: string }> {
  return await run('ssh', arguments_(...more)).then(
    (done) => ({ code: 0, ...done }),
    (error: unknown) => error as { code: number; stdout: string; stderr: string },
  );
}

/** An interactive ssh that types `text` at once. */
function type(text: string, ...options: string[]): Promise<{ code: number | null; stdout: string }> {
  return new Promise((resolve) => {
    const child = spawn('ssh', arguments_(...options, 'try'), { stdio: ['pipe', 'pipe', 'ignore'] });
    let stdout = '';
    child.stdout.setEncoding('utf8').on('data', (chunk: string) => (stdout += chunk));
    child.on('close', (code) => resolve({ code, stdout }));
    child.stdin.end(text);
  });
}

describe('startTryServer', () => {
  it('accepts a paired key and answers true, false and echo', async () => {
    expect(await ssh('try', 'true')).toMatchObject({ code: 0 });
    expect(await ssh('try', 'false')).toMatchObject({ code: 1 });
    expect(await ssh('try', 'echo hello  there')).toMatchObject({ code: 0, stdout: 'hello there\n' });
  });

  it('runs nothing', async () => {
    const { code, stdout } = await ssh('try', `touch ${join(folder, 'touched')}`);
    expect(code).toBe(127);
    expect(stdout).toContain('Nothing runs here');
    await expect(stat(join(folder, 'touched'))).rejects.toThrow('ENOENT');
  });

  it('refuses a key from the moment that it is no longer paired', async () => {
    keys = [];
    const { code, stderr } = await ssh('try', 'true');
    expect(code).toBe(255);
    expect(stderr).toContain('Permission denied (publickey)');
  });

  it('says which key on which phone signed, and leaves on exit', async () => {
    const { code, stdout } = await type('echo hi\nexit\n', '-T');
    expect(code).toBe(0);
    expect(stdout).toContain('The key Work on Pixel signed this login');
    expect(stdout).toContain('hi\nBye.\n');
  });

  it('is a terminal to a terminal: echo, erase, Ctrl-C, Ctrl-D', async () => {
    const { code, stdout } = await type('ax\u007f\u0003\u0004', '-tt');
    expect(code).toBe(0);
    expect(stdout).toContain('try$ ax\b \b^C\r\ntry$ Bye.\r\n');
  });

  it('ends where the input ends', async () => {
    expect(await type('echo hi\n', '-T')).toMatchObject({ code: 0 });
  });

  it('forwards nothing and has no subsystems', async () => {
    expect(await ssh('-W', '127.0.0.1:22', 'try')).toMatchObject({ code: 255 });
    expect(await ssh('-s', 'try', 'sftp')).toMatchObject({ code: 255 });
  });

  it('keeps its host key over a restart, in files of mode 0600', async () => {
    await ssh('try', 'true');
    const { hostKey, knownHosts } = tryFiles(join(folder, 'try'));
    expect((await stat(hostKey)).mode & 0o777).toBe(0o600);
    expect(await readFile(knownHosts, 'utf8')).toMatch(/^palmkey-try ssh-ed25519 /);
    await server.close();
    server = await startTryServer({
      folder: join(folder, 'try'),
      port: 0,
      keys: () => keys,
      agentSocket: '/x',
      knownHostsCommand: '/bin/true',
    });
    expect(await ssh('try', 'true')).toMatchObject({ code: 0 });
  });

  it('survives a client that speaks something else', async () => {
    const { connect } = await import('node:net');
    await new Promise((resolve) => {
      const socket = connect(server.port, '127.0.0.1', () => socket.write('GET / HTTP/1.1\r\n\r\n\u0000'.repeat(100)));
      socket.on('close', resolve).on('error', () => undefined);
      socket.resume();
    });
    expect(await ssh('try', 'true')).toMatchObject({ code: 0 });
  });

  it('takes the next port when its own is taken', async () => {
    const other = createServer();
    await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
    const { port } = other.address() as { port: number };
    const second = await startTryServer({
      folder: join(folder, 'second'),
      port,
      keys: () => keys,
      agentSocket: '/x',
      knownHostsCommand: '/bin/true',
    });
    expect(second.port).not.toBe(port);
    await second.close();
    other.close();
  });
});

describe('sshConfig', () => {
  const config = { port: 7723, agentSocket: '/a b/100%', knownHostsCommand: '/k' };

  it('quotes paths and doubles their per cent signs', () => {
    expect(sshConfig(tryFiles('/t'), config)).toContain('IdentityAgent "/a b/100%%"');
  });

  it.each(['/a"b', '/a$b', '/a\\b', '/a\nb'])('throws try-path for %j', (agentSocket) => {
    expect(() => sshConfig(tryFiles('/t'), { ...config, agentSocket })).toThrow('try-path');
  });
});
