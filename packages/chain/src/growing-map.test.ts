import fc from 'fast-check';
import { expect, test } from 'vitest';
import { GrowingMap, Growth } from './growing-map.ts';

test('a GrowingMap stays as it is, whatever is made from it', () => {
  // Each step makes a map from one of those before it.
  fc.assert(
    fc.property(
      fc.array(fc.tuple(fc.nat(), fc.uniqueArray(fc.nat(20), { maxLength: 4 })), { maxLength: 12 }),
      (steps) => {
        const maps = [{ map: GrowingMap.of<number>([]), model: new Map<string, number>() }];
        for (const [i, [which, keys]] of steps.entries()) {
          const { map, model } = maps[which % maps.length]!;
          const added = keys.filter((key) => !model.has(String(key))).map((key) => [String(key), i] as const);
          maps.push({ map: map.with(added), model: new Map([...model, ...added]) });
        }
        for (const { map, model } of maps) {
          expect([...map.entries()]).toEqual([...model]);
          expect(map.size).toBe(model.size);
          for (let key = 0; key <= 20; key++) {
            expect(map.get(String(key))).toBe(model.get(String(key)));
            expect(map.has(String(key))).toBe(model.has(String(key)));
          }
        }
      },
    ),
  );
});

test('GrowingMap and Growth refuse a key that is there, and the map stays as it was', () => {
  const map = GrowingMap.of([['a', 1]]);
  expect(() =>
    map.with([
      ['b', 2],
      ['a', 2],
    ]),
  ).toThrow(RangeError);
  expect([...map.entries()]).toEqual([['a', 1]]);
  expect(map.with([['b', 3]]).get('b')).toBe(3);
  const growth = new Growth(map);
  growth.add('c', 1);
  expect(() => growth.add('a', 2)).toThrow(RangeError);
  expect(() => growth.add('c', 2)).toThrow(RangeError);
  expect(growth.get('c')).toBe(1);
  expect([...growth.done().entries()]).toEqual([
    ['a', 1],
    ['c', 1],
  ]);
  expect([...map.entries()]).toEqual([['a', 1]]);
});
