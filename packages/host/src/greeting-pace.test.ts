import { beforeEach, expect, test } from 'vitest';
import { GreetingPace } from './greeting-pace.ts';
import { TestClock } from './testing/test-clock.ts';
import { testDevice } from './testing/test-phone.ts';

const { id } = testDevice();
let clock: TestClock;
let pace: GreetingPace;
let greetings: number;

beforeEach(() => {
  clock = new TestClock();
  pace = new GreetingPace(clock);
  greetings = 0;
});

/** The relay says that the phone is there. */
const prompt = () =>
  pace.prompted(id, () => {
    greetings += 1;
    pace.greeted(id);
  });
/** And that it was away before. */
const comeBack = () => {
  pace.missed(id);
  prompt();
};

test('what comes within two seconds of a greeting may be its answer, unless the greeting was missed', () => {
  expect(pace.hasJustGreeted(id)).toBe(false);
  pace.greeted(id);
  clock.advance(1_999);
  expect(pace.hasJustGreeted(id)).toBe(true);
  pace.missed(id);
  expect(pace.hasJustGreeted(id)).toBe(false);
  pace.greeted(id);
  clock.advance(2_000);
  expect(pace.hasJustGreeted(id)).toBe(false);
});

test('a phone that the relay says is there is greeted at once, and not if it just was', () => {
  prompt();
  expect(greetings).toBe(1);
  prompt();
  clock.advance(60_000);
  expect([greetings, clock.timers]).toEqual([1, 0]);
});

test('one that comes and goes without end is greeted once in two seconds, and at the end', () => {
  for (let n = 0; n < 100; n += 1) comeBack();
  expect([greetings, clock.timers]).toEqual([1, 1]);
  clock.advance(2_000);
  expect(greetings).toBe(2);
  for (let n = 0; n < 100; n += 1) comeBack();
  clock.advance(1_999);
  expect(greetings).toBe(2);
  clock.advance(1);
  expect(greetings).toBe(3);
  clock.advance(60_000);
  expect([greetings, clock.timers]).toEqual([3, 0]);
});

test('one that was greeted otherwise meanwhile is not greeted again', () => {
  comeBack();
  comeBack();
  clock.advance(1_000);
  pace.greeted(id);
  clock.advance(1_000);
  expect([greetings, clock.timers]).toEqual([1, 0]);
});

test('nobody is greeted who is forgotten, nor after the end', () => {
  comeBack();
  comeBack();
  pace.keepOnly([]);
  expect(clock.timers).toBe(0);
  comeBack();
  expect(greetings).toBe(2);
  comeBack();
  pace[Symbol.dispose]();
  clock.advance(2_000);
  expect([greetings, clock.timers]).toEqual([2, 0]);
});
