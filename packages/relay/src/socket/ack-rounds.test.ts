import { describe, expect, test } from 'vitest';
import { limits } from '../limits.ts';
import { TestClock } from '../testing/test-clock.ts';
import { AckRounds } from './ack-rounds.ts';

/** Counts how often it is called. */
function counted() {
  let calls = 0;
  return {
    calls: () => calls,
    ackLate: () => {
      calls++;
    },
  };
}

describe('AckRounds', () => {
  test('calls each once, when its time is over', () => {
    const clock = new TestClock();
    const rounds = new AckRounds(clock);
    const one = counted();
    rounds.add(one);
    clock.advance(limits.ackEveryMs - 1);
    expect(one.calls()).toBe(0);
    clock.advance(1);
    expect(one.calls()).toBe(1);
    clock.advance(10 * limits.ackEveryMs);
    expect(one.calls()).toBe(1);
  });

  test('those that came at different times are called at different times', () => {
    const clock = new TestClock();
    const rounds = new AckRounds(clock);
    const [first, second] = [counted(), counted()];
    rounds.add(first);
    clock.advance(limits.ackEveryMs / 2);
    rounds.add(second);
    clock.advance(limits.ackEveryMs / 2);
    expect([first.calls(), second.calls()]).toEqual([1, 0]);
    clock.advance(limits.ackEveryMs / 2);
    expect([first.calls(), second.calls()]).toEqual([1, 1]);
  });

  test('one that is closed calls nobody', () => {
    const clock = new TestClock();
    const rounds = new AckRounds(clock);
    const one = counted();
    rounds.add(one);
    rounds.close();
    clock.advance(10 * limits.ackEveryMs);
    expect(one.calls()).toBe(0);
  });
});
