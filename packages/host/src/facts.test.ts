import { describe, expect, test } from 'vitest';
import { relayFact } from './facts.ts';

const url = 'http://localhost:7722';

describe('relayFact', () => {
  test('of a relay that does not answer is unreachable', () => {
    expect(relayFact(url, { is: 'waiting', nextTryAt: 5, lastError: 'not-connected' }, 3)).toEqual({
      url,
      state: 'waiting',
      problem: 'unreachable',
      lastContactAt: 3,
    });
  });

  test('of a relay that said why has its code', () => {
    expect(relayFact(url, { is: 'waiting', nextTryAt: 5, lastError: 'draining' }, 3).problem).toBe('draining');
    expect(relayFact(url, { is: 'refused', code: 'not-admitted' }, null).problem).toBe('not-admitted');
  });

  test('before the first try is connecting', () => {
    expect(relayFact(url, { is: 'idle' }, null)).toEqual({
      url,
      state: 'connecting',
      problem: null,
      lastContactAt: null,
    });
  });
});
