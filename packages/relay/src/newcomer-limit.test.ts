import { expect, test } from 'vitest';
import { NewcomerLimit } from './newcomer-limit.ts';
import { TestClock } from './testing/test-clock.ts';

test('an address brings so many strangers within an hour, and again after it', () => {
  const clock = new TestClock();
  const limit = new NewcomerLimit(clock, 2);
  expect([limit.take('192.0.2.1'), limit.take('192.0.2.1')]).toEqual([0, 0]);
  clock.advance(60_000);
  expect(limit.take('192.0.2.1')).toBe(59 * 60_000);
  expect(limit.take('192.0.2.2')).toBe(0);
  clock.advance(59 * 60_000);
  expect(limit.take('192.0.2.1')).toBe(0);
});

test('a network of IPv6 is one address', () => {
  const limit = new NewcomerLimit(new TestClock(), 1);
  expect(limit.take('2001:db8::1')).toBe(0);
  expect(limit.take('2001:db8::2')).toBeGreaterThan(0);
});
