import { expect, test } from 'vitest';
import { limits } from '../limits.ts';
import { TestClock } from '../testing/test-clock.ts';
import { Line } from './line.ts';

function newLine() {
  const clock = new TestClock();
  const told: string[] = [];
  const connection = {
    receive: () => undefined,
    drained: () => told.push('drained'),
    fail: () => undefined,
    gone: () => told.push('gone'),
  };
  const line = new Line({
    clock,
    address: '192.0.2.1',
    connect: () => connection,
    onOver: () => told.push('over'),
  });
  return { line, clock, told };
}

const never = new AbortController().signal;

test('a line whose fetch was broken off ends after 15 s without another', async () => {
  const { line, clock, told } = newLine();
  const stop = new AbortController();
  const broken = line.fetch(0, 25_000, stop.signal);
  stop.abort();
  await broken;
  clock.advance(limits.lineLastFetchMs - 1);
  expect(told).toEqual([]);
  clock.advance(1);
  expect(told).toEqual(['gone', 'over']);
});

test('a fetch in time keeps it, and brings what the broken one did not', async () => {
  const { line, clock, told } = newLine();
  const stop = new AbortController();
  const broken = line.fetch(0, 25_000, stop.signal);
  stop.abort();
  await broken;
  line.push(Uint8Array.of(7));
  expect(await line.fetch(0, 25_000, never)).toEqual({ from: 1, frames: [Uint8Array.of(7)] });
  clock.advance(limits.lineIdleMs - 1);
  expect(told).toEqual([]);
  expect(await line.fetch(1, 0, never)).toEqual({ from: 2, frames: [] });
  expect([told, line.waitingBytes]).toEqual([['drained'], 0]);
});
