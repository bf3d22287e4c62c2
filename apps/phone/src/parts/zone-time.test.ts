import { expect, test } from 'vitest';
import { formatInZone } from './zone-time.ts';

const at = Date.UTC(2026, 2, 12, 23, 5);

test('shows the time on the clock of who wrote it', () => {
  expect(formatInZone(at, '+0000')).toBe('12 Mar 2026, 23:05 +0000');
  expect(formatInZone(at, '+0530')).toBe('13 Mar 2026, 04:35 +0530');
  expect(formatInZone(at, '-0800')).toBe('12 Mar 2026, 15:05 -0800');
});
test('a zone that is none leaves the time in UTC and is shown', () => {
  expect(formatInZone(at, 'CET')).toBe('12 Mar 2026, 23:05 UTC, zone CET');
});
test('a moment that is no date is given in seconds', () => {
  expect(formatInZone(9e18, '+0000')).toContain('s after 1970');
});
