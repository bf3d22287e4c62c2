import { expect, test } from 'vitest';
import { MemoryStore } from '../store/memory-store.ts';
import type { HistoryRow } from '../store/schema.ts';
import type { History } from './history.ts';
import { MAX_HISTORY, historyId, recordHistory, sortedHistory } from './history.ts';

const line = (n: number): HistoryRow => ({
  id: historyId('host', String(n)), hash: String(n), at: n, kind: 'login', subject: null, repository: null, by: 'person', computer: 'laptop', user: null, host: null,
  hostFingerprint: null, keyName: null, outcome: 'approved', refusal: null, skewMs: null, confirmed: false, signed: true,
}); // prettier-ignore

test('a computer that asks much in vain drives no login that was signed out of the history', async () => {
  const store = new MemoryStore();
  const vain = { outcome: 'withdrawn', signed: false } as const;
  let history: History = await store.transact('write', ['history'], async (transaction) => {
    for (let n = 1; n <= MAX_HISTORY; n++) {
      await transaction.put('history', n <= 2 ? line(n) : { ...line(n), ...vain });
    }
    return sortedHistory(await transaction.all('history'));
  });
  for (let n = 1; n <= 3; n++) {
    const row = { ...line(MAX_HISTORY + n), ...vain };
    history = await store.transact('write', ['history'], (transaction) => recordHistory(transaction, history, row));
  }
  expect([history.length, ...history.slice(-3).map(({ at }) => at)]).toEqual([MAX_HISTORY, 6, 2, 1]);
  const kept = await store.transact('read', ['history'], (transaction) => transaction.all('history'));
  expect(sortedHistory(kept)).toEqual(history);
});

test('the history keeps its newest 5,000 lines, and one written again keeps its place', async () => {
  const store = new MemoryStore();
  let history: History = await store.transact('write', ['history'], async (transaction) => {
    for (let n = 1; n <= MAX_HISTORY; n++) await transaction.put('history', line(n));
    return sortedHistory(await transaction.all('history'));
  });
  const record = (row: HistoryRow) =>
    store.transact('write', ['history'], (transaction) => recordHistory(transaction, history, row));
  history = await record(line(MAX_HISTORY + 1));
  history = await record({ ...line(2), confirmed: true });
  expect([history.length, history[0]?.at, history.at(-1)?.at]).toEqual([MAX_HISTORY, MAX_HISTORY + 1, 2]);
  const kept = await store.transact('read', ['history'], (transaction) => transaction.all('history'));
  expect(sortedHistory(kept)).toEqual(history);
});
