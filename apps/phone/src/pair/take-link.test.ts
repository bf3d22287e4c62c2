import { expect, test } from 'vitest';
import { takeLink } from './take-link.ts';

function bar(path: string, hash: string) {
  const replaced: string[] = [];
  return {
    location: { pathname: path, hash, href: `https://keys.example.org${path}${hash}` },
    history: { replaceState: (_data: unknown, _unused: string, url: string) => void replaced.push(url) },
    replaced,
  };
}

test('takeLink returns the link and cleans the address bar', () => {
  const window = bar('/pair', '#AQID');
  expect(takeLink(window, '/pair')).toBe('https://keys.example.org/pair#AQID');
  expect(window.replaced).toEqual(['/']);
});
test('takeLink leaves other pages alone', () => {
  const window = bar('/keys', '#AQID');
  expect(takeLink(window, '/pair')).toBeNull();
  expect(window.replaced).toEqual([]);
});
test('takeLink makes nothing of an empty fragment', () => {
  expect(takeLink(bar('/pair', ''), '/pair')).toBeNull();
  expect(takeLink(bar('/pair', '#'), '/pair')).toBeNull();
});
test('takeLink tells the two kinds of links apart', () => {
  const window = bar('/join', '#AQID');
  expect(takeLink(window, '/pair')).toBeNull();
  expect(window.replaced).toEqual([]);
  expect(takeLink(window, '/join')).toBe('https://keys.example.org/join#AQID');
});
