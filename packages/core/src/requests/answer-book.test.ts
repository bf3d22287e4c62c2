import { parseDeviceId, toHex, type DeviceId } from '@palmkey/envelope';
import { describe, expect, it } from 'vitest';
import { fixedBytes } from '../testing/fixed-keys.ts';
import { ManualClock } from '../testing/manual-clock.ts';
import { AnswerBook, type BookEntry, type BookStore, REMEMBER_REQUEST_MS } from './answer-book.ts';
import type { Answer } from './answer.ts';
import { parseRequestHash, parseRequestId, type RequestId } from './request.ts';

class MapStore implements BookStore {
  readonly entries = new Map<string, BookEntry>();

  update(host: DeviceId, id: RequestId, change: (found: BookEntry | undefined) => BookEntry): void {
    const key = `${toHex(host)} ${toHex(id)}`;
    this.entries.set(key, change(this.entries.get(key)));
  }
}

const host = parseDeviceId(fixedBytes('host').slice(0, 16));
const otherHost = parseDeviceId(fixedBytes('other host').slice(0, 16));
const id = parseRequestId(fixedBytes('id').slice(0, 16));
const hash = parseRequestHash(fixedBytes('request'));
const otherHash = parseRequestHash(fixedBytes('other request'));
const approve: Answer = { is: 'approve', signature: Uint8Array.of(1) };
const reject: Answer = { is: 'reject' };

function book() {
  const store = new MapStore();
  const clock = new ManualClock();
  return { store, clock, book: new AnswerBook(store, clock) };
}

describe('AnswerBook', () => {
  it('notes a request as new once, then as waiting, then with its answer', async () => {
    const { book: b } = book();
    expect(await b.note(host, id, hash)).toEqual({ is: 'new' });
    expect(await b.note(host, id, hash)).toEqual({ is: 'waiting' });
    expect(await b.answer(host, id, hash, approve)).toEqual(approve);
    expect(await b.note(host, id, hash)).toEqual({ is: 'answered', answer: approve });
  });

  it('keeps the first answer, whatever comes after', async () => {
    const { book: b } = book();
    await b.note(host, id, hash);
    const answers = await Promise.all([b.answer(host, id, hash, reject), b.answer(host, id, hash, approve)]);
    expect(answers).toEqual([reject, reject]);
  });

  it('refuses the same id with another hash, and what was there stays', async () => {
    const { book: b } = book();
    await b.note(host, id, hash);
    expect(await b.note(host, id, otherHash)).toEqual({ is: 'id-reuse' });
    expect(await b.answer(host, id, otherHash, approve)).toEqual({ is: 'refuse', code: 'id-reuse', skew: null });
    expect(await b.note(host, id, hash)).toEqual({ is: 'waiting' });
    await b.answer(host, id, hash, reject);
    expect(await b.note(host, id, otherHash)).toEqual({ is: 'id-reuse' });
  });

  it('takes the same id of another host for another request', async () => {
    const { book: b } = book();
    await b.answer(host, id, hash, approve);
    expect(await b.note(otherHost, id, otherHash)).toEqual({ is: 'new' });
  });

  it('remembers from the last time that the request came', async () => {
    const { book: b, clock, store } = book();
    await b.note(host, id, hash);
    clock.advance(1000);
    await b.note(host, id, hash);
    await b.note(host, id, otherHash);
    expect([...store.entries.values()].map((entry) => entry.forgetAfterMs)).toEqual([
      clock.now() + REMEMBER_REQUEST_MS,
    ]);
  });
});
