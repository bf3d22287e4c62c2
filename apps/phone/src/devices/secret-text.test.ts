import { joinUrl } from '@palmkey/core/provisioning';
import { parseAccountId } from '@palmkey/envelope';
import { describe, expect, test } from 'vitest';
import { secretFault, secretProblem } from './secret-text.ts';

const secret = { suite: 'kex3', bytes: new Uint8Array(32) } as const;
const relay = 'https://relay.example.org';
const byX = joinUrl('https://app.example.org', {
  relay,
  secret,
  shownBy: { side: 'x', account: parseAccountId(new Uint8Array(16)) },
});
const byY = joinUrl('https://app.example.org', { relay, secret, shownBy: { side: 'y' } });

describe('secretFault', () => {
  test('takes the link of the other side, and words', () => {
    expect(secretFault(byX, 'y')).toBeNull();
    expect(secretFault(byY, 'x')).toBeNull();
    expect(secretFault('12 apple river stone', 'y')).toBeNull();
    expect(secretFault(Array(8).fill('apple').join(' '), 'x')).toBeNull();
  });
  test('tells a link of its own side', () => {
    expect(secretFault(byX, 'x')).toBe('own-side');
    expect(secretFault(byY, 'y')).toBe('own-side');
  });
  test('tells words that only the own side shows, and those that need their QR code', () => {
    expect(secretFault('12 apple river stone', 'x')).toBe('own-side');
    expect(secretFault(Array(9).fill('apple').join(' '), 'x')).toBe('own-side');
    expect(secretFault(Array(9).fill('apple').join(' '), 'y')).toBe('account-needed');
  });
  test('tells words that are none, too few words, another version and anything else apart', () => {
    expect(secretFault('12 apple rivre stone', 'y')).toBe('unknown-word');
    expect(secretFault('apple river stone', 'y')).toBe('wrong-word-count');
    expect(secretFault('https://app.example.org/join#Ag', 'y')).toBe('version');
    expect(secretFault('https://app.example.org/join#!', 'y')).toBe('bad-link');
  });
});

test('secretProblem has its own words for each fault and reader', () => {
  const codes = ['own-side', 'account-needed', 'unknown-word', 'wrong-word-count', 'version', 'bad-link'];
  const said = codes.flatMap((code) => [secretProblem(code, 'x'), secretProblem(code, 'y')]);
  // Two faults are said to each side in words of its own.
  expect(new Set(said).size).toBe(codes.length + 2);
});
