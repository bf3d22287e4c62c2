import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { hasPositive, isHostPattern, matchesHost } from './host-pattern.ts';

describe('host patterns', () => {
  test.each([
    [['*.corp'], 'db.corp', true],
    [['*.corp'], 'corp', false],
    [['*.CORP'], 'DB.Corp', true],
    [['db-?'], 'db-1', true],
    [['db-?'], 'db-12', false],
    [['*', '!build.*'], 'build.corp', false],
    [['!build.*', '*'], 'web.corp', true],
    [['!build'], 'web', false],
    [['h.st'], 'host', false],
    [['*a*b*c'], 'xxaxxbxxc', true],
    [['*a*b*c'], 'xxaxxbxxcx', false],
    [[], 'h', false],
  ] as const)('%j and %s: %s', (patterns, host, expected) => expect(matchesHost(patterns, host)).toBe(expected));

  test('match as the same pattern in a regular expression', () => {
    const text = fc.string({ unit: fc.constantFrom('a', 'b', '.', '*', '?'), maxLength: 12 });
    fc.assert(
      fc.property(
        text.filter(Boolean),
        fc.string({ unit: fc.constantFrom('a', 'b', '.'), maxLength: 12 }),
        (pattern, host) => {
          const source = pattern.replaceAll('.', '\\.').replaceAll('*', '.*').replaceAll('?', '.');
          expect(matchesHost([pattern], host)).toBe(new RegExp(`^${source}$`).test(host));
        },
      ),
    );
  });

  test('no pattern takes long', () => {
    expect(matchesHost([`${'*a'.repeat(120)}b`], 'a'.repeat(255))).toBe(false);
  });

  test.each([
    ['*.corp', true],
    ['!x', true],
    ['münchen.example', true],
    ['2001:db8::*', true],
    ['x'.repeat(255), true],
    ['x'.repeat(256), false],
    ['', false],
    ['!', false],
    ['a b', false],
    ['a,b', false],
    ['[h]:22', false],
    ['a\u202eb', false],
    ['$(x)', false],
  ])('%j: %s', (text, good) => expect(isHostPattern(text)).toBe(good));

  test('patterns with ! alone match nothing', () => expect(hasPositive(['!a', '!b'])).toBe(false));
});
