import { expect, test } from 'vitest';
import { Deadline } from './deadline.ts';
import { FakeClock } from './testing/fake-clock.ts';

test('Deadline.start is over at its length, not a millisecond before', () => {
  const clock = new FakeClock();
  const deadline = Deadline.start(clock, 1_000);
  clock.advance(999);
  expect([deadline.remainingMs(), deadline.isOver()]).toEqual([1, false]);
  clock.advance(1);
  expect(deadline.isOver()).toBe(true);
});

test('Deadline.start gains nothing from a wall clock that is set back, and ends when it is set on', () => {
  const clock = new FakeClock();
  const deadline = Deadline.start(clock, 1_000);
  clock.set(clock.now() - 60_000);
  expect(deadline.remainingMs()).toBe(1_000);
  clock.set(clock.now() + 61_000);
  expect(deadline.isOver()).toBe(true);
});

test('Deadline.resume goes on where the wall clock says, and is over when that was set back', () => {
  const clock = new FakeClock();
  const [from, to] = [clock.now() - 400, clock.now() + 600];
  expect(Deadline.resume(clock, from, to).remainingMs()).toBe(600);
  expect(Deadline.resume(clock, clock.now() + 1, clock.now() + 2_000).isOver()).toBe(true);
});
