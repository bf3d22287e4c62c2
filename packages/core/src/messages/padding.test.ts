import { describe, expect, it } from 'vitest';
import { PADDING_FLOOR_BYTES, paddedLength } from './padding.ts';

describe('paddedLength', () => {
  it.each([
    [0, 256],
    [255, 256],
    [256, 256],
    [257, 272],
    [272, 272],
    [273, 288],
    [511, 512],
    [512, 512],
    [513, 544],
    [1000, 1024],
    [1025, 1088],
    [9000, 9216],
    [65_535, 65_536],
  ])('pads %i to %i', (length, padded) => {
    expect(paddedLength(length)).toBe(padded);
  });

  it('never shortens, never costs over 12 % above the floor, and is its own padded length', () => {
    for (let length = 1; length <= 70_000; length++) {
      const padded = paddedLength(length);
      if (padded < length || padded < PADDING_FLOOR_BYTES || paddedLength(padded) !== padded)
        throw new Error(`${length}`);
      if (length > PADDING_FLOOR_BYTES && padded > length * 1.12) throw new Error(`${length}`);
    }
  });
});
