import { numberOf, parseDeviceId } from '@palmkey/envelope';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { expect, onTestFinished, test } from 'vitest';
import { systemClock } from '../../packages/relay/src/clock.ts';
import { limits } from '../../packages/relay/src/limits.ts';
import { openDatabase } from '../../packages/relay/src/store/database.ts';
import { Journal } from '../../packages/relay/src/post/journal.ts';
import { LocalPostOffice } from '../../packages/relay/src/post/local-post-office.ts';

const program = new URL('../../packages/relay/src/testing/crash-office.ts', import.meta.url).pathname;

/** Runs an office on a store until it dies or ends; what it said, and the signal that ended it. */
async function run(store: string, statement: string, when: string) {
  const child = spawn(process.execPath, ['--import', 'tsx', program, store, statement, when], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let said = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (said += text));
  const [, signal] = (await once(child, 'close')) as [number | null, NodeJS.Signals | null];
  return { lines: said.trim().split('\n'), signal };
}

/** What an office that begins on a store has for a device. */
async function waiting(store: string, device: number): Promise<number[]> {
  const database = await openDatabase(store);
  const logger = pino({ level: 'silent' });
  const office = await LocalPostOffice.open({
    clock: systemClock,
    epoch: 2,
    journal: new Journal({ database, clock: systemClock, logger, longestMs: 3_600_000 }),
    mailbox: limits.mailbox,
    totalBytes: limits.mailTotalBytes,
    events: { onExpired: () => undefined, onNewEpoch: () => undefined },
  });
  const numbers: number[] = [];
  const reader = { waitingBytes: 0, deliver: (frame: Uint8Array) => numbers.push(numberOf(frame)) };
  office.open(parseDeviceId(new Uint8Array(16).fill(device)), { epoch: 1, cursor: 0 }, reader).close();
  await office[Symbol.asyncDispose]();
  await database.close();
  return numbers;
}

async function store(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'palmkey-crash-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  const path = join(folder, 'relay.sqlite');
  const database = await openDatabase(path);
  await database.close();
  return path;
}

/** The messages that a run named with a word, by device. */
function named(lines: readonly string[], word: string, device: number): number[] {
  const start = `${word} ${device} `;
  return lines.filter((line) => line.startsWith(start)).map((line) => Number(line.slice(start.length)));
}

test('kill -9 at every statement of the durable path loses nothing that was settled and not acked', async () => {
  const whole = await run(await store(), 'none', 'none');
  expect(whole.signal).toBeNull();
  expect(named(whole.lines, 'taken', 3)).toEqual([1, 2, 3, 4, 5, 6]);
  const [statements = 0] = whole.lines
    .filter((line) => line.startsWith('statements'))
    .map((line) => Number(line.split(' ')[1]));
  // begin, insert, commit; begin, delete, insert, commit.
  expect(statements).toBeGreaterThanOrEqual(7);
  const settledAtDeath: number[] = [];
  for (let statement = 1; statement <= statements; statement++) {
    for (const when of ['before', 'after']) {
      const path = await store();
      const { lines, signal } = await run(path, String(statement), when);
      expect(signal).toBe('SIGKILL');
      const kept = await waiting(path, 3);
      expect(kept).toEqual([...kept].sort((a, b) => a - b));
      expect(new Set(kept).size).toBe(kept.length);
      const settled = named(lines, 'taken', 3);
      settledAtDeath.push(settled.length);
      expect(settled.filter((number) => !kept.includes(number))).toEqual([]);
      const acked = new Set(named(lines, 'acked', 2));
      const read = new Set(await waiting(path, 2));
      expect(named(lines, 'taken', 2).filter((number) => !acked.has(number) && !read.has(number))).toEqual([]);
    }
  }
  // The kills lay before the first settling, and after it.
  expect([Math.min(...settledAtDeath), Math.max(...settledAtDeath)]).toEqual([0, 3]);
}, 300_000);
