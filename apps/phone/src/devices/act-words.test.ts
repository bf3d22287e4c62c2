import { expect, test } from 'vitest';
import { actFailure } from './act-words.ts';

test.each([
  'conflict',
  'forked',
  'withheld',
  'other-account',
  'not-connected',
  'no-key',
  'no-words',
  'no-head',
  'removed',
  'locked',
  'not-ready',
])('actFailure has words of its own for %s', (code) =>
  expect(actFailure({ code })).not.toBe(actFailure({ code: 'newer-code' }).replace('newer-code', code)),
);
test('actFailure names a code that it does not know', () => {
  expect(actFailure({ code: 'newer-code' })).toContain('(newer-code)');
  expect(actFailure(new Error('no code'))).not.toContain('(');
});
