import { numberOf, parseDeviceId, type DeviceId } from '@palmkey/envelope';
import type { Transaction } from 'kysely';
import type { Logger } from 'pino';
import type { Clock } from '../clock.ts';
import type { Database } from '../store/database.ts';
import type { Schema } from '../store/schema.ts';
import type { Letter } from './mailbox.ts';

/** A durable letter as a former run left it. */
export interface Kept {
  readonly row: number;
  readonly to: DeviceId;
  readonly from: DeviceId;
  readonly frame: Buffer;
  /** By the steady clock, ms. */
  readonly deadline: number;
}

/** Whether the store has a letter now. */
type WhenWritten = (written: boolean) => void;

interface Entry {
  readonly letter: Letter;
  readonly to: DeviceId;
  readonly row: number;
  /** Null once it was called. */
  whenWritten: WhenWritten | null;
  state: 'new' | 'writing' | 'written' | 'erased';
}

interface JournalOptions {
  readonly database: Database;
  readonly clock: Clock;
  readonly logger: Logger;
  /** How long mail is kept at most, ms. */
  readonly longestMs: number;
  /** So many letters were written together. */
  readonly onWritten?: (letters: number) => void;
}

/** After a failure nothing is tried for so long, so that a store that does not answer holds up nobody. */
const REST_MS = 1_000;
/** Rows in one statement: a fifth of what PostgreSQL and SQLite take as parameters. */
const ROWS = 500;
/** The wall clock was set when it has moved by more than this against the steady one. */
const CLOCK_SET_MS = 2_000;

/**
 * Durable mail on disk. **Group commit**: all that comes in one turn of the event loop, and all that comes while the
 * store writes, is one transaction, and so one wait for the disk.
 *
 * What its recipient acks before it was written is not written; what was written is erased with the next group, or by
 * {@link tick}. After a crash a letter may thus come again, never too seldom.
 */
export class Journal {
  readonly #options: JournalOptions;
  readonly #entries = new Map<Letter, Entry>();
  #adding: Entry[] = [];
  /** Rows that are of no use any more. */
  #erasing: number[] = [];
  /** The first and the last row of groups of which nobody knows whether they are on disk; all of them were refused. */
  #doubtful: readonly [number, number] | null = null;
  #lastRow = 0;
  #scheduled = false;
  #committing: Promise<void> | null = null;
  /** By the steady clock; null while the store does as it is told. */
  #failedAt: number | null = null;
  /** What the wall clock is ahead of the steady one. */
  #ahead: number;
  #shiftMs = 0;

  constructor(options: JournalOptions) {
    this.#options = options;
    this.#ahead = options.clock.now() - options.clock.steady();
  }

  /** Whether the store has taken what it was last given, or may be tried again. */
  get ready(): boolean {
    return this.#failedAt === null || this.#options.clock.steady() - this.#failedAt >= REST_MS;
  }

  /** Hands over what a former run left, in the order in which it came. Rejects where the store fails. */
  async load(onKept: (kept: Kept) => void): Promise<void> {
    const { database, clock, longestMs } = this.#options;
    for (;;) {
      const rows = await database.db
        .selectFrom('mail')
        .selectAll()
        .where('row', '>', this.#lastRow)
        .orderBy('row')
        .limit(ROWS)
        .execute();
      for (const { row, recipient, sender, frame, expires_at: expiresAt } of rows) {
        this.#lastRow = row;
        // A wall clock that was set back while the relay was down must not keep a letter for ever.
        const restMs = Math.min(expiresAt - clock.now(), longestMs);
        if (restMs <= 0) {
          this.#erasing.push(row);
          continue;
        }
        const to = parseDeviceId(new Uint8Array(recipient));
        const from = parseDeviceId(new Uint8Array(sender));
        onKept({ row, to, from, frame: Buffer.from(frame), deadline: clock.steady() + restMs });
      }
      if (rows.length < ROWS) break;
    }
    this.tick();
  }

  /** A letter that {@link load} handed over is in a mailbox. */
  adopt(letter: Letter, { to, row }: Kept): void {
    this.#entries.set(letter, { letter, to, row, whenWritten: null, state: 'written' });
  }

  /** Writes a letter at the end of this turn. */
  write(letter: Letter, to: DeviceId, whenWritten: WhenWritten): void {
    const entry: Entry = { letter, to, row: ++this.#lastRow, whenWritten, state: 'new' };
    this.#entries.set(letter, entry);
    this.#adding.push(entry);
    this.#schedule();
  }

  /** Says when a letter that was given to {@link write} is written, once more. */
  whenWritten(letter: Letter, settled: (outcome: 'taken' | 'unavailable') => void): void {
    const entry = this.#entries.get(letter);
    const former = entry?.whenWritten;
    if (!entry || !former) {
      settled('taken');
      return;
    }
    entry.whenWritten = (written) => {
      former(written);
      settled(written ? 'taken' : 'unavailable');
    };
  }

  /** A letter is of no use any more: its recipient has acked it, or it expired. It is as good as written. */
  erase(letter: Letter): void {
    const entry = this.#entries.get(letter);
    if (!entry) return;
    this.#entries.delete(letter);
    if (entry.state === 'written') this.#erasing.push(entry.row);
    entry.state = 'erased';
    settle(entry, true);
  }

  /** Once a second: erases what is left to erase, tries a store that failed, and follows a clock that was set. */
  tick(): void {
    const { clock } = this.#options;
    const ahead = clock.now() - clock.steady();
    if (Math.abs(ahead - this.#ahead) > CLOCK_SET_MS) {
      this.#shiftMs += ahead - this.#ahead;
      this.#ahead = ahead;
    }
    if (this.#isBehind || this.#failedAt !== null) this.#schedule();
  }

  /** Resolves when all that was said so far is on disk, or was refused. */
  async flush(): Promise<void> {
    await this.#committing;
    if (this.#isBehind) await this.#commit();
  }

  /** Writes what is left. */
  async close(): Promise<void> {
    await this.flush();
    await this.#committing;
  }

  /** Whether the store is to be told something. */
  get #isBehind(): boolean {
    return this.#adding.length + this.#erasing.length > 0 || this.#doubtful !== null || this.#shiftMs !== 0;
  }

  #schedule(): void {
    if (this.#scheduled || this.#committing) return;
    this.#scheduled = true;
    setImmediate(() => {
      this.#scheduled = false;
      void this.#commit();
    });
  }

  #commit(): Promise<void> {
    return (this.#committing ??= this.#writeGroup().finally(() => {
      this.#committing = null;
      if (this.#adding.length > 0) this.#schedule();
    }));
  }

  /** One transaction. Never rejects. */
  async #writeGroup(): Promise<void> {
    const { database, clock, logger } = this.#options;
    const adding = this.#adding.filter((entry) => entry.state === 'new');
    const erasing = this.#erasing;
    const doubtful = this.#doubtful;
    const shiftMs = this.#shiftMs;
    this.#adding = [];
    this.#erasing = [];
    this.#shiftMs = 0;
    for (const entry of adding) entry.state = 'writing';
    try {
      await database.db.transaction().execute(async (transaction) => {
        if (shiftMs !== 0) {
          await transaction
            .updateTable('mail')
            .set((row) => ({ expires_at: row('expires_at', '+', shiftMs) }))
            .execute();
        }
        if (doubtful) {
          const [first, last] = doubtful;
          await transaction.deleteFrom('mail').where('row', '>=', first).where('row', '<=', last).execute();
        }
        for (let at = 0; at < erasing.length; at += ROWS) {
          await transaction
            .deleteFrom('mail')
            .where('row', 'in', erasing.slice(at, at + ROWS))
            .execute();
        }
        for (let at = 0; at < adding.length; at += ROWS) {
          await insert(transaction, adding.slice(at, at + ROWS), clock.now() - clock.steady());
        }
      });
    } catch (error) {
      if (this.#failedAt === null) logger.error({ err: error }, 'the store does not take durable mail');
      this.#failedAt = clock.steady();
      this.#shiftMs += shiftMs;
      for (const row of erasing) this.#erasing.push(row);
      const [first, last] = [adding[0], adding.at(-1)];
      // It may have come as far as that, and the answer been lost.
      if (first && last) this.#doubtful = [doubtful?.[0] ?? first.row, last.row];
      for (const entry of adding) {
        this.#entries.delete(entry.letter);
        settle(entry, false);
      }
      return;
    }
    if (this.#failedAt !== null) logger.info('the store takes durable mail again');
    this.#failedAt = null;
    this.#doubtful = null;
    if (adding.length > 0) this.#options.onWritten?.(adding.length);
    for (const entry of adding) {
      if (entry.state === 'erased') this.#erasing.push(entry.row);
      else entry.state = 'written';
      settle(entry, true);
    }
  }
}

function settle(entry: Entry, written: boolean): void {
  const { whenWritten } = entry;
  entry.whenWritten = null;
  whenWritten?.(written);
}

async function insert(transaction: Transaction<Schema>, entries: readonly Entry[], ahead: number): Promise<void> {
  const rows = entries.map(({ row, to, letter }) => ({
    row,
    recipient: to,
    sender: letter.from,
    number: numberOf(letter.frame),
    frame: letter.frame,
    expires_at: Math.round(letter.deadline + ahead),
  }));
  await transaction
    .insertInto('mail')
    .values(rows)
    // What a group of unknown outcome has left is the same letter, which goes under its new row.
    .onConflict((conflict) =>
      conflict.columns(['recipient', 'sender', 'number']).doUpdateSet((row) => ({
        row: row.ref('excluded.row'),
        frame: row.ref('excluded.frame'),
        expires_at: row.ref('excluded.expires_at'),
      })),
    )
    .execute();
}
