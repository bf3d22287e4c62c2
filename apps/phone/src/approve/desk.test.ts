import { describe, expect, test } from 'vitest';
import { fixtureLogin } from '../model/fixture-data.ts';
import type { HistoryEntry } from '../model/model.ts';
import { moveOn, reconcile, type Desk } from './desk.ts';

const first = fixtureLogin({ hash: 'aa' });
const second = fixtureLogin({ hash: 'bb' });
const facts = { waiting: [first, second], history: [], answered: new Set<string>() };

function ended(hash: string, outcome: HistoryEntry['outcome']): HistoryEntry {
  return {
    hash,
    outcome,
    at: 0,
    computer: 'laptop',
    user: null,
    host: null,
    hostFingerprint: null,
    keyName: null,
    refusal: null,
    skewMs: null,
    signed: false,
    confirmed: false,
  };
}

describe('reconcile', () => {
  test('puts the oldest waiting request on a clear desk', () => {
    expect(reconcile({ is: 'clear' }, facts)).toEqual({ is: 'asking', login: first });
  });
  test('keeps the request in front when others arrive or leave behind it', () => {
    const desk: Desk = { is: 'asking', login: second };
    expect(reconcile(desk, facts)).toBe(desk);
    expect(reconcile(desk, { ...facts, waiting: [second] })).toBe(desk);
  });
  test('says how a request ended that left while it was in front', () => {
    const after = reconcile(
      { is: 'asking', login: first },
      { ...facts, waiting: [second], history: [ended('aa', 'expired')] },
    );
    expect(after).toEqual({ is: 'over', login: first, outcome: 'expired' });
  });
  test('calls it withdrawn when nothing is known about the end', () => {
    expect(reconcile({ is: 'asking', login: first }, { ...facts, waiting: [] })).toMatchObject({
      outcome: 'withdrawn',
    });
  });
  test('shows nothing new during the beat after an answer', () => {
    const desk: Desk = { is: 'answered', login: first, decision: 'approve' };
    expect(reconcile(desk, facts)).toBe(desk);
  });
});

describe('moveOn', () => {
  test('skips what was answered here, even while the model still lists it', () => {
    expect(moveOn({ ...facts, answered: new Set(['aa']) })).toEqual({ is: 'asking', login: second });
    expect(moveOn({ ...facts, answered: new Set(['aa', 'bb']) })).toEqual({ is: 'clear' });
  });
});
