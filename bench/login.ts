/**
 * A whole login: real ssh to real sshd through our agent, relay and Chromium, answered at once, interleaved with the same
 * login through ssh-agent. The sftp subsystem stands in for an account without a heavy shell.
 */
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Child } from '../e2e/lib/child.ts';
import { startHarness } from '../e2e/lib/harness.ts';
import { sshClient } from '../e2e/lib/ssh.ts';
import { startSshd } from '../e2e/lib/sshd.ts';
import { tempFolder } from '../e2e/lib/temp.ts';
import { type BenchOptions, median, type Row } from './rows.ts';

export async function login({ quick }: BenchOptions): Promise<readonly Row[]> {
  using folder = tempFolder('palmkey-bench-');
  await using harness = await startHarness(folder.path);
  await using sshd = await startSshd(join(folder.path, 'sshd'));
  await using agent = await startSshAgent(folder.path);
  sshd.authorize([harness.keyLine, agent.keyLine]);
  const ours = sshClient(folder.path, harness.home, sshd).config;
  const theirs = join(folder.path, 'ssh_config_agent');
  writeFileSync(
    theirs,
    readFileSync(ours, 'utf8')
      .replace(/IdentityAgent .*/, `IdentityAgent "${agent.socket}"`)
      .replace(/ *KnownHostsCommand .*\n/, ''),
  );
  // The first login pins the host key and warms both ways up.
  for (const config of [ours, theirs, ours, theirs]) await oneLogin(config);

  const rows: Row[] = [];
  for (const [name, atOnce, rounds] of [
    ['1 at a time', 1, quick ? 5 : 40],
    ['20 at once', 20, quick ? 2 : 30],
  ] as const) {
    const samples = { ours: [] as number[], 'ssh-agent': [] as number[] };
    for (let round = 0; round < rounds; round += 1) {
      samples.ours.push(...(await batch(ours, atOnce)));
      samples['ssh-agent'].push(...(await batch(theirs, atOnce)));
    }
    const p50 = { ours: median(samples.ours), peer: median(samples['ssh-agent']) };
    const row = { bench: 'login', case: name, unit: 'ms' };
    rows.push(
      { ...row, subject: 'ours', metric: 'p50_ms', value: p50.ours },
      { ...row, subject: 'ssh-agent', metric: 'p50_ms', value: p50.peer },
      { ...row, subject: 'ours', metric: 'added_ms', value: p50.ours - p50.peer },
    );
  }
  return rows;
}

function batch(config: string, atOnce: number): Promise<number[]> {
  return Promise.all(Array.from({ length: atOnce }, () => oneLogin(config)));
}

/** Milliseconds from starting ssh to its end. Throws when the login fails: a figure of failures is none. */
async function oneLogin(config: string): Promise<number> {
  const startedAt = performance.now();
  const child = spawn('ssh', ['-F', config, '-s', 'server', 'sftp'], { stdio: ['ignore', 'ignore', 'pipe'] });
  let said = '';
  child.stderr.on('data', (chunk: Buffer) => (said += chunk.toString()));
  const [code] = (await once(child, 'close')) as [number | null];
  if (code !== 0) throw new Error(`a login failed: ${said}`);
  return performance.now() - startedAt;
}

async function startSshAgent(folder: string): Promise<AsyncDisposable & { socket: string; keyLine: string }> {
  const key = join(folder, 'agent_key');
  const socket = join(folder, 'ssh-agent.sock');
  execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', key]);
  const agent = new Child('ssh-agent', ['-D', '-a', socket]);
  await agent.prints(/SSH_AUTH_SOCK/);
  execFileSync('ssh-add', ['-q', key], { env: { ...process.env, SSH_AUTH_SOCK: socket } });
  return {
    socket,
    keyLine: readFileSync(`${key}.pub`, 'utf8').trim(),
    [Symbol.asyncDispose]: () => agent[Symbol.asyncDispose](),
  };
}
