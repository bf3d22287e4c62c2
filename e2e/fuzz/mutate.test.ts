import { describe, expect, it } from 'vitest';
import { MAX_INPUT_BYTES, mutate } from './mutate.ts';
import { Random } from './random.ts';

const seeds = [Uint8Array.from({ length: 40 }, (_, i) => i * 6), new TextEncoder().encode('a line with blanks\n')];
const run = (seed: number, name: string) => {
  const random = new Random(seed, name);
  return Array.from({ length: 500 }, () => Buffer.from(mutate(seeds, random)).toString('hex'));
};

describe('mutate', () => {
  it('makes the same inputs of the same seed and name, and others of another', () => {
    expect(run(7, 'frame')).toEqual(run(7, 'frame'));
    expect(run(7, 'frame')).not.toEqual(run(8, 'frame'));
    expect(run(7, 'frame')).not.toEqual(run(7, 'hex'));
  });

  it('leaves the seeds as they are and keeps to its limit', () => {
    const before = seeds.map((seed) => seed.slice());
    const lengths = run(1, 'any').map((hex) => hex.length / 2);
    expect(seeds).toEqual(before);
    expect(Math.max(...lengths)).toBeGreaterThan(1_000);
    expect(Math.max(...lengths)).toBeLessThanOrEqual(MAX_INPUT_BYTES);
  });

  it('works on nothing', () => {
    const random = new Random(3, 'nothing');
    for (let i = 0; i < 500; i++) expect(mutate([new Uint8Array(0)], random)).toBeInstanceOf(Uint8Array);
  });
});

describe('Random', () => {
  it('spreads evenly', () => {
    const random = new Random(1);
    const counts = new Array<number>(8).fill(0);
    for (let i = 0; i < 80_000; i++) counts[random.below(8)]! += 1;
    for (const count of counts) expect(Math.abs(count - 10_000)).toBeLessThan(500);
  });
});
