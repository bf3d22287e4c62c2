/** Messages of 1 KiB from device to device, at saturation: ours beside forwarders and brokers. */
import { median, type Row } from '../rows.ts';
import type { Load, Saturation } from './saturation.ts';
import { perCoreSecond, saturationOf } from './saturation.ts';
import { openScene, type Scene, type Subject, subjects } from './subjects.ts';
import type { Work } from './work.ts';

/** What the relay of the former system was measured at, on a machine like this one. */
const PREDECESSOR = 15_000;
const RUN_SECONDS = 0.6;
const CONNECTIONS = [2, 200, 2000] as const;
type Connections = (typeof CONNECTIONS)[number];
/** Messages of one sender that may be on their way: enough for 50 ms at any rate seen here, and no more than a mailbox. */
const windows: Readonly<Record<Connections, { full: number; paced: number }>> = {
  2: { full: 256, paced: 768 },
  200: { full: 16, paced: 64 },
  2000: { full: 2, paced: 8 },
};

/** A case for each number of connections. */
export const throughputCases = CONNECTIONS.map((connections) => ({
  name: `${connections} connections`,
  run: (work: Work) => throughput(work, connections),
}));

async function throughput(work: Work, connections: Connections): Promise<Row[]> {
  const rounds = work.quick ? 1 : 5;
  const found = new Map<Subject, Saturation[]>(subjects.map((subject) => [subject, []]));
  // Round by round, so that a disturbed minute falls on all subjects.
  for (let round = 0; round < rounds; round += 1) {
    for (const [subject, saturations] of found) {
      await using scene = await openScene(subject, work.built, work.folder, { connections });
      const load = loadOf(scene, subject, connections);
      saturations.push(await saturationOf(load, RUN_SECONDS, saturations.at(-1)?.rate));
    }
  }
  const row = { bench: 'relay', case: `${connections} connections`, unit: '/s' };
  return [
    ...[...found].flatMap(([{ name: subject }, saturations]) => [
      {
        ...row,
        subject,
        metric: 'messages_per_core_second',
        value: Math.round(median(saturations.map(({ result }) => perCoreSecond(result)))),
      },
      {
        ...row,
        subject,
        metric: 'messages_per_second',
        value: Math.round(median(saturations.map(({ rate }) => rate))),
      },
    ]),
    { ...row, subject: 'predecessor (recorded)', metric: 'messages_per_core_second', value: PREDECESSOR },
  ];
}

/** Each connection sends to all others, as it comes: a relay has many pairs, of which few have much to say. */
export function loadOf({ generator, server }: Scene, subject: Subject, connections: Connections): Load {
  return (rate, seconds) =>
    generator.run({
      senders: [0, connections],
      spread: true,
      ...(rate !== undefined && { rate }),
      window: windows[connections][rate === undefined ? 'full' : 'paced'],
      ...subject.message,
      seconds,
      pids: server.pids,
    });
}
