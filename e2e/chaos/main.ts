/** `npm run chaos`: CHAOS_SECONDS (240), CHAOS_SEED (one is drawn and printed) and CHAOS_DEVICES (200) may be set. */
import { randomInt } from 'node:crypto';
import { brokenPromises, chaosTable, runChaos } from './chaos.ts';

const report = await runChaos({
  seconds: Number(process.env.CHAOS_SECONDS ?? 240),
  seed: Number(process.env.CHAOS_SEED ?? randomInt(2 ** 32)),
  devices: Number(process.env.CHAOS_DEVICES ?? 200),
});
const wrong = brokenPromises(report);
console.log(chaosTable(report));
console.log(JSON.stringify(report));
for (const each of wrong) console.error(`✗ ${each}`);
process.exitCode = wrong.length === 0 ? 0 : 1;
