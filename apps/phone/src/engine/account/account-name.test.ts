import { describe, expect, test } from 'vitest';
import { accountNameOf } from './account-name.ts';

describe('the name in an account', () => {
  test('is the one that was given where an account takes it', () => {
    expect(accountNameOf('Pixel in the hall')).toBe('Pixel in the hall');
  });

  test('is without what an account does not take, and cut where it is long', () => {
    expect(accountNameOf('  Pixel / 8 -- “work” ')).toBe('Pixel 8 work');
    expect(accountNameOf('a'.repeat(70))).toBe('a'.repeat(50));
  });

  test('of one that is too short has a word behind it, of a computer its own', () => {
    expect(accountNameOf('vm')).toBe('vm phone');
    expect(accountNameOf('vm', [], 'computer')).toBe('vm computer');
    expect(accountNameOf('?', [], 'computer')).toBe('computer');
  });

  test('that somebody has gets a number', () => {
    expect(accountNameOf('Pixel', ['Pixel', 'pixel 2'])).toBe('Pixel 3');
  });
});
