import { describe, expect, test } from 'vitest';
import type { HistoryEntry } from '../model/model.ts';
import { confirmationWords, refusalWords, shownOutcome } from './history-words.ts';

const entry: HistoryEntry = {
  hash: 'aa',
  at: 0,
  kind: 'login',
  subject: null,
  repository: null,
  by: null,
  computer: 'laptop',
  user: 'deploy',
  host: 'prod-3',
  hostFingerprint: null,
  keyName: 'Work',
  outcome: 'refused',
  refusal: 'clock-skew',
  skewMs: null,
  confirmed: false,
  signed: false,
};

describe('refusalWords', () => {
  test('says how far the clock of the computer is ahead', () => {
    expect(refusalWords({ ...entry, skewMs: -3_720_000 })).toContain('1 h 2 min ahead');
  });
  test('says how far it is behind', () => {
    expect(refusalWords({ ...entry, skewMs: 3_720_000 })).toContain('1 h 2 min behind');
  });
  test('counts in whole minutes, since the message was on its way for some of it', () => {
    expect(refusalWords({ ...entry, skewMs: 3_599_950 })).toContain('1 h behind');
  });
  test('names a code that it does not know', () => {
    expect(refusalWords({ ...entry, refusal: 'something-new' })).toContain('something-new');
  });
});

test('confirmationWords says that an unconfirmed answer may or may not have been used', () => {
  expect(confirmationWords({ ...entry, outcome: 'approved' })).toContain('unknown');
  expect(confirmationWords({ ...entry, outcome: 'approved', confirmed: true })).toContain('confirmed it');
  expect(confirmationWords({ ...entry, outcome: 'expired' })).toBeNull();
});

test('what was signed here is shown as approved, whatever the computer says became of it', () => {
  const denied: HistoryEntry = { ...entry, outcome: 'withdrawn', signed: true, confirmed: true };
  expect(shownOutcome(denied)).toBe('approved');
  expect(confirmationWords(denied)).toContain('laptop says that it did not use the signature');
  expect(shownOutcome({ ...denied, signed: false })).toBe('withdrawn');
});
