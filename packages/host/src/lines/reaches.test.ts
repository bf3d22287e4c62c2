import { PROTOCOLS } from '@palmkey/core/requests';
import { beforeEach, describe, expect, test } from 'vitest';
import { Reaches } from './reaches.ts';
import { TestClock } from '../testing/test-clock.ts';
import { testDevice } from '../testing/test-phone.ts';

const { id } = testDevice();
let clock: TestClock;
let changes: number;
let reaches: Reaches;
beforeEach(() => {
  clock = new TestClock();
  changes = 0;
  reaches = new Reaches(clock, () => (changes += 1));
});
const reach = () => reaches.of(id).reach;

test('a phone is unknown, and doubtful, until something is heard of it', () => {
  expect(reaches.of(id)).toMatchObject({ reach: 'unknown', lastSeenAt: null, software: null });
  expect(reaches.isDoubtful(id)).toBe(true);
  reaches.heard(id);
  reaches.greeted(id, 'app 1');
  expect(reaches.of(id)).toMatchObject({ reach: 'here', lastSeenAt: clock.now(), software: 'app 1' });
});

test('a phone is doubtful again a minute after its last word or greeting', async () => {
  reaches.heard(id);
  clock.advance(59_999);
  expect(reaches.isDoubtful(id)).toBe(false);
  clock.advance(1);
  expect(reaches.isDoubtful(id)).toBe(true);
  const known = reaches.expect(id);
  expect(reaches.isDoubtful(id)).toBe(false);
  clock.advance(500);
  await known;
});

test('a greeting that the relay does not refuse shows that the phone is there, and is no word of its', async () => {
  reaches.absent(id);
  const known = reaches.expect(id);
  clock.advance(499);
  expect(reach()).toBe('absent');
  clock.advance(1);
  await known;
  expect([reach(), reaches.of(id).lastSeenAt, changes]).toEqual(['here', null, 1]);
});

test.each([
  ['refused', () => reaches.absent(id), 'absent'],
  ['answered', () => reaches.heard(id), 'here'],
  ['overtaken by the end of the connection', () => reaches.lost(id), 'unknown'],
])('a greeting that is %s is over at once', async (_, happen, expected) => {
  const known = reaches.expect(id);
  happen();
  await known;
  clock.advance(10_000);
  expect([reach(), clock.timers, changes]).toEqual([expected, 0, 0]);
});

test('one greeting takes the place of another; forgotten or disposed, none is waited for', async () => {
  const first = reaches.expect(id);
  const second = reaches.expect(id);
  await first;
  expect(clock.timers).toBe(1);
  reaches.keepOnly([]);
  await second;
  expect([clock.timers, reach()]).toEqual([0, 'unknown']);
  const third = reaches.expect(id);
  reaches[Symbol.dispose]();
  await third;
  expect(clock.timers).toBe(0);
});

describe('what a phone speaks', () => {
  const speaking = (protocol: number) => ({ is: 'speaking', protocol });
  const agreed = () => reaches.of(id).agreed;

  test('is unknown before its here, version 1 without a word, and what both know with one', () => {
    expect(agreed()).toBeNull();
    expect(reaches.greeted(id, 'app 1')).toBe('greeting');
    expect(agreed()).toEqual(speaking(1));
    reaches.spoke(id, { from: 1, to: 7 });
    expect(agreed()).toEqual(speaking(1));
    expect(reaches.greeted(id, 'app 1')).toBe('greeting');
    expect(agreed()).toEqual(speaking(PROTOCOLS.to));
    reaches.spoke(id, { from: 1, to: 3, answer: true });
    expect(reaches.greeted(id, 'app 1')).toBe('answer');
    expect(agreed()).toEqual(speaking(3));
  });

  test('outlasts a change of its name and a lost connection, and not another software', () => {
    reaches.spoke(id, { from: 1, to: 2 });
    reaches.greeted(id, 'app 2');
    expect(reaches.greeted(id, 'app 2')).toBe('change');
    reaches.lost(id);
    expect(agreed()).toEqual(speaking(2));
    reaches.greeted(id, 'app 1');
    expect(agreed()).toEqual(speaking(1));
  });

  test('is nothing in common with one that is too new; one whose word was not understood is, until it greets', () => {
    reaches.spoke(id, { from: 6, to: 7 });
    reaches.greeted(id, 'app 3');
    expect(agreed()).toEqual({ is: 'update-us' });
    reaches.notUnderstood(id);
    expect(reaches.of(id).tooNew).toBe(true);
    reaches.greeted(id, 'app 3');
    expect(reaches.of(id).tooNew).toBe(false);
  });
});
