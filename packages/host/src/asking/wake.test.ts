import type { PushOutcome } from '@palmkey/envelope';
import { beforeEach, expect, test } from 'vitest';
import { TestClock } from '../testing/test-clock.ts';
import { Wake, type Woken } from './wake.ts';

let clock: TestClock;
/** When pushes were asked for, ms since the beginning. */
let asked: number[];
let told: Woken[];

beforeEach(() => {
  clock = new TestClock();
  [asked, told] = [[], []];
});

/** `outcomes` in turn, the last of them for ever. */
function wake(...outcomes: (PushOutcome | null)[]): Wake {
  const began = clock.monotonic();
  return new Wake({
    clock,
    push: () => {
      asked.push(clock.monotonic() - began);
      return Promise.resolve((outcomes.length > 1 ? outcomes.shift() : outcomes[0]) ?? null);
    },
    onWoken: (woken) => told.push(woken),
  });
}

/** Second by second, with a turn for what each brings. */
async function pass(seconds: number): Promise<void> {
  for (let i = 0; i < seconds; i += 1) {
    await new Promise(setImmediate);
    clock.advance(1_000);
  }
  await new Promise(setImmediate);
}

test('a phone that says nothing for 2 s is woken, once more after 20 s, and then no more', async () => {
  wake('handed');
  await pass(90);
  expect(asked).toEqual([2_000, 22_000]);
  expect(told).toEqual(['handed', 'handed']);
  expect(clock.timers).toBe(0);
});

test('a phone that is not connected is woken at once', async () => {
  const it = wake('handed');
  it.absent();
  it.absent();
  await pass(1);
  it.absent();
  await pass(89);
  expect(asked).toEqual([0, 20_000]);
});

test('a phone that takes the request in time is not woken', async () => {
  const it = wake('handed');
  await pass(1);
  it[Symbol.dispose]();
  it.absent();
  await pass(90);
  expect([asked, told, clock.timers]).toEqual([[], [], 0]);
});

test('what came of a push is not told of a request that is over', async () => {
  const it = wake('handed');
  it.absent();
  it[Symbol.dispose]();
  await pass(30);
  expect([asked, told, clock.timers]).toEqual([[0], [], 0]);
});

test('a phone without a registration is pushed to once', async () => {
  wake('no-registration');
  await pass(90);
  expect([asked, told]).toEqual([[2_000], ['no-registration']]);
});

test.each(['refused', 'unreachable'] as const)('a push service that is %s is asked once more', async (outcome) => {
  wake(outcome, 'handed');
  await pass(90);
  expect([asked, told]).toEqual([
    [2_000, 22_000],
    [outcome, 'handed'],
  ]);
});

test('a phone that its relay takes for connected is tried again soon, and nobody is told', async () => {
  wake('connected', 'connected', 'handed');
  await pass(90);
  expect(asked).toEqual([2_000, 4_000, 6_000, 26_000]);
  expect(told).toEqual(['handed', 'handed']);
});

test('a phone that stays connected and silent is not tried for ever', async () => {
  wake('connected');
  await pass(300);
  expect(asked).toHaveLength(8);
  expect([told, clock.timers]).toEqual([[], 0]);
});

test('a relay that could not be asked is asked once more', async () => {
  wake(null, 'handed');
  await pass(90);
  expect([asked, told]).toEqual([[2_000, 22_000], ['handed']]);
});
