import { execFileSync } from 'node:child_process';
import { expect, test } from 'vitest';

/** In a process of its own, whose heap has not grown yet; prints MiB. */
const program = (first: string) => `
  import { getHeapSpaceStatistics } from 'node:v8';
  import { HeapRoom, keepYoungHeapSmall } from '${new URL('young-heap.ts', import.meta.url).href}';
  import { TestClock } from '${new URL('testing/test-clock.ts', import.meta.url).href}';
  ${first}
  const rounds = [];
  for (let round = 0; round < 3; round++) rounds.push(Array.from({ length: 300_000 }, (_, at) => ({ at })));
  const young = getHeapSpaceStatistics().find(({ space_name: name }) => name === 'new_space');
  console.log(Math.round(young.space_size / 2 ** 20));
`;

function youngMib(first: string): number {
  const args = ['--import', 'tsx', '--input-type=module', '-e', program(first)];
  return Number(execFileSync(process.execPath, args, { encoding: 'utf8' }));
}

test('keepYoungHeapSmall holds the young space where it would grow', () => {
  expect(youngMib('')).toBeGreaterThan(8);
  expect(youngMib('keepYoungHeapSmall();')).toBeLessThan(8);
}, 60_000);

const mailed = (messages: number) => `
  keepYoungHeapSmall();
  let taken = 0;
  const clock = new TestClock();
  new HeapRoom(clock, () => taken);
  for (let second = 0; second < 5; second++) {
    taken += ${messages};
    clock.advance(1_000);
  }
`;

test('HeapRoom lets it grow once there is much mail, and not before', () => {
  expect(youngMib(mailed(5_001))).toBeGreaterThan(8);
  expect(youngMib(mailed(5_000))).toBeLessThan(8);
}, 60_000);
