/**
 * Two nodes on NATS and PostgreSQL beside one of each kind. All of a relay's processes share the server's core, so the
 * figures say what a message costs and how much later it comes, not what two machines carry.
 */
import { execFileSync } from 'node:child_process';
import { RealNats } from '../../packages/relay/src/testing/real-nats.ts';
import { RealPostgres } from '../../packages/relay/src/testing/real-postgres.ts';
import { median, type Row } from '../rows.ts';
import { type BenchDevice, Fleet, newDevices } from './devices.ts';
import { Generator, type RunOptions, SERVER_CORE } from './generator.ts';
import { type Saturation, perCoreSecond, saturationOf } from './saturation.ts';
import { type Server, startRelayServer } from './servers.ts';
import { MAIL } from './subjects.ts';
import type { Work } from './work.ts';

/** By which all nodes go, so that a device can be at any. */
const ORIGIN = 'http://relay.bench';
const CONNECTIONS = 50;
/** Messages a second at which latency is compared: what all of them keep up with. */
const CALM_RATE = 500;

export const nodesCase = { name: 'two nodes', run: nodes };

interface Backing extends AsyncDisposable {
  readonly store: string;
  readonly bus: string;
  readonly natsPid: number;
}

async function nodes(work: Work): Promise<Row[]> {
  const rows: Row[] = [];
  // The same at all: a relay takes few strangers from an address in an hour.
  const devices = newDevices(2 * CONNECTIONS);
  const measure = (name: string, servers: readonly Server[], others: readonly number[]) =>
    measureNodes({ name, work, devices, servers, others });
  {
    await using alone = await startNode(work, {});
    rows.push(...(await measure('one node', [alone], [])));
  }
  await using backing = await startBacking();
  const options = { store: backing.store, bus: backing.bus };
  await using first = await startNode(work, options);
  rows.push(...(await measure('one node on a bus', [first], [backing.natsPid])));
  await using second = await startNode(work, options);
  rows.push(...(await measure('two nodes', [first, second], [backing.natsPid])));
  return rows;
}

async function startBacking(): Promise<Backing> {
  const nats = await RealNats.start();
  let postgres: RealPostgres | undefined;
  const dispose = async () => {
    await postgres?.[Symbol.asyncDispose]();
    await nats[Symbol.asyncDispose]();
  };
  try {
    execFileSync('taskset', ['-acp', SERVER_CORE, String(nats.pid)]);
    postgres = await RealPostgres.start();
    const store = await postgres.createDatabase('relay');
    return { store, bus: nats.url, natsPid: nats.pid, [Symbol.asyncDispose]: dispose };
  } catch (error) {
    await dispose();
    throw error;
  }
}

function startNode({ built, folder }: Work, options: Readonly<Record<string, unknown>>): Promise<Server> {
  return startRelayServer(built, folder, { options: { origins: [ORIGIN], ...options } });
}

interface Measured {
  readonly name: string;
  readonly work: Work;
  readonly devices: readonly BenchDevice[];
  readonly servers: readonly Server[];
  /** Other processes whose time counts. */
  readonly others: readonly number[];
}

/** Those who send are at the first node, those who receive at the last. */
async function measureNodes({ name, work, devices, servers, others }: Measured): Promise<Row[]> {
  const [first, last] = [servers[0], servers.at(-1)];
  if (!first || !last) return [];
  await using generator = new Generator(work.built.generator, 'palmkey', first.port);
  const fleet = new Fleet(generator, devices, ORIGIN);
  await fleet.enter(0, CONNECTIONS, first.port);
  await fleet.enter(CONNECTIONS, CONNECTIONS, last.port);
  const pids = [...servers.flatMap((server) => server.pids), ...others];
  const rows: Row[] = [];
  for (const [kind, message] of [
    ['live', {}],
    ['mail', MAIL],
  ] as const) {
    const load = (rate: number | undefined, seconds: number, window: number) => {
      const senders = { senders: [0, CONNECTIONS], recipients: [CONNECTIONS, CONNECTIONS], spread: true } as const;
      const options: RunOptions = { ...senders, ...message, window, seconds, pids };
      return generator.run({ ...options, ...(rate !== undefined && { rate }) });
    };
    const runs: Saturation[] = [];
    const calm: { readonly p50: number; readonly p99: number }[] = [];
    for (let round = 0; round < (work.quick ? 1 : 2); round += 1) {
      calm.push((await load(CALM_RATE, work.quick ? 1 : 2, 64)).delivery);
      runs.push(await saturationOf((rate, seconds) => load(rate, seconds, rate === undefined ? 4 : 64), 0.8));
    }
    const row = { bench: 'relay', case: `two nodes beside one, ${kind}`, subject: name };
    const cost = Math.round(median(runs.map(({ result }) => perCoreSecond(result))));
    rows.push(
      { ...row, metric: 'messages_per_core_second', value: cost, unit: '/s' },
      { ...row, metric: 'messages_per_second', value: Math.round(median(runs.map(({ rate }) => rate))), unit: '/s' },
      { ...row, metric: 'p50_ms', value: median(calm.map(({ p50 }) => p50)), unit: 'ms' },
      { ...row, metric: 'p99_ms', value: median(calm.map(({ p99 }) => p99)), unit: 'ms' },
    );
  }
  return rows;
}
