import { expect, test } from 'vitest';
import { rejoinFailure } from './rejoin-words.ts';

const codes = [
  'wrong-word-count',
  'unknown-word',
  'wrong-checksum',
  'no-chain',
  'revoked-signer',
  'bad-chain',
  'conflict',
];

test('rejoinFailure has its own words for each fault of the words and of the account', () => {
  expect(new Set(codes.map((code) => rejoinFailure({ code }))).size).toBe(codes.length);
});
test('rejoinFailure says that the relay is out of reach for all else, and names the code', () => {
  expect(rejoinFailure({ code: 'unreachable' })).toContain('cannot be reached (unreachable)');
  expect(rejoinFailure(new Error('no code'))).toContain('cannot be reached.');
});
