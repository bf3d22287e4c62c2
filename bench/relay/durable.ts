/** Messages that are on disk before they are acked: a SQLite store, WAL, synchronous FULL, group commit. */
import { median, type Row } from '../rows.ts';
import type { RunResult } from './generator.ts';
import { saturationOf } from './saturation.ts';
import { openScene, ours } from './subjects.ts';
import type { Work } from './work.ts';

const SENDERS = 200;
const DURABLE = { durable: true, lifetimeS: 3600 } as const;

export const durableCase = {
  name: 'durable',
  run: async (work: Work) => [...(await toConnected(work)), ...(await toAway(work))],
};

/** Recipients read and ack; what they acked before it was written is not written any more. */
async function toConnected(work: Work): Promise<Row[]> {
  await using scene = await openScene(ours, work.built, work.folder, { connections: SENDERS });
  const runs = [];
  for (let round = 0; round < (work.quick ? 1 : 3); round += 1) {
    runs.push(
      await saturationOf(
        (rate, seconds) =>
          scene.generator.run({
            senders: [0, SENDERS],
            spread: true,
            ...(rate !== undefined && { rate }),
            window: rate === undefined ? 8 : 64,
            ...DURABLE,
            seconds,
            pids: scene.server.pids,
          }),
        work.quick ? 0.6 : 1,
      ),
    );
  }
  return rowsOf(
    'durable, recipients connected',
    runs.map(({ result }) => result),
  );
}

/** Nobody reads: each message is written, and kept. */
async function toAway(work: Work): Promise<Row[]> {
  const runs: RunResult[] = [];
  for (let round = 0; round < (work.quick ? 1 : 3); round += 1) {
    await using scene = await openScene(ours, work.built, work.folder, { connections: SENDERS, away: SENDERS });
    runs.push(
      await scene.generator.run({
        senders: [0, SENDERS],
        recipients: [SENDERS, SENDERS],
        window: 8,
        untilSettled: true,
        ...DURABLE,
        seconds: 60,
        warmS: 0.1,
        // No mailbox takes a thousand.
        each: work.quick ? 100 : 500,
        pids: scene.server.pids,
      }),
    );
  }
  return rowsOf('durable, recipients away', runs);
}

function rowsOf(name: string, runs: readonly RunResult[]): Row[] {
  if (runs.some(({ lost }) => lost > 0)) throw new Error(`${name}: a durable message was not taken`);
  const row = { bench: 'relay', case: name, subject: 'ours' };
  const ms = { ...row, unit: 'ms' };
  return [
    {
      ...row,
      metric: 'messages_per_second',
      value: Math.round(median(runs.map(({ settled, seconds }) => settled / seconds))),
      unit: '/s',
    },
    { ...ms, metric: 'settled_p50_ms', value: median(runs.map(({ settlement }) => settlement.p50)) },
    { ...ms, metric: 'settled_p99_ms', value: median(runs.map(({ settlement }) => settlement.p99)) },
  ];
}
