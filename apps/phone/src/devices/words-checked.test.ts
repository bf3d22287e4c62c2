import { expect, test } from 'vitest';
import { chooseChecked } from './words-checked.ts';

test('chooseChecked gives three different places in their order, and reaches the first and the last', () => {
  expect(chooseChecked(12, () => 0)).toEqual([0, 1, 2]);
  expect(chooseChecked(12, (limit) => limit - 1)).toEqual([9, 10, 11]);
  expect(chooseChecked(12, (limit) => (limit === 11 ? 0 : limit - 1))).toEqual([0, 10, 11]);
});
