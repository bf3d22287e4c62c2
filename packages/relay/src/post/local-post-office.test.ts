import { numberOf } from '@palmkey/envelope';
import { pino } from 'pino';
import { afterAll, beforeAll, describe, expect, onTestFinished, test, vi } from 'vitest';
import { systemClock, type Clock } from '../clock.ts';
import { limits } from '../limits.ts';
import { openDatabase, type Database } from '../store/database.ts';
import { postgresPrograms, RealPostgres } from '../testing/real-postgres.ts';
import { TestClock } from '../testing/test-clock.ts';
import { Journal } from './journal.ts';
import { LocalPostOffice } from './local-post-office.ts';
import {
  anyDevice,
  contractLimits,
  mailOf,
  posted,
  postOfficeContract,
  Reader,
  RecordedEvents,
} from './post-office.contract.ts';

const logger = pino({ level: 'silent' });

async function officeOver(database: Database, clock: Clock = systemClock, events = new RecordedEvents()) {
  const journal = new Journal({ database, clock, logger, longestMs: 3_600_000 });
  const office = await LocalPostOffice.open({
    clock,
    epoch: 7,
    journal,
    mailbox: limits.mailbox,
    totalBytes: contractLimits.totalBytes,
    events,
  });
  return { office, events, journal };
}

async function under(where: string) {
  const database = await openDatabase(where);
  const { office, events } = await officeOver(database);
  return {
    office,
    events,
    [Symbol.asyncDispose]: async () => {
      await office[Symbol.asyncDispose]();
      await database.close();
    },
  };
}

/** The numbers of what is on disk, in its order. */
async function onDisk({ db }: Database): Promise<number[]> {
  const rows = await db.selectFrom('mail').select('number').orderBy('row').execute();
  return rows.map(({ number }) => number);
}

function readerOf(office: LocalPostOffice, device = anyDevice()) {
  const reader = new Reader();
  return { reader, device, line: office.open(device, { epoch: 0, cursor: 0 }, reader) };
}

describe('LocalPostOffice over SQLite', () => {
  postOfficeContract(() => under(':memory:'));
});

describe.skipIf(postgresPrograms === undefined)('LocalPostOffice over PostgreSQL', () => {
  let postgres: RealPostgres;
  beforeAll(async () => {
    postgres = await RealPostgres.start({ settings: ['fsync=off'] });
  }, 60_000);
  afterAll(() => postgres[Symbol.asyncDispose]());
  postOfficeContract(async () => under(await postgres.createDatabase('contract')));

  test('refuses durable mail while PostgreSQL is killed, carries the rest, and recovers by itself', async () => {
    const database = await openDatabase(await postgres.createDatabase('killed'));
    const { office } = await officeOver(database);
    onTestFinished(async () => {
      await office[Symbol.asyncDispose]();
      await database.close();
    });
    const from = anyDevice();
    const { reader, device: to } = readerOf(office);
    expect(await posted(office, mailOf({ from, to, number: 1, durable: true }))).toBe('taken');
    await postgres.stop('SIGQUIT');
    expect(await posted(office, mailOf({ from, to, number: 2, durable: true }))).toBe('unavailable');
    expect(office.waitsFor()).toBe('store');
    expect(await posted(office, mailOf({ from, to, number: 3 }))).toBe('taken');
    expect(reader.numbers).toContain(3);
    await postgres.run();
    await vi.waitFor(() => expect(office.waitsFor()).toBeNull(), { timeout: 30_000 });
    await vi.waitFor(
      async () => expect(await posted(office, mailOf({ from, to, number: 2, durable: true }))).toBe('taken'),
      { timeout: 30_000 },
    );
    expect(await onDisk(database)).toEqual([1, 2]);
  }, 90_000);
});

describe('durable mail', () => {
  async function store() {
    const database = await openDatabase(':memory:');
    onTestFinished(() => database.close());
    return database;
  }

  test('of one turn is one transaction', async () => {
    const database = await store();
    const transactions = vi.spyOn(database.db, 'transaction');
    const { office } = await officeOver(database);
    const [from, to] = [anyDevice(), anyDevice()];
    const mail = Array.from({ length: 1_200 }, (_, number) => mailOf({ from, to: anyDevice(), number, durable: true }));
    mail.push(mailOf({ from, to, number: 5_000, durable: true }));
    const before = transactions.mock.calls.length;
    await Promise.all(mail.map((each) => posted(office, each)));
    expect(transactions.mock.calls.length - before).toBe(1);
    expect(await onDisk(database)).toHaveLength(1_201);
  });

  test('that is not acked comes again after a start, in its order; what is acked is on disk no more', async () => {
    const database = await store();
    const from = anyDevice();
    const first = await officeOver(database);
    const { reader, device: to, line } = readerOf(first.office);
    for (let number = 1; number <= 5; number++) {
      expect(await posted(first.office, mailOf({ from, to, number, durable: number !== 3 }))).toBe('taken');
    }
    line.ack(reader.delivery(0));
    await first.office[Symbol.asyncDispose]();
    expect(await onDisk(database)).toEqual([2, 4, 5]);
    const second = await officeOver(database);
    const again = new Reader();
    // What the cursor of another epoch says does not hold in this one.
    const resumed = second.office.open(to, { epoch: 6, cursor: reader.delivery(-1) }, again);
    expect(again.numbers).toEqual([2, 4, 5]);
    expect(again.frames.map((frame) => frame.length)).toEqual([140, 140, 140]);
    // The same sent again is still known.
    expect(await posted(second.office, mailOf({ from, to, number: 4, durable: true }))).toBe('taken');
    expect(again.numbers).toEqual([2, 4, 5]);
    resumed.ack(again.delivery(-1));
    await second.journal.flush();
    expect(await onDisk(database)).toEqual([]);
    await second.office[Symbol.asyncDispose]();
  });

  test('that is acked before it is written is settled, and never written', async () => {
    const database = await store();
    const { office, journal } = await officeOver(database);
    const from = anyDevice();
    const { reader, device: to, line } = readerOf(office);
    const settled = posted(office, mailOf({ from, to, number: 1, durable: true }));
    line.ack(reader.delivery(0));
    expect(await settled).toBe('taken');
    await journal.flush();
    expect(await onDisk(database)).toEqual([]);
  });

  test('a store that takes nothing refuses it, takes it back from the mailbox, and is tried again', async () => {
    const database = await store();
    const clock = new TestClock();
    const { office, journal } = await officeOver(database, clock);
    const [from, to] = [anyDevice(), anyDevice()];
    const mail = (number: number, durable: boolean) => ({
      ...mailOf({ from, to, number, durable }),
      expiresAt: clock.now() + 60_000,
    });
    const failing = vi.spyOn(database.db, 'transaction').mockImplementation(() => {
      throw new Error('database or disk is full');
    });
    expect(await posted(office, mail(1, true))).toBe('unavailable');
    expect(office.waitsFor()).toBe('store');
    // For a second nothing is tried.
    expect(await posted(office, mail(2, true))).toBe('unavailable');
    expect(failing).toHaveBeenCalledTimes(1);
    expect(await posted(office, mail(3, false))).toBe('taken');
    failing.mockRestore();
    clock.advance(1_000);
    await journal.flush();
    expect(office.waitsFor()).toBeNull();
    expect(await posted(office, mail(1, true))).toBe('taken');
    const reader = new Reader();
    office.open(to, { epoch: 0, cursor: 0 }, reader);
    expect(reader.numbers).toEqual([3, 1]);
  });

  test('a group whose outcome was never heard is known again, and is gone with the letter', async () => {
    const database = await store();
    const clock = new TestClock();
    const { office, journal } = await officeOver(database, clock);
    const [from, to] = [anyDevice(), anyDevice()];
    const mail = (number: number) => ({
      ...mailOf({ from, to, number, durable: true }),
      expiresAt: clock.now() + 60_000,
    });
    const transaction = database.db.transaction.bind(database.db);
    const deaf = vi.spyOn(database.db, 'transaction').mockImplementation(() => {
      const builder = transaction();
      return {
        execute: async (run: Parameters<typeof builder.execute>[0]) => {
          await builder.execute(run);
          throw new Error('the answer to the commit was lost');
        },
      } as unknown as typeof builder;
    });
    expect(await posted(office, mail(1))).toBe('unavailable');
    expect(await onDisk(database)).toEqual([1]);
    deaf.mockRestore();
    clock.advance(1_000);
    expect(await posted(office, mail(2))).toBe('taken');
    expect(await onDisk(database)).toEqual([2]);
    expect(await posted(office, mail(1))).toBe('taken');
    await journal.flush();
    expect(await onDisk(database)).toEqual([2, 1]);
  });

  test.each([
    ['back', -86_400_000],
    ['forward', 86_400_000],
  ])('is neither lost nor kept for ever when the wall clock is set %s and the relay started again', async (_, byMs) => {
    const database = await store();
    const clock = new TestClock();
    const [from, to] = [anyDevice(), anyDevice()];
    const first = await officeOver(database, clock);
    const mail = { ...mailOf({ from, to, number: 1, durable: true }), expiresAt: clock.now() + 10_000 };
    expect(await posted(first.office, mail)).toBe('taken');
    clock.set(byMs);
    clock.advance(2_000);
    await first.office[Symbol.asyncDispose]();
    const second = await officeOver(database, clock);
    const reader = new Reader();
    second.office.open(to, { epoch: 0, cursor: 0 }, reader).close();
    expect(reader.numbers).toEqual([1]);
    clock.advance(9_000);
    expect(second.events.expired.map(({ number }) => number)).toEqual([1]);
    await second.office[Symbol.asyncDispose]();
  });

  test('that waited on disk for a relay whose clock had been set back is kept no longer than the limit', async () => {
    const database = await store();
    const clock = new TestClock();
    const [from, to] = [anyDevice(), anyDevice()];
    const first = await officeOver(database, clock);
    const mail = { ...mailOf({ from, to, number: 1, durable: true }), expiresAt: clock.now() + 3_000_000 };
    expect(await posted(first.office, mail)).toBe('taken');
    await first.office[Symbol.asyncDispose]();
    clock.set(-86_400_000);
    const second = await officeOver(database, clock);
    clock.advance(3_601_000);
    expect(second.events.expired).toHaveLength(1);
    await second.office[Symbol.asyncDispose]();
  });
});

describe('memory', () => {
  test('is counted, and given back when mail is acked, replaced, expires, or its device is forgotten', async () => {
    const database = await openDatabase(':memory:');
    onTestFinished(() => database.close());
    const clock = new TestClock();
    const { office } = await officeOver(database, clock);
    const [from, to] = [anyDevice(), anyDevice()];
    const post = (number: number, coalescingKey = 0, lifetimeMs = 60_000) =>
      posted(office, { ...mailOf({ from, to, number, coalescingKey }), expiresAt: clock.now() + lifetimeMs });
    await post(1);
    const one = office.bytes;
    expect(one).toBeGreaterThan(140);
    await post(2, 9);
    await post(3, 9);
    expect(office.bytes).toBe(2 * one);
    await post(4, 0, 1_000);
    clock.advance(2_000);
    expect(office.bytes).toBe(2 * one);
    const reader = new Reader();
    const line = office.open(to, { epoch: 0, cursor: 0 }, reader);
    expect(reader.frames.map(numberOf)).toEqual([1, 3]);
    line.ack(reader.delivery(0));
    expect(office.bytes).toBe(one);
    await office.forget(to);
    expect(office.bytes).toBe(0);
  });
});
