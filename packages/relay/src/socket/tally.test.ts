import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Tally } from './tally.ts';

test('settled are all from the first without a gap, in whatever order they were settled', () => {
  const orders = fc
    .nat(40)
    .chain((n) => fc.shuffledSubarray(Array.from({ length: n }, (_, i) => i + 1)).map((order) => ({ n, order })));
  fc.assert(
    fc.property(orders, ({ n, order }) => {
      const tally = new Tally();
      for (let i = 1; i <= n; i++) expect(tally.next()).toBe(i);
      const done = new Set<number>();
      for (const number of order) {
        tally.settle(number);
        done.add(number);
        let prefix = 0;
        while (done.has(prefix + 1)) prefix++;
        expect(tally.settled).toBe(prefix);
      }
    }),
  );
});
