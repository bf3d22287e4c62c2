import { describe, expect, test } from 'vitest';
import { fixtureGit, fixtureLogin } from '../model/fixture-requests.ts';
import { leftWords, minutesWords, scopeWords } from './permission-words.ts';

test('lengths are short', () => {
  expect([30, 60, 180, 720].map(minutesWords)).toEqual(['30 min', '1 h', '3 h', '12 h']);
});
test('what is left counts seconds only at the end', () => {
  expect(leftWords(7_500_000)).toBe('2 h 05 min');
  expect(leftWords(41 * 60_000 + 12_000)).toBe('41 min');
  expect(leftWords(12_900)).toBe('12 s');
  expect(leftWords(-5)).toBe('0 s');
});
describe('scopeWords', () => {
  test('names user, server and key', () => {
    expect(scopeWords('server', fixtureLogin()).allows).toBe(
      'laptop may log in to prod-3.example.org as deploy with Work, as often as it likes.',
    );
  });
  test('says that the way is part of it', () => {
    const login = fixtureLogin({ hops: [{ fingerprint: 'SHA256:x', name: null }] });
    expect(scopeWords('server', login).allows).toContain('through exactly these servers');
  });
  test('hides nothing that hides', () => {
    const login = fixtureLogin({ host: { name: 'a\u202eb', port: 22 } });
    expect(scopeWords('server', login).allows).toContain('aU+202Eb');
  });
  test('commits do not name a repository as a limit', () => {
    expect(scopeWords('commits', fixtureGit()).allows).toContain('in any repository');
  });
});
