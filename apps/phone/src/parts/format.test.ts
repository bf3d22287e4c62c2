import { describe, expect, test } from 'vitest';
import { formatAgo, formatDay, formatLength } from './format.ts';

const noon = new Date(2026, 2, 12, 12).getTime();

describe('formatLength', () => {
  test('names at most two units', () => {
    expect(formatLength(3_720_000)).toBe('1 h 2 min');
    expect(formatLength(-3_720_000)).toBe('1 h 2 min');
    expect(formatLength(40_000)).toBe('40 s');
    expect(formatLength(3_600_000)).toBe('1 h');
    expect(formatLength(0)).toBe('0 s');
  });
});
describe('formatDay', () => {
  test('knows today, yesterday and other years', () => {
    expect(formatDay(noon - 3_600_000, noon)).toBe('Today');
    expect(formatDay(noon - 86_400_000, noon)).toBe('Yesterday');
    expect(formatDay(noon - 5 * 86_400_000, noon)).toBe('7 Mar');
    expect(formatDay(new Date(2025, 11, 31).getTime(), noon)).toBe('31 Dec 2025');
  });
});
test('formatAgo grows coarser', () => {
  expect(formatAgo(noon - 5_000, noon)).toBe('just now');
  expect(formatAgo(noon - 300_000, noon)).toBe('5 min ago');
  expect(formatAgo(noon - 7_200_000, noon)).toBe('2 h ago');
});
