import { describe, expect, test } from 'vitest';
import { limits } from '../limits.ts';
import { TestClock } from '../testing/test-clock.ts';
import { AckRounds } from './ack-rounds.ts';

/** Somebody with something left to ack so many times. */
function lately(times: number) {
  let looks = 0;
  const at = { looks: () => looks, ackLate: () => ++looks <= times };
  return at;
}

describe('AckRounds', () => {
  test('looks at each every 100 ms, until nothing was left', () => {
    const clock = new TestClock();
    const rounds = new AckRounds(clock);
    const one = lately(2);
    rounds.add(one);
    clock.advance(limits.ackEveryMs - 1);
    expect(one.looks()).toBe(0);
    clock.advance(1);
    expect(one.looks()).toBe(1);
    clock.advance(10 * limits.ackEveryMs);
    expect(one.looks()).toBe(3);
  });

  test('those that came at different times are looked at at different times', () => {
    const clock = new TestClock();
    const rounds = new AckRounds(clock);
    const [first, second] = [lately(0), lately(0)];
    rounds.add(first);
    clock.advance(limits.ackEveryMs / 2);
    rounds.add(second);
    clock.advance(limits.ackEveryMs / 2);
    expect([first.looks(), second.looks()]).toEqual([1, 0]);
    clock.advance(limits.ackEveryMs / 2);
    expect([first.looks(), second.looks()]).toEqual([1, 1]);
  });

  test('one that is closed looks at nobody', () => {
    const clock = new TestClock();
    const rounds = new AckRounds(clock);
    const one = lately(1);
    rounds.add(one);
    rounds.close();
    clock.advance(10 * limits.ackEveryMs);
    expect(one.looks()).toBe(0);
  });
});
