/**
 * An hour (or `--minutes`) of traffic with churn: 500 devices, 2,000 messages a second, and every second ten of them go
 * and come again. Prints the relay's memory after each collection of garbage, and how it grows.
 */
import { setTimeout as wait } from 'node:timers/promises';
import { tempFolder } from '../../e2e/lib/temp.ts';
import type { BenchOptions, Row } from '../rows.ts';
import { restingKib } from './memory.ts';
import { buildAll, startRelayServer } from './servers.ts';
import { MAIL, openScene } from './subjects.ts';

const CONNECTIONS = 500;
const RATE = 2_000;
const GOING = 10;

export async function soak({ quick, minutes = quick ? 1 : 60 }: BenchOptions): Promise<readonly Row[]> {
  const built = await buildAll();
  using folder = tempFolder('palmkey-bench-');
  const start = () => startRelayServer(built, folder.path, { node: ['--expose-gc'] });
  await using scene = await openScene({ start }, built, folder.path, { connections: CONNECTIONS });
  const { fleet, generator, server } = scene;
  const seconds = minutes * 60;
  const run = generator.run({
    senders: [0, CONNECTIONS],
    spread: true,
    rate: RATE,
    ...MAIL,
    seconds,
    pids: server.pids,
  });
  const samples: { readonly minute: number; readonly mib: number }[] = [];
  const every = Math.max(5, Math.floor(seconds / 60));
  let next = 0;
  const began = performance.now();
  let due = 0;
  for (let at = 0; at < seconds - 3; at = (performance.now() - began) / 1000) {
    const going = Array.from({ length: GOING }, () => (next = (next + 7) % CONNECTIONS));
    for (const index of going) generator.close(index);
    await wait(1000);
    for (const index of going) await fleet?.enter(index, 1);
    if (at < due) continue;
    due += every;
    const sample = { minute: at / 60, mib: (await restingKib(server)) / 1024 };
    samples.push(sample);
    console.error(`${sample.minute.toFixed(1).padStart(6)} min  ${sample.mib.toFixed(1)} MiB`);
  }
  const result = await run;
  // The first third is the growing of heaps and tables to the size that the traffic needs.
  const settledSamples = samples.slice(Math.floor(samples.length / 3));
  const row = { bench: 'soak', case: `${CONNECTIONS} devices with churn, ${minutes} min`, subject: 'ours' };
  return [
    { ...row, metric: 'delivered', value: result.delivered, unit: '' },
    { ...row, metric: 'refused', value: sum(Object.values(result.refusals)), unit: '' },
    { ...row, metric: 'rss_first_mib', value: samples[0]?.mib ?? Number.NaN, unit: 'MiB' },
    { ...row, metric: 'rss_last_mib', value: samples.at(-1)?.mib ?? Number.NaN, unit: 'MiB' },
    { ...row, metric: 'slope_kib_per_minute', value: slope(settledSamples) * 1024, unit: 'KiB/min' },
  ];
}

/** Least squares, MiB a minute. */
function slope(samples: readonly { readonly minute: number; readonly mib: number }[]): number {
  const mean = (pick: (sample: (typeof samples)[number]) => number) => sum(samples.map(pick)) / samples.length;
  const [x, y] = [mean(({ minute }) => minute), mean(({ mib }) => mib)];
  const over = sum(samples.map(({ minute, mib }) => (minute - x) * (mib - y)));
  const under = sum(samples.map(({ minute }) => (minute - x) ** 2));
  return over / under;
}

function sum(values: readonly number[]): number {
  return values.reduce((all, value) => all + value, 0);
}
