/** The real ssh-agent and sshd on this machine, for tests of what speaks to them. */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { userInfo } from 'node:os';
import { join } from 'node:path';

/** Starts a program and waits until it has said so; ended by its scope. */
async function running(program: string, args: readonly string[], says: RegExp) {
  const child = spawn(program, [...args], { stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  await new Promise<void>((resolve, reject) => {
    const hear = (chunk: Buffer) => {
      output += chunk.toString();
      if (says.test(output)) resolve();
    };
    child.stdout.on('data', hear);
    child.stderr.on('data', hear);
    child.once('close', () => reject(new Error(`${program} ended: ${output}`)));
  });
  return { child, log: () => output, [Symbol.asyncDispose]: () => ended(child) };
}

async function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const closed = once(child, 'close');
  child.kill();
  await closed;
}

export interface RealAgent extends AsyncDisposable {
  readonly socket: string;
  /** The public key's line of a key file that was made and added. */
  add(name: string): string;
  readonly child: ChildProcess;
}

/** A real ssh-agent with nothing in it. */
export async function realAgent(folder: string): Promise<RealAgent> {
  const socket = join(folder, 'ssh-agent.sock');
  const agent = await running('ssh-agent', ['-D', '-a', socket], /SSH_AUTH_SOCK/);
  return {
    socket,
    child: agent.child,
    add: (name) => {
      const { path, line } = keyFile(folder, name);
      execFileSync('ssh-add', ['-q', path], { env: { ...process.env, SSH_AUTH_SOCK: socket } });
      return line;
    },
    [Symbol.asyncDispose]: agent[Symbol.asyncDispose],
  };
}

/** A new Ed25519 key file without a passphrase. */
export function keyFile(folder: string, name: string): { readonly path: string; readonly line: string } {
  const path = join(folder, name);
  execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-C', name, '-f', path]);
  return { path, line: execFileSync('ssh-keygen', ['-yf', path], { encoding: 'utf8' }).trim() };
}

export interface RealSshd extends AsyncDisposable {
  readonly port: number;
  readonly user: string;
  readonly log: () => string;
  authorize(lines: readonly string[]): void;
}

/** A real sshd on loopback; `settings` are further lines of its configuration, which hold. */
export async function realSshd(folder: string, settings: readonly string[] = []): Promise<RealSshd> {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  if (process.getuid?.() === 0) mkdirSync('/run/sshd', { recursive: true });
  const hostKey = keyFile(folder, 'host_key').path;
  const authorized = join(folder, 'authorized_keys');
  writeFileSync(authorized, '');
  const port = await freePort();
  const config = join(folder, 'sshd_config');
  const lines = [
    ...settings,
    `ListenAddress 127.0.0.1:${port}`,
    `HostKey ${hostKey}`,
    `AuthorizedKeysFile ${authorized}`,
    'StrictModes no',
    'UsePAM no',
    'PasswordAuthentication no',
    'KbdInteractiveAuthentication no',
    'PermitRootLogin prohibit-password',
    'PidFile none',
    'LogLevel VERBOSE',
  ];
  writeFileSync(config, `${lines.join('\n')}\n`);
  const sshd = await running('/usr/sbin/sshd', ['-D', '-e', '-f', config], /Server listening/);
  return {
    port,
    user: userInfo().username,
    log: sshd.log,
    authorize: (keys) => writeFileSync(authorized, `${keys.join('\n')}\n`),
    [Symbol.asyncDispose]: sshd[Symbol.asyncDispose],
  };
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  return typeof address === 'object' && address !== null ? address.port : 0;
}

/** Runs a program to its end, with this agent; nothing of the person's ssh configuration is read. */
export function withAgent(socket: string, program: string, args: readonly string[], input?: string | Uint8Array) {
  const env = { ...process.env, SSH_AUTH_SOCK: socket };
  return new Promise<{ readonly code: number | null; readonly out: string; readonly err: string }>((resolve) => {
    const child = spawn(program, [...args], { env, timeout: 20_000 });
    let [out, err] = ['', ''];
    child.stdout.on('data', (chunk: Buffer) => (out += chunk.toString()));
    child.stderr.on('data', (chunk: Buffer) => (err += chunk.toString()));
    child.stdin.on('error', () => undefined).end(input);
    child.once('close', (code) => resolve({ code, out, err }));
  });
}
