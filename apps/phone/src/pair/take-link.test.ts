import { expect, test } from 'vitest';
import { takePairingLink } from './take-link.ts';

function bar(path: string, hash: string) {
  const replaced: string[] = [];
  return {
    location: { pathname: path, hash, href: `https://keys.example.org${path}${hash}` },
    history: { replaceState: (_data: unknown, _unused: string, url: string) => void replaced.push(url) },
    replaced,
  };
}

test('takePairingLink returns the link and cleans the address bar', () => {
  const window = bar('/pair', '#AQID');
  expect(takePairingLink(window)).toBe('https://keys.example.org/pair#AQID');
  expect(window.replaced).toEqual(['/']);
});
test('takePairingLink leaves other pages alone', () => {
  const window = bar('/keys', '#AQID');
  expect(takePairingLink(window)).toBeNull();
  expect(window.replaced).toEqual([]);
});
test('takePairingLink makes nothing of an empty fragment', () => {
  expect(takePairingLink(bar('/pair', ''))).toBeNull();
  expect(takePairingLink(bar('/pair', '#'))).toBeNull();
});
