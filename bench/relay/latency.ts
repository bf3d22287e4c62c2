/** How long a message takes from device to device while the server is a tenth, half and four fifths loaded. */
import { median, type Row } from '../rows.ts';
import type { Latencies } from './generator.ts';
import { saturationOf } from './saturation.ts';
import { natsServer, openScene, ours } from './subjects.ts';
import { loadOf } from './throughput.ts';
import type { Work } from './work.ts';

const SHARES = [10, 50, 80] as const;

export const latencyCase = { name: 'latency', run: latency };

async function latency(work: Work): Promise<Row[]> {
  const rows: Row[] = [];
  for (const subject of [ours, natsServer]) {
    await using scene = await openScene(subject, work.built, work.folder, { connections: 200 });
    const load = loadOf(scene, subject, 200);
    const { rate } = await saturationOf(load, 0.6);
    for (const share of SHARES) {
      const runs: Latencies[] = [];
      for (let round = 0; round < (work.quick ? 1 : 3); round += 1) {
        runs.push((await load((rate * share) / 100, work.quick ? 0.6 : 1)).delivery);
      }
      const row = { bench: 'relay', case: `latency at ${share} % of saturation`, subject: subject.name, unit: 'ms' };
      rows.push(
        { ...row, metric: 'p50_ms', value: median(runs.map(({ p50 }) => p50)) },
        { ...row, metric: 'p99_ms', value: median(runs.map(({ p99 }) => p99)) },
        { ...row, metric: 'p999_ms', value: median(runs.map(({ p999 }) => p999)) },
      );
    }
  }
  return rows;
}
