import { expect, test } from 'vitest';
import { oldestFirst } from './log.ts';

test('oldestFirst goes by the time, and within a millisecond by what was written first', () => {
  const written = [
    { at: 5, what: 'first' },
    { at: 5, what: 'second' },
    { at: 5, what: 'third' },
    { at: 2, what: 'by a clock that was set back' },
  ];
  expect(oldestFirst(written.toReversed()).map(({ what }) => what)).toEqual([
    'by a clock that was set back',
    'first',
    'second',
    'third',
  ]);
});
