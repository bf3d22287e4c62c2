import { expect, test } from 'vitest';
import { defaultRates, type Rates } from '../limits.ts';
import { TestClock } from '../testing/test-clock.ts';
import { Entrance } from './entrance.ts';

function entranceOf(rates: Partial<Rates>, maxConnections = 1_000) {
  const clock = new TestClock();
  return { clock, entrance: new Entrance({ clock, rates: { ...defaultRates, ...rates }, maxConnections }) };
}

/** How so many connections from addresses are met, in their order. */
function met(entrance: Entrance, count: number, addressOf: (n: number) => string): string[] {
  return Array.from({ length: count }, (_, n) => {
    const welcome = entrance.enter(addressOf(n));
    return welcome.is === 'refused' ? welcome.code : welcome.is;
  });
}

const one = () => '192.0.2.1';

test('of an address so many are let in in a minute, as many more are told, and the rest is turned away', () => {
  const { clock, entrance } = entranceOf({ connectionsPerMinute: 3 });
  expect(met(entrance, 7, one)).toEqual([
    ...['welcome', 'welcome', 'welcome'],
    ...['rate-limited', 'rate-limited', 'rate-limited'],
    'turned away',
  ]);
  expect(met(entrance, 1, () => '192.0.2.2')).toEqual(['welcome']);
  clock.advance(120_000);
  expect(met(entrance, 1, one)).toEqual(['welcome']);
});

test('of an address so many may be open, and another is let in when one has left', () => {
  const { entrance } = entranceOf({ connectionsPerAddress: 2 });
  expect(met(entrance, 5, one)).toEqual([
    ...['welcome', 'welcome'],
    ...['too-many-connections', 'too-many-connections'],
    'turned away',
  ]);
  for (let n = 0; n < 3; n++) entrance.leave(one());
  expect(met(entrance, 1, one)).toEqual(['welcome']);
});

test('an IPv6 network of 64 bits is one address', () => {
  const { entrance } = entranceOf({ connectionsPerAddress: 1 });
  expect(met(entrance, 2, (n) => `2001:db8::${n + 1}`)).toEqual(['welcome', 'too-many-connections']);
  expect(met(entrance, 1, () => '2001:db8:0:1::1')).toEqual(['welcome']);
});

test('of all addresses together as many are open as may be', () => {
  const { entrance } = entranceOf({}, 2);
  expect(met(entrance, 5, (n) => `192.0.2.${n}`)).toEqual([
    ...['welcome', 'welcome'],
    ...['too-many-connections', 'too-many-connections'],
    'turned away',
  ]);
  expect(entrance.size).toBe(4);
});

test('five thousand at once from one address are met, and most of them cost nothing', () => {
  const { entrance } = entranceOf({}, 10_000);
  const all = met(entrance, 5_000, one);
  const count = (what: string) => all.filter((each) => each === what).length;
  expect([count('welcome'), count('rate-limited'), count('turned away')]).toEqual([240, 240, 4_520]);
  expect(entrance.size).toBe(480);
});
