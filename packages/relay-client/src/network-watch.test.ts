import { expect, test } from 'vitest';
import { watchNetwork } from './network-watch.ts';
import { TestTimers } from './testing/test-timers.ts';

/** Timers of a machine that can sleep. */
class SleepyTimers extends TestTimers {
  sleptMs = 0;

  override now(): number {
    return super.now() + this.sleptMs;
  }
}

test('a change of address is told once, no change and the end of watching not at all', () => {
  const timers = new SleepyTimers();
  let address = '192.0.2.1';
  let changes = 0;
  const stop = watchNetwork(
    timers,
    () => address,
    () => changes++,
  );
  timers.advance(60_000);
  expect(changes).toBe(0);
  address = '198.51.100.7';
  timers.advance(5_000);
  timers.advance(60_000);
  expect(changes).toBe(1);
  stop();
  address = '';
  timers.advance(60_000);
  expect([changes, timers.nextMs()]).toEqual([1, undefined]);
});

test('a machine that slept looks as if its network had changed', () => {
  const timers = new SleepyTimers();
  let changes = 0;
  watchNetwork(
    timers,
    () => 'the same',
    () => changes++,
  );
  timers.advance(4_000);
  timers.sleptMs = 3_600_000;
  timers.advance(1_000);
  expect(changes).toBe(1);
});
