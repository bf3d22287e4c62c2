/** The agent, the claims and the setup under real OpenSSH: ssh, ssh-add, sshd. A local signer stands in for the phone. */
import type { ChildProcess } from 'node:child_process';
import { execFileSync, spawn } from 'node:child_process';
import { generateKeyPairSync, sign as signWith } from 'node:crypto';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import {
  authorizedKeysLine,
  checkBinds,
  ed25519Blob,
  encodeSshSignature,
  fingerprint,
  parseAuthorizedKey,
  webHostKeyVerifier,
} from '@palmkey/core/ssh';
import { Claims } from '../../packages/host/src/claims/claims.ts';
import { writeKnownHostsCommand } from '../../packages/host/src/claims/known-hosts-command.ts';
import { ownConfig } from '../../packages/host/src/setup/own-config.ts';
import type { Agent } from '../../packages/host/src/ssh-agent/agent.ts';
import { startAgent } from '../../packages/host/src/ssh-agent/agent.ts';
import type { AgentEvent, LoginAsk, SignOutcome } from '../../packages/host/src/ssh-agent/login-ask.ts';

interface Server {
  readonly child: ChildProcess;
  readonly port: number;
  readonly hostKey: Uint8Array;
}

const { publicKey, privateKey } = generateKeyPairSync('ed25519');
const userKey = ed25519Blob(Buffer.from(publicKey.export({ format: 'jwk' }).x!, 'base64url'));
const approve = (login: LoginAsk): SignOutcome => ({
  is: 'signed',
  signature: encodeSshSignature('ssh-ed25519', signWith(null, login.data, privateKey)),
});

let root: string;
let servers: Record<'ed25519' | 'ecdsa' | 'rsa' | 'certified', Server>;

async function startServer(type: string, bits: string[], certified: boolean): Promise<Server> {
  const folder = mkdtempSync(join(root, 'sshd-'));
  const key = join(folder, 'key');
  execFileSync('ssh-keygen', ['-q', '-t', type, ...bits, '-N', '', '-f', key]);
  let blobFile = `${key}.pub`;
  if (certified) {
    execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', join(root, 'ca')]);
    execFileSync('ssh-keygen', ['-q', '-s', join(root, 'ca'), '-I', 'id', '-h', '-n', 'cert.example', `${key}.pub`]);
    blobFile = `${key}-cert.pub`;
  }
  const port = await freePort();
  const config = join(folder, 'config');
  writeFileSync(
    config,
    [
      `ListenAddress 127.0.0.1:${port}`,
      `HostKey ${key}`,
      ...(certified ? [`HostCertificate ${blobFile}`] : []),
      `AuthorizedKeysFile ${join(root, 'authorized_keys')}`,
      'StrictModes no',
      'UsePAM no',
      'PasswordAuthentication no',
      'PidFile none',
      'MaxStartups 200',
      '',
    ].join('\n'),
  );
  const child = spawn('/usr/sbin/sshd', ['-D', '-e', '-f', config], { stdio: ['ignore', 'ignore', 'pipe'] });
  for await (const chunk of child.stderr as AsyncIterable<Buffer>) {
    if (chunk.toString().includes('Server listening')) break;
  }
  const [type64, base64] = readFileSync(blobFile, 'utf8').split(' ');
  return { child, port, hostKey: parseAuthorizedKey(`${type64!} ${base64!}`).blob };
}

async function freePort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const { port } = probe.address() as AddressInfo;
  probe.close();
  await once(probe, 'close');
  return port;
}

beforeAll(async () => {
  root = mkdtempSync(join(tmpdir(), 'palmkey-openssh-'));
  if (process.getuid?.() === 0) mkdirSync('/run/sshd', { recursive: true });
  writeFileSync(join(root, 'authorized_keys'), `${authorizedKeysLine(userKey, 'Pixel')}\n`);
  const [ed25519, ecdsa, rsa, certified] = await Promise.all([
    startServer('ed25519', [], false),
    startServer('ecdsa', ['-b', '521'], false),
    startServer('rsa', ['-b', '2048'], false),
    startServer('ecdsa', ['-b', '256'], true),
  ]);
  servers = { ed25519, ecdsa, rsa, certified };
});
afterAll(() => {
  for (const { child } of Object.values(servers)) child.kill();
  rmSync(root, { recursive: true });
});

let folder: string;
let config: string;
let socketPath: string;
let agent: Agent;
let claims: Claims;
let asks: LoginAsk[];
let events: AgentEvent[];
let sign: (login: LoginAsk, signal: AbortSignal) => Promise<SignOutcome>;

beforeEach(async () => {
  folder = mkdtempSync(join(root, "it's a "));
  socketPath = join(root, 'run', 'agent.sock');
  const at = { agentSocket: socketPath, knownHostsCommand: join(folder, 'known hosts') };
  claims = new Claims({ path: join(folder, 'the claims') });
  writeKnownHostsCommand(at.knownHostsCommand, join(folder, 'the claims'));
  asks = [];
  events = [];
  sign = (login) => Promise.resolve(approve(login));
  agent = await startAgent({
    socketPath,
    keys: () => [{ blob: userKey, comment: 'Pixel 9' }],
    sign: (login, signal) => {
      asks.push(login);
      return sign(login, signal);
    },
    claims,
    onEvent: (event) => void events.push(event),
  });
  config = join(folder, 'config');
  const hosts = Object.entries(servers).map(
    ([name, { port }]) => `Host ${name}\n  HostName 127.0.0.1\n  HostKeyAlias ${name}.example\n  Port ${port}`,
  );
  const common = [
    `User ${userInfo().username}`,
    'IdentityFile none',
    `UserKnownHostsFile "${join(folder, 'known_hosts')}"`,
    'GlobalKnownHostsFile none',
    'StrictHostKeyChecking no',
    'LogLevel ERROR',
  ];
  writeFileSync(join(folder, 'remote'), [...hosts, 'Host *', ...common, 'IdentityAgent SSH_AUTH_SOCK', ''].join('\n'));
  writeFileSync(config, [...hosts, 'Host *', ...common, ownConfig(at)].join('\n'));
});
afterEach(async () => {
  const expected = ['unsupported', 'no-upstream'];
  expect(events.filter((event) => event.kind === 'refused' && !expected.includes(event.code))).toEqual([]);
  await agent.close();
  claims[Symbol.dispose]();
});

interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
  readonly pid: number;
}
async function run(program: string, args: readonly string[]): Promise<Ended> {
  const child = spawn(program, args, {
    env: { ...process.env, SSH_AUTH_SOCK: socketPath },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let [stdout, stderr] = ['', ''];
  child.stdout.on('data', (text: Buffer) => (stdout += text.toString()));
  child.stderr.on('data', (text: Buffer) => (stderr += text.toString()));
  await once(child, 'close');
  return { code: child.exitCode, stdout, stderr, pid: child.pid! };
}
const ssh = (...args: string[]) => run('ssh', ['-F', config, ...args]);
const remote = (...command: string[]) => [
  'ssh',
  '-F',
  `'${join(folder, 'remote').replaceAll("'", "'\\''")}'`,
  ...command,
];

describe('ssh-add', () => {
  test('lists, locks and unlocks', async () => {
    expect((await run('ssh-add', ['-l'])).stdout).toBe(`256 ${fingerprint(userKey)} Pixel 9 (ED25519)\n`);
    expect((await run('ssh-add', ['-L'])).stdout).toBe(`${authorizedKeysLine(userKey, 'Pixel 9')}\n`);
    expect((await run('ssh-add', ['-D'])).code).toBe(1);
  });
});

describe('ssh', () => {
  test.each(['ed25519', 'ecdsa', 'rsa', 'certified'] as const)('logs in to a server with an %s key', async (name) => {
    const ended = await ssh(name, 'echo', 'in');
    expect(ended).toMatchObject({ code: 0, stdout: 'in\n', stderr: '' });
    expect(asks).toHaveLength(1);
    const [login] = asks;
    expect(login!.hostKey).toEqual(servers[name].hostKey);
    expect(login!.userauth.method).toBe('hostbound');
    expect(await checkBinds(login!.binds, login!.userauth, webHostKeyVerifier)).toMatchObject({ is: 'verified' });
    expect(login!.claim).toMatchObject({ pid: ended.pid, terminal: null });
    expect(login!.claim!.programs.at(-1)).toBe('ssh');
  });

  test('the claim names the server: alias, name with port', async () => {
    await ssh('ed25519', 'true');
    await ssh('-o', 'HostKeyAlias=none.example', '-o', 'HashKnownHosts=yes', 'ed25519', 'true');
    writeFileSync(config, readFileSync(config, 'utf8').replaceAll(/ *HostKeyAlias.*\n/g, ''));
    await ssh('ed25519', 'true');
    expect(asks.map((login) => login.host)).toEqual([
      { name: 'ed25519.example', port: 22 },
      { name: 'none.example', port: 22 },
      { name: '127.0.0.1', port: servers.ed25519.port },
    ]);
  });

  test('a refusal lets ssh go on, and fail by itself', async () => {
    sign = () => Promise.resolve({ is: 'failed', code: 'rejected' });
    const ended = await ssh('ed25519', 'true');
    expect(ended.code).toBe(255);
    expect(ended.stderr).toContain('Permission denied');
  });

  test('the signal aborts when ssh is ended while it waits', async () => {
    const aborted = new Promise<void>((resolve) => {
      sign = (login, signal) => {
        process.kill(login.claim!.pid, 'SIGTERM');
        signal.addEventListener('abort', () => resolve());
        return new Promise(() => undefined);
      };
    });
    expect((await ssh('ed25519', 'true')).code).not.toBe(0);
    await aborted;
  });

  test('ProxyJump: each hop is asked for and named', async () => {
    const jump = ['-o', `ProxyCommand=ssh -F "${config}" -W [%h]:%p ecdsa`];
    expect(await ssh(...jump, 'ed25519', 'echo', 'there')).toMatchObject({ code: 0, stdout: 'there\n' });
    expect(asks.map((login) => [login.host?.name, login.binds.length])).toEqual([
      ['ecdsa.example', 1],
      ['ed25519.example', 1],
    ]);
    // ssh hands -F on to the ssh of -J without quotes.
    const plain = join(root, 'config');
    writeFileSync(plain, readFileSync(config));
    expect(await run('ssh', ['-F', plain, '-J', 'ecdsa', 'ed25519', 'echo', 'again'])).toMatchObject({
      stdout: 'again\n',
    });
    expect(asks).toHaveLength(4);
  });

  test('a forwarded agent: the hop is seen, the far server is verified but not named', async () => {
    expect(await ssh('-A', 'ecdsa', ...remote('ed25519', 'echo', 'far'))).toMatchObject({ code: 0, stdout: 'far\n' });
    expect(asks).toHaveLength(2);
    const far = asks[1]!;
    expect(far.binds.map((bind) => [bind.forwarding, fingerprint(bind.hostKey)])).toEqual([
      [true, fingerprint(servers.ecdsa.hostKey)],
      [false, fingerprint(servers.ed25519.hostKey)],
    ]);
    expect(far.host).toBeNull();
    expect(far.claim).toMatchObject({ name: 'ecdsa.example', pid: asks[0]!.claim!.pid });
    expect(await checkBinds(far.binds, far.userauth, webHostKeyVerifier)).toEqual({
      is: 'verified',
      hops: [servers.ecdsa.hostKey, servers.ed25519.hostKey],
    });
  });

  test('twice forwarded', async () => {
    const inner = remote('rsa', 'echo', 'deep').join(' ');
    const ended = await ssh('-A', 'ecdsa', ...remote('-A', 'ed25519', `"${inner.replaceAll('"', '\\"')}"`));
    expect(ended).toMatchObject({ code: 0, stdout: 'deep\n' });
    expect(asks.at(-1)!.binds.map((bind) => bind.forwarding)).toEqual([true, true, false]);
  });

  test('20 at once, each with the claim of its own process', async () => {
    const ended = await Promise.all(Array.from({ length: 20 }, () => ssh('ed25519', 'true')));
    expect(ended.map(({ code }) => code)).toEqual(ended.map(() => 0));
    expect(asks.map((login) => login.claim!.pid).sort()).toEqual(ended.map(({ pid }) => pid).sort());
  });

  test('a KnownHostsCommand that cannot write keeps nobody from logging in, nor says anything', async () => {
    writeKnownHostsCommand(join(folder, 'known hosts'), join(folder, 'no such folder', 'claims'));
    expect(await ssh('ed25519', 'echo', 'in')).toMatchObject({ code: 0, stdout: 'in\n', stderr: '' });
    expect(asks).toMatchObject([{ claim: null, host: null }]);
  });
});
