import { expect, test } from 'vitest';
import { Timer } from './timer.ts';
import { FakeClock } from './testing/fake-clock.ts';
import { quiet } from './testing/fake-browser.ts';

function timer() {
  const clock = new FakeClock();
  const times: number[] = [];
  const began = clock.now();
  return { clock, times, timer: new Timer(clock, () => void times.push(clock.now() - began)) };
}

test('a timer goes off once, at its time', async () => {
  const { clock, times, timer: it } = timer();
  it.set(1_000);
  clock.advance(999);
  await quiet();
  expect(times).toEqual([]);
  clock.advance(1);
  await quiet();
  clock.advance(10_000);
  await quiet();
  expect(times).toEqual([1_000]);
});

test('a timer that is set anew forgets its former time', async () => {
  const { clock, times, timer: it } = timer();
  it.set(1_000);
  it.set(2_000);
  clock.advance(1_500);
  await quiet();
  expect(times).toEqual([]);
  clock.advance(500);
  await quiet();
  expect(times).toEqual([2_000]);
});

test.each(['taken back', 'closed', 'set after it was closed'] as const)(
  'a timer that is %s does not go off',
  async (how) => {
    const { clock, times, timer: it } = timer();
    if (how !== 'set after it was closed') it.set(1_000);
    if (how === 'taken back') it.set(null);
    else it.close();
    if (how === 'set after it was closed') it.set(1_000);
    clock.advance(1_000);
    await quiet();
    expect(times).toEqual([]);
  },
);

test('a timer for what is over already goes off at once', async () => {
  const { clock, times, timer: it } = timer();
  it.set(-5);
  clock.advance(0);
  await quiet();
  expect(times).toEqual([0]);
});
