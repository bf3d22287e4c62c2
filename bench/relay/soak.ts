/**
 * An hour (or `--minutes`) of mail among 500 devices, at a rate that a busy machine keeps too. Every second ten of them
 * go, another ten come back from having been away for five, and one that nobody knew begins an account and deletes the
 * one it had. Prints the relay's memory after collections of garbage, and how it grows.
 */
import { encodeControlFrame, FrameType } from '@palmkey/envelope';
import { setTimeout as wait } from 'node:timers/promises';
import { tempFolder } from '../../e2e/lib/temp.ts';
import type { BenchOptions, Row } from '../rows.ts';
import { newDevices } from './devices.ts';
import { buildAll, type Server, startRelayServer } from './servers.ts';
import { MAIL, openScene } from './subjects.ts';

const CONNECTIONS = 500;
const RATE = 200;
const GOING = 10;
const AWAY_SECONDS = 5;
/** Devices that take turns in being new. */
const NEWCOMERS = 60;
const MIB = 1024 * 1024;

interface Sample {
  readonly minute: number;
  /** MiB. */
  readonly rss: number;
  readonly heap: number;
  readonly external: number;
}

export async function soak({ quick, minutes = quick ? 1 : 60 }: BenchOptions): Promise<readonly Row[]> {
  const built = await buildAll();
  using folder = tempFolder('palmkey-bench-');
  const start = () =>
    startRelayServer(built, folder.path, { node: ['--expose-gc'], options: { strangersPerHour: 1e6 } });
  const devices = newDevices(CONNECTIONS + NEWCOMERS);
  await using scene = await openScene({ start }, built, folder.path, { connections: CONNECTIONS, devices });
  const { fleet, generator, server } = scene;
  if (!fleet) throw new Error('a soak is of a relay');
  const seconds = minutes * 60;
  const run = generator.run({
    senders: [0, CONNECTIONS],
    spread: true,
    rate: RATE,
    ...MAIL,
    seconds,
    pids: server.pids,
  });
  // What fails first is what is told.
  run.catch(() => undefined);
  const samples: Sample[] = [];
  const every = Math.max(5, Math.floor(seconds / 120));
  const began = performance.now();
  const away: number[][] = [];
  let next = 0;
  let newcomers = 0;
  let due = 0;
  for (let at = 0; at < seconds - 3; at = (performance.now() - began) / 1000) {
    const going = Array.from({ length: GOING }, () => (next = (next + 7) % CONNECTIONS));
    for (const index of going) generator.close(index);
    away.push(going);
    await wait(1000);
    const coming = away.length > AWAY_SECONDS ? (away.shift() ?? []) : [];
    for (const index of coming) await fleet.enter(index, 1);
    const newcomer = CONNECTIONS + (newcomers++ % NEWCOMERS);
    await fleet.enter(newcomer, 1);
    // The relay ends its connection.
    const gone = new Promise<void>((resolve) => {
      generator.onGone = (index) => {
        if (index === newcomer) resolve();
      };
    });
    generator.send(newcomer, encodeControlFrame(FrameType.deleteAccount, 1, new Uint8Array()));
    await generator.or(gone);
    if (at < due) continue;
    due += every;
    const sample = { minute: at / 60, ...(await memoryOf(server)) };
    samples.push(sample);
    const { minute, rss, heap, external } = sample;
    const words = [`RSS ${rss.toFixed(1)}`, `heap ${heap.toFixed(1)}`, `external ${external.toFixed(1)} MiB`];
    console.error(`${minute.toFixed(1).padStart(6)} min  ${words.join('  ')}`);
  }
  const result = await run;
  // The first third is the growing of heaps and tables to the size that the traffic needs.
  const settled = samples.slice(Math.floor(samples.length / 3));
  const [rss, heap] = [slopeOf(settled, 'rss'), slopeOf(settled, 'heap')];
  const grows = rss.perMinute > 2 * rss.spread && rss.perMinute > FLAT_KIB;
  console.error(
    `${grows ? 'grows' : 'flat'}: RSS ${words(rss)}, heap ${words(heap)} KiB a minute after the first third`,
  );
  // 18 is `removed`: what deleting an account ends with.
  const refused = Object.entries(result.refusals).flatMap(([number, count]) => (number === '18' ? [] : [count]));
  const row = { bench: 'soak', case: `${CONNECTIONS} devices with churn, ${minutes} min`, subject: 'ours' };
  return [
    { ...row, metric: 'delivered', value: result.delivered, unit: '' },
    { ...row, metric: 'refused', value: sum(refused), unit: '' },
    { ...row, metric: 'accounts_begun_and_deleted', value: newcomers, unit: '' },
    { ...row, metric: 'rss_first_mib', value: settled[0]?.rss ?? Number.NaN, unit: 'MiB' },
    { ...row, metric: 'rss_last_mib', value: settled.at(-1)?.rss ?? Number.NaN, unit: 'MiB' },
    { ...row, metric: 'slope_kib_per_minute', value: rss.perMinute, unit: 'KiB/min' },
    { ...row, metric: 'slope_spread_kib_per_minute', value: rss.spread, unit: 'KiB/min' },
    { ...row, metric: 'heap_slope_kib_per_minute', value: heap.perMinute, unit: 'KiB/min' },
    { ...row, metric: 'heap_slope_spread_kib_per_minute', value: heap.spread, unit: 'KiB/min' },
  ];
}

/** Less than 3 MiB in an hour is not called growth. */
const FLAT_KIB = 50;

/** After garbage was collected. */
async function memoryOf({ child }: Server): Promise<Omit<Sample, 'minute'>> {
  const said = child.stdout.length;
  child.kill('SIGUSR2');
  const line = new RegExp(`^[^]{${said},}rss (\\d+) heap (\\d+) external (\\d+)\\n`);
  const [rss = 0, heap = 0, external = 0] = (await child.prints(line)).slice(1).map((bytes) => Number(bytes) / MIB);
  return { rss, heap, external };
}

interface Slope {
  /** Least squares, KiB. */
  readonly perMinute: number;
  /** Its standard error. */
  readonly spread: number;
}

function slopeOf(samples: readonly Sample[], of: 'rss' | 'heap'): Slope {
  const mean = (pick: (sample: Sample) => number) => sum(samples.map(pick)) / samples.length;
  const [x, y] = [mean(({ minute }) => minute), mean((sample) => sample[of])];
  const under = sum(samples.map(({ minute }) => (minute - x) ** 2));
  const slope = sum(samples.map((sample) => (sample.minute - x) * (sample[of] - y))) / under;
  const left = sum(samples.map((sample) => (sample[of] - y - slope * (sample.minute - x)) ** 2));
  return { perMinute: slope * 1024, spread: Math.sqrt(left / (samples.length - 2) / under) * 1024 };
}

function words({ perMinute, spread }: Slope): string {
  return `${perMinute.toFixed(0)} ± ${spread.toFixed(0)}`;
}

function sum(values: readonly number[]): number {
  return values.reduce((all, value) => all + value, 0);
}
