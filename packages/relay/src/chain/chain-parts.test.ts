import { replay } from '@palmkey/chain';
import { describe, expect, test } from 'vitest';
import { TestPeople } from '../testing/test-chain.ts';
import { TestClock } from '../testing/test-clock.ts';
import { type ChainBeginning, ChainParts } from './chain-parts.ts';
import { chainPrimitives } from './primitives.ts';

const people = new TestPeople();
const [ada, bob] = [people.device('ada').id, people.device('bob').id];
const limits = { maxBytes: 100, maxBytesInAll: 150, lifetimeMs: 1_000 };

async function beginning(bytes: number): Promise<ChainBeginning> {
  const { links } = (await people.begin('ada')).maker;
  return { state: await replay(chainPrimitives, links, null), links, seeds: [], bytes };
}

describe('beginnings of chains', () => {
  test('are kept for each device by itself, the last one of each, until they are dropped', async () => {
    const parts = new ChainParts(new TestClock(), limits);
    const [first, second] = [await beginning(10), await beginning(20)];
    parts.put(ada, first);
    expect(parts.of(bob)).toBeNull();
    parts.put(ada, second);
    expect(parts.of(ada)).toBe(second);
    parts.drop(bob);
    parts.drop(ada);
    expect(parts.of(ada)).toBeNull();
  });

  test('are let go of when nothing has come for their time, counted from the last part', async () => {
    const clock = new TestClock();
    const parts = new ChainParts(clock, limits);
    parts.put(ada, await beginning(10));
    clock.advance(999);
    parts.put(ada, await beginning(10));
    clock.advance(999);
    expect(parts.of(ada)).not.toBeNull();
    clock.advance(1);
    expect(parts.of(ada)).toBeNull();
  });

  test('are as long as a chain may be, and no longer', async () => {
    const parts = new ChainParts(new TestClock(), limits);
    parts.put(ada, await beginning(100));
    const longer = await beginning(101);
    expect(() => parts.put(ada, longer)).toThrow(expect.objectContaining({ code: 'quota' }));
    expect(parts.of(ada)).toBeNull();
  });

  test('take so much room together, which is there again once one is dropped or over', async () => {
    const clock = new TestClock();
    const parts = new ChainParts(clock, limits);
    parts.put(ada, await beginning(100));
    const [fits, exceeds] = [await beginning(50), await beginning(51)];
    expect(() => parts.put(bob, exceeds)).toThrow(
      expect.objectContaining({ code: 'unavailable', retryAfterMs: 1_000 }),
    );
    parts.put(bob, fits);
    parts.drop(ada);
    parts.put(bob, exceeds);
    clock.advance(1_000);
    parts.put(ada, await beginning(100));
    parts.put(bob, fits);
  });
});
