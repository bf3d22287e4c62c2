/**
 * A whole login: real ssh to real sshd through our agent, relay and the app in Chromium, under a standing permission,
 * interleaved with the same login through ssh-agent. The sftp subsystem stands in for an account without a heavy shell.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { paths } from '@palmkey/host/control';
import { freePort, tempFolder } from '../../e2e/lib/temp.ts';
import { type BenchOptions, median, type Row } from '../rows.ts';
import { startSshAgent } from '../ssh-agent.ts';
import { openStage } from '../stage.ts';
import { tapAgent } from './agent-tap.ts';
import { legRows, type Legs, legsOf } from './legs.ts';
import { takePhone, tapPhone } from './phone-tap.ts';
import { tapRelay } from './relay-tap.ts';

const cases: readonly { readonly atOnce: number; readonly rounds: number; readonly quick: number }[] = [
  { atOnce: 1, rounds: 40, quick: 5 },
  { atOnce: 20, rounds: 15, quick: 2 },
  { atOnce: 50, rounds: 6, quick: 1 },
];

export async function login({ quick, only }: BenchOptions): Promise<readonly Row[]> {
  const rows: Row[] = [];
  if (cases.some(({ atOnce }) => nameOf(atOnce).includes(only))) rows.push(...(await besideAgent(quick, only)));
  if (legsName.includes(only)) rows.push(...(await legs(quick)));
  return rows;
}

function nameOf(atOnce: number): string {
  return atOnce === 1 ? '1 at a time' : `${atOnce} at once`;
}

async function besideAgent(quick: boolean, only: string): Promise<Row[]> {
  using folder = tempFolder('palmkey-bench-');
  await using stage = await openStage(folder.path);
  await using agent = await startSshAgent(folder.path);
  stage.sshd.authorize([stage.keyLine, agent.keyLine]);
  const ours = stage.config;
  const theirs = withAgent(ours, join(folder.path, 'ssh_config_agent'), agent.socket, false);
  // Both ways are warmed up.
  for (const config of [ours, theirs, ours, theirs]) await oneLogin(config);

  const rows: Row[] = [];
  for (const { atOnce, rounds, quick: few } of cases) {
    const name = nameOf(atOnce);
    if (!name.includes(only)) continue;
    const samples = { ours: [] as number[], 'ssh-agent': [] as number[] };
    for (let round = 0; round < (quick ? few : rounds); round += 1) {
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

const legsName = 'legs of one';

/** Each leg's share, in a run of its own: the taps cost some tenths of a millisecond. */
async function legs(quick: boolean): Promise<Row[]> {
  using folder = tempFolder('palmkey-bench-');
  const port = await freePort();
  await using relayTap = await tapRelay(port);
  await using stage = await openStage(folder.path, { ports: { relay: port, reached: relayTap.port } });
  await tapPhone(stage.browser.context);
  await stage.page.reload();
  await using agentTap = await tapAgent(join(folder.path, 'tap.sock'), paths(stage.home).agentSocket);
  const config = withAgent(stage.config, join(folder.path, 'ssh_config_tap'), agentTap.socket, true);
  for (let i = 0; i < 3; i += 1) await oneLogin(config);
  agentTap.take();
  relayTap.take();
  await takePhone(stage.page);

  const all: Legs[] = [];
  const rounds = quick ? 5 : 40;
  for (let round = 0; round < rounds; round += 1) {
    const totalMs = await oneLogin(config);
    const [signing] = agentTap.take();
    const seen = signing === undefined ? null : legsOf(totalMs, signing, relayTap.take());
    if (seen !== null) all.push(seen);
  }
  const taken = await takePhone(stage.page);
  const row = { bench: 'login', case: 'phone, for each login', subject: 'ours' };
  return [
    ...legRows(legsName, all),
    { ...row, metric: 'writes', value: taken.writes / rounds, unit: '' },
    { ...row, metric: 'writes_ms', value: taken.writesMs / rounds, unit: 'ms' },
    { ...row, metric: 'reads', value: taken.reads / rounds, unit: '' },
    { ...row, metric: 'reads_ms', value: taken.readsMs / rounds, unit: 'ms' },
    { ...row, metric: 'webcrypto', value: taken.calls / rounds, unit: '' },
    { ...row, metric: 'webcrypto_ms', value: taken.callsMs / rounds, unit: 'ms' },
  ];
}

/** The same configuration with another agent; without our script for host keys where that is not ours. */
function withAgent(config: string, path: string, socket: string, ours: boolean): string {
  const text = readFileSync(config, 'utf8').replace(/IdentityAgent .*/, `IdentityAgent "${socket}"`);
  writeFileSync(path, ours ? text : text.replace(/ *KnownHostsCommand .*\n/, '').replace(/^Match exec .*\n/m, ''));
  return path;
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
