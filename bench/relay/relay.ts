/**
 * The relay beside what else carries messages: each server alone on one core, one compiled load generator for all of them
 * on the other (generator/), so that what differs is the server. Linux: processor time is read from /proc.
 */
import { tempFolder } from '../../e2e/lib/temp.ts';
import type { BenchOptions, Row } from '../rows.ts';
import { broadcastCase } from './broadcast.ts';
import { durableCase } from './durable.ts';
import { growthCase } from './growth.ts';
import { latencyCase } from './latency.ts';
import { memoryCase } from './memory.ts';
import { nodesCase } from './nodes.ts';
import { buildAll } from './servers.ts';
import { throughputCases } from './throughput.ts';
import type { Case } from './work.ts';

const cases: readonly Case[] = [
  ...throughputCases,
  latencyCase,
  broadcastCase,
  durableCase,
  memoryCase,
  growthCase,
  nodesCase,
];

export async function relay({ quick, only, done }: BenchOptions): Promise<readonly Row[]> {
  const chosen = cases.filter(({ name }) => name.includes(only));
  if (chosen.length === 0) throw new Error(`the cases are: ${cases.map(({ name }) => name).join(', ')}`);
  const built = await buildAll();
  const all: Row[] = [];
  for (const { name, run } of chosen) {
    using folder = tempFolder('palmkey-bench-');
    const began = performance.now();
    const rows = await run({ quick, built, folder: folder.path });
    console.error(`${name}: ${((performance.now() - began) / 1000).toFixed(0)} s`);
    done(rows);
    all.push(...rows);
  }
  return all;
}
