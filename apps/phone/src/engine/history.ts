import type { HexId } from '../model/hex-id.ts';
import type { HistoryRow } from '../store/schema.ts';
import type { Transaction } from '../store/store.ts';

/** How many lines the history keeps: the newest. */
export const MAX_HISTORY = 5_000;

/** A history newest first, as it is kept and shown. */
export type History = readonly HistoryRow[];

/** What a line is found by. */
export function historyId(host: HexId, hash: HexId): string {
  return `${host}/${hash}`;
}

/** Newest first. */
export function sortedHistory(rows: readonly HistoryRow[]): History {
  return rows.toSorted((a, b) => b.at - a.at);
}

/**
 * Writes a line, in the place of the one with its id or as the newest, and takes the oldest beyond
 * {@link MAX_HISTORY} away: first of those for which nothing was signed, since a computer can make any number of them. Returns the history as it is once the transaction is through.
 */
export async function recordHistory(transaction: Transaction, history: History, row: HistoryRow): Promise<History> {
  await transaction.put('history', row);
  if (history.some(({ id }) => id === row.id)) return history.map((old) => (old.id === row.id ? row : old));
  const all = [row, ...history];
  if (all.length <= MAX_HISTORY) return all;
  // Not the new line itself, when all others were signed for.
  const gone = all.findLast((each) => !each.signed && each !== row) ?? all.at(-1);
  if (gone !== undefined) await transaction.delete('history', gone.id);
  return all.filter((each) => each !== gone);
}
