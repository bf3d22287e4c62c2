import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { chooseOffers, MAX_OFFERED, type OfferChoice } from './choose-offers.ts';
import { matchesHost } from './host-pattern.ts';
import type { KeyRules } from './key-rules.ts';

interface Key {
  readonly fingerprint: string;
}
const keys = (...names: string[]): Key[] => names.map((name) => ({ fingerprint: name }));
const noRules: KeyRules = { to: new Map(), order: [], off: [] };
function choose(change: Partial<OfferChoice<Key>>): string {
  const choice = {
    ours: [],
    upstream: [],
    name: 'h',
    rules: noRules,
    worked: [],
    tried: new Set<string>(),
    rank: () => 0,
  };
  return chooseOffers({ ...choice, ...change })
    .map((key) => key.fingerprint)
    .join('');
}

describe('chooseOffers', () => {
  const ours = keys('a', 'b', 'c', 'd', 'e', 'f', 'g', 'h');
  const to = (rules: Record<string, string[]>): KeyRules => ({ ...noRules, to: new Map(Object.entries(rules)) });
  test.each<[string, Partial<OfferChoice<Key>>, string]>([
    ['at most five', { ours }, 'abcde'],
    ['what worked comes first, the latest of it before', { ours, worked: ['h', 'f'] }, 'hfabc'],
    ['what a pattern names comes before that', { ours, worked: ['h'], rules: to({ g: ['h'] }) }, 'ghabc'],
    ['what is for other hosts is not offered', { ours, rules: to({ a: ['other'], b: ['*', '!h'] }) }, 'cdefg'],
    [
      'a server without a name gets what is for some hosts last',
      { ours: keys('a', 'b', 'c'), name: null, rules: to({ a: ['x'] }) },
      'bca',
    ],
    ['unless it worked there', { ours: keys('a', 'b'), name: null, rules: to({ b: ['x'] }), worked: ['b'] }, 'ba'],
    [
      'more than five where patterns name more',
      { ours, rules: to(Object.fromEntries(['a', 'b', 'c', 'd', 'e', 'f', 'g'].map((k) => [k, ['*']]))) },
      'abcdefg',
    ],
    ['none of ours where they are off', { ours, upstream: keys('x'), rules: { ...noRules, off: ['h*'] } }, 'x'],
    ['off is for names', { ours: keys('a'), name: null, rules: { ...noRules, off: ['*'] } }, 'a'],
    [
      'keys of phones that are here first',
      { ours: keys('a', 'b'), rank: (key) => (key.fingerprint === 'a' ? 2 : 0) },
      'ba',
    ],
    ['then the preferred', { ours: keys('a', 'b', 'c'), rules: { ...noRules, order: ['c'] } }, 'cab'],
    [
      'those of the person’s agent last, with what room there is',
      { ours: keys('a', 'b', 'c'), upstream: keys('x', 'y', 'z') },
      'abcxy',
    ],
    ['one of those that worked is among the first', { ours, upstream: keys('x'), worked: ['x'] }, 'xabcd'],
    ['what was not tried comes before what was', { ours, tried: new Set('abcde') }, 'fghab'],
    ['also before what worked once', { ours: keys('a', 'b'), worked: ['a'], tried: new Set('a') }, 'ba'],
    ['all tried: as the first time', { ours: keys('a', 'b'), tried: new Set('ab') }, 'ab'],
    ['no keys', {}, ''],
  ])('%s', (_, change, expected) => expect(choose(change)).toBe(expected));

  const name = fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f', 'g', 'h', 'i', 'j', 'k', 'l');
  const choice = fc.record({
    ours: fc.uniqueArray(name, { maxLength: 12 }).map((names) => keys(...names)),
    upstream: fc.array(fc.constantFrom('x', 'y', 'z'), { maxLength: 3 }).map((names) => keys(...new Set(names))),
    name: fc.option(fc.constantFrom('h', 'other')),
    rules: fc.record({
      to: fc
        .array(fc.tuple(name, fc.array(fc.constantFrom('h', '*', '!h', 'other'), { minLength: 1 })))
        .map((e) => new Map<string, string[]>(e)),
      order: fc.uniqueArray(name),
      off: fc.array(fc.constantFrom('other', '!h'), { maxLength: 1 }),
    }),
    worked: fc.uniqueArray(fc.oneof(name, fc.constantFrom('x', 'y')), { maxLength: 5 }),
    tried: fc.array(name).map((names) => new Set(names)),
    rank: fc.func(fc.nat(2)),
  });

  test('offers no more than fits, nothing twice, nothing unknown, nothing that is not for the host', () => {
    fc.assert(
      fc.property(choice, (given) => {
        const offered: readonly string[] = chooseOffers(given).map((key) => key.fingerprint);
        const { rules, name: host } = given;
        const ours: readonly string[] = given.ours.map((own) => own.fingerprint);
        const upstream: readonly string[] = given.upstream.map((other) => other.fingerprint);
        const named = given.ours.filter(
          ({ fingerprint: key }) => host !== null && matchesHost(rules.to.get(key) ?? [], host),
        );
        expect(offered.length).toBeLessThanOrEqual(Math.max(MAX_OFFERED, named.length));
        expect(new Set(offered).size).toBe(offered.length);
        const isOff = host !== null && matchesHost(rules.off, host);
        for (const key of offered) {
          if (upstream.includes(key)) continue;
          expect(ours).toContain(key);
          expect(isOff).toBe(false);
          const patterns = rules.to.get(key);
          if (host !== null && patterns !== undefined) expect(matchesHost(patterns, host)).toBe(true);
        }
      }),
    );
  });
});
