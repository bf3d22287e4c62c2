import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  allowedNow,
  endedBy,
  givenBy,
  KEEP_ENDING_MS,
  mergePermissions,
  noPermissions,
  type PermissionsState,
  withoutOldEndings,
} from './permissions-merge.ts';
import type { SharedPermission } from './shared-permissions.ts';

const NOW = 1_800_000_000_000;
const hex = (n: number): string => n.toString(16).padStart(32, '0');
const permission = (n: number, endsAt = NOW + 3_600_000, name = 'prod'): SharedPermission => ({
  id: hex(n),
  computer: hex(99),
  scope: { is: 'server', name, port: 22, user: 'ada', through: null },
  keyName: 'Work',
  createdAt: NOW - 1_000,
  endsAt,
});

/** Few phones, counters and permissions, so that words about the same thing meet. */
const permissionWord = fc
  .tuple(fc.nat(5), fc.constantFrom(-1, 0, 1, 3_600_000), fc.constantFrom('prod', 'test'))
  .map(([n, ms, name]) => permission(n, NOW + ms, name));
const word = fc.oneof(
  fc
    .tuple(fc.nat(2), fc.integer({ min: 1, max: 3 }), fc.array(permissionWord, { maxLength: 3 }))
    .map(([device, counter, given]) => givenBy(hex(device), { counter, given })),
  fc
    .array(fc.tuple(fc.nat(5), fc.constantFrom(-1, 0, 3_600_000)), { maxLength: 3 })
    .map((endings) => endedBy(endings.map(([n, ms]) => ({ id: hex(n), endsAt: NOW + ms })))),
);
const state = fc.array(word, { maxLength: 5 }).map((words) => words.reduce(mergePermissions, noPermissions));

/** Alike whatever the order of its maps. */
const plain = ({ given, ended }: PermissionsState) => ({
  given: Object.fromEntries([...given].toSorted()),
  ended: Object.fromEntries([...ended].toSorted()),
});

describe('mergePermissions', () => {
  test('is commutative, associative and idempotent', () => {
    fc.assert(
      fc.property(state, state, state, (a, b, c) => {
        expect(plain(mergePermissions(a, b))).toEqual(plain(mergePermissions(b, a)));
        expect(plain(mergePermissions(mergePermissions(a, b), c))).toEqual(
          plain(mergePermissions(a, mergePermissions(b, c))),
        );
        expect(plain(mergePermissions(a, a))).toEqual(plain(a));
        expect(plain(mergePermissions(a, noPermissions))).toEqual(plain(a));
      }),
    );
  });

  test('comes to the same in whatever order words are heard, however often', () => {
    fc.assert(
      fc.property(
        fc
          .array(word, { maxLength: 6 })
          .chain((words) =>
            fc.tuple(
              fc.constant(words),
              fc.shuffledSubarray(words, { minLength: words.length }),
              fc.shuffledSubarray(words),
            ),
          ),
        ([words, shuffled, again]) => {
          const all = words.reduce(mergePermissions, noPermissions);
          expect(plain([...shuffled, ...again].reduce(mergePermissions, noPermissions))).toEqual(plain(all));
        },
      ),
    );
  });

  test('never undoes an ending, whatever is said before or after', () => {
    fc.assert(
      fc.property(fc.array(word), fc.nat(5), fc.array(word), (before, n, after) => {
        const ending = endedBy([{ id: hex(n), endsAt: NOW + 3_600_000 }]);
        const merged = [...before, ending, ...after].reduce(mergePermissions, noPermissions);
        expect(allowedNow(merged, NOW).map(({ permission: { id } }) => id)).not.toContain(hex(n));
      }),
    );
  });

  test('takes a phone’s later word, also where it says less', () => {
    const more = givenBy(hex(7), { counter: 1, given: [permission(1), permission(2)] });
    const less = givenBy(hex(7), { counter: 2, given: [permission(2)] });
    expect(allowedNow(mergePermissions(less, more), NOW).map(({ permission: { id } }) => id)).toEqual([hex(2)]);
  });
});

describe('allowedNow', () => {
  test('lists what has not ended, by its end, with the phone that allows it', () => {
    const a = givenBy(hex(7), { counter: 1, given: [permission(1, NOW + 3), permission(2, NOW)] });
    const b = givenBy(hex(8), { counter: 1, given: [permission(3, NOW + 1), permission(4, NOW + 2)] });
    const ended = endedBy([{ id: hex(4), endsAt: NOW + 2 }]);
    const all = allowedNow([a, b, ended].reduce(mergePermissions, noPermissions), NOW);
    expect(all.map(({ device, permission: { id } }) => [device, id])).toEqual([
      [hex(8), hex(3)],
      [hex(7), hex(1)],
    ]);
  });

  test('is the same once old endings are forgotten, at every time from then on', () => {
    fc.assert(
      fc.property(state, fc.nat(2 * KEEP_ENDING_MS), (merged, later) => {
        const at = NOW + later;
        const kept = withoutOldEndings(merged, at);
        expect(allowedNow(kept, at)).toEqual(allowedNow(merged, at));
      }),
    );
  });
});
