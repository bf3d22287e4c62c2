/** The chaos run for as long as a test may take; `npm run chaos` goes on for minutes. */
import { randomInt } from 'node:crypto';
import { expect, it } from 'vitest';
import { brokenPromises, chaosTable, runChaos } from '../chaos/chaos.ts';

const seconds = Number(process.env.CHAOS_SECONDS ?? 45);
const seed = Number(process.env.CHAOS_SEED ?? randomInt(2 ** 32));

it(
  `loses no mail and doubles none while nodes, NATS and PostgreSQL are killed for ${seconds} s`,
  async () => {
    const report = await runChaos({ seconds, seed, devices: 200 });
    console.log(chaosTable(report));
    expect(brokenPromises(report)).toEqual([]);
    expect(report.durable.sent).toBeGreaterThan(0);
    expect(report.notDurable.openedOnce).toBeGreaterThan(0);
    expect(Object.keys(report.faults).length).toBeGreaterThan(1);
  },
  seconds * 1_000 + 240_000,
);
