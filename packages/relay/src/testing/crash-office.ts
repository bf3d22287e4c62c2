/**
 * A post office in a process of its own that is killed on purpose: `crash-office.ts <store> <statement> <when>` kills
 * itself (SIGKILL) before or after the store's n-th statement from the first mail on, and `crash-office.ts <store> none
 * none` runs to its end. What it was told as settled, and what its reader acked, it writes on standard output, a line
 * each, before it does anything else.
 */
import { encodeFrame, FrameType, numberOf, parseDeviceId, coalescingKeyOf } from '@palmkey/envelope';
import { writeSync } from 'node:fs';
import { pino } from 'pino';
import { systemClock } from '../clock.ts';
import { limits } from '../limits.ts';
import { Journal } from '../post/journal.ts';
import { LocalPostOffice } from '../post/local-post-office.ts';
import { openDying } from './dying-sqlite.ts';

const [, , store = '', statement = 'none', when = 'none'] = process.argv;

function say(line: string): void {
  writeSync(1, `${line}\n`);
}

const dying = await openDying(store, statement, when);
const { database } = dying;
const journal = new Journal({
  database,
  clock: systemClock,
  logger: pino({ level: 'silent' }),
  longestMs: 3_600_000,
});
const office = await LocalPostOffice.open({
  clock: systemClock,
  epoch: 1,
  journal,
  mailbox: limits.mailbox,
  totalBytes: limits.mailTotalBytes,
  events: { onExpired: () => undefined, onNewEpoch: () => undefined },
});
const [from, reads, away] = [1, 2, 3].map((byte) => parseDeviceId(new Uint8Array(16).fill(byte))) as [
  ReturnType<typeof parseDeviceId>,
  ReturnType<typeof parseDeviceId>,
  ReturnType<typeof parseDeviceId>,
];
const delivered: Uint8Array[] = [];
const line = office.open(
  reads,
  { epoch: 0, cursor: 0 },
  { waitingBytes: 0, deliver: (frame) => delivered.push(new Uint8Array(frame)) },
);

/** Posts as many durable messages to each of both devices; resolves when all are settled. */
async function post(first: number, count: number): Promise<void> {
  const settled: Promise<void>[] = [];
  for (let number = first; number < first + count; number++) {
    for (const to of [reads, away]) {
      const body = new Uint8Array(100);
      const { unicast: type } = FrameType;
      const frame = encodeFrame({ type, lifetimeS: 600, number, peer: from, coalescingKey: 0, durable: true, body });
      const mail = { to, from, frame: Buffer.from(frame), expiresAt: Date.now() + 600_000, line: null };
      settled.push(
        new Promise((resolve) => {
          office.post(mail, (outcome) => {
            say(`${outcome} ${to[0] ?? 0} ${number}`);
            resolve();
          });
        }),
      );
    }
  }
  await Promise.all(settled);
}

dying.arm();
await post(1, 3);
const [last] = delivered.slice(-1);
if (last) {
  for (const frame of delivered) say(`acked ${reads[0] ?? 0} ${numberOf(frame)}`);
  line.ack(coalescingKeyOf(last));
}
await post(4, 3);
await office[Symbol.asyncDispose]();
say(`statements ${dying.statements()}`);
await database.close();
