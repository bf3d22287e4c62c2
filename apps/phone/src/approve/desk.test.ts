import { describe, expect, test } from 'vitest';
import { fixtureLogin } from '../model/fixture-requests.ts';
import type { HistoryEntry } from '../model/model.ts';
import type { RequestView } from '../model/request-view.ts';
import { answerKnown, moveOn, reconcile, type Desk } from './desk.ts';

const first = fixtureLogin({ hash: 'aa' });
const second = fixtureLogin({ hash: 'bb' });
const facts = { waiting: [first, second], front: null, history: [], answered: new Set<string>() };

function askingFor(request: RequestView): Desk {
  return { is: 'asking', given: request, request };
}

const answered: Desk = { is: 'answered', request: first, decision: 'approve', permission: null, counts: false };

function ended(hash: string, outcome: HistoryEntry['outcome']): HistoryEntry {
  return {
    hash,
    outcome,
    at: 0,
    kind: 'login',
    computer: 'laptop',
    subject: null,
    repository: null,
    user: null,
    host: null,
    hostFingerprint: null,
    keyName: null,
    refusal: null,
    skewMs: null,
    by: null,
    signed: false,
    confirmed: false,
  };
}

test('the request that the person tapped on a notification comes before the one in front', () => {
  const tapped = { ...facts, waiting: [second, first], front: 'bb' };
  expect(reconcile(askingFor(first), tapped)).toEqual(askingFor(second));
  const there: Desk = askingFor(second);
  expect(reconcile(there, tapped)).toBe(there);
});

describe('reconcile', () => {
  test('puts the oldest waiting request on a clear desk', () => {
    expect(reconcile({ is: 'clear' }, facts)).toEqual(askingFor(first));
  });
  test('keeps the request in front when others arrive or leave behind it', () => {
    const desk: Desk = askingFor(second);
    expect(reconcile(desk, facts)).toBe(desk);
    expect(reconcile(desk, { ...facts, waiting: [second] })).toBe(desk);
  });
  test('says how a request ended that left while it was in front', () => {
    const after = reconcile(askingFor(first), { ...facts, waiting: [second], history: [ended('aa', 'expired')] });
    expect(after).toEqual({ is: 'over', request: first, outcome: 'expired', by: null });
  });
  test('calls it withdrawn when nothing is known about the end', () => {
    expect(reconcile(askingFor(first), { ...facts, waiting: [] })).toMatchObject({
      outcome: 'withdrawn',
    });
  });
  test('goes on calling unusual what was so when it came, beside what is known of it since', () => {
    const came = { ...first, unusual: ['new-host', 'unbound'] } as RequestView;
    const known = { ...first, unusual: ['unbound', 'forwarded'] } as RequestView;
    const desk = reconcile(askingFor(came), { ...facts, waiting: [known] });
    expect(desk).toEqual({
      is: 'asking',
      given: known,
      request: { ...known, unusual: ['unbound', 'forwarded', 'new-host'] },
    });
    expect(reconcile(desk, { ...facts, waiting: [known] })).toBe(desk);
    expect(reconcile(desk, { ...facts, waiting: [first] })).toMatchObject({
      request: { unusual: ['unbound', 'forwarded', 'new-host'] },
    });
  });
  test('shows nothing new during the beat after an answer', () => {
    expect(reconcile(answered, facts)).toBe(answered);
  });
});

describe('answerKnown', () => {
  test('of an answer that counts leaves it there', () => {
    expect(answerKnown(answered, first, true, facts)).toEqual({ ...answered, counts: true });
  });
  test('of one that came too late shows what another device decided', () => {
    const entry = { ...ended('aa', 'rejected'), by: 'other-phone' as const };
    const after = answerKnown(answered, first, false, { ...facts, waiting: [second], history: [entry] });
    expect(after).toEqual({ is: 'over', request: first, outcome: 'rejected', by: 'other-phone' });
  });
  test('of one that could not be carried out asks again', () => {
    expect(answerKnown(answered, first, false, facts)).toEqual(askingFor(first));
  });
  test('of another request, or known already, changes nothing', () => {
    expect(answerKnown(answered, second, false, facts)).toBe(answered);
    const known: Desk = { ...answered, counts: true };
    expect(answerKnown(known, first, false, facts)).toBe(known);
    const next = askingFor(second);
    expect(answerKnown(next, first, false, facts)).toBe(next);
  });
});

describe('moveOn', () => {
  test('skips what was answered here, even while the model still lists it', () => {
    expect(moveOn({ ...facts, answered: new Set(['aa']) })).toEqual(askingFor(second));
    expect(moveOn({ ...facts, answered: new Set(['aa', 'bb']) })).toEqual({ is: 'clear' });
  });
});
