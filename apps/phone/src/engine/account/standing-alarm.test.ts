import { expect, test } from 'vitest';
import { quiet } from '../testing/fake-browser.ts';
import { FakeClock } from '../testing/fake-clock.ts';
import { StandingAlarm } from './standing-alarm.ts';

const noHead = { code: 'no-head', seqno: 3 } as const;
const forked = { code: 'forked', seqno: 2 } as const;

function alarm() {
  const clock = new FakeClock();
  const log: string[] = [];
  const it: StandingAlarm = new StandingAlarm(clock, {
    onChange: () => void log.push(it.current?.code ?? 'none'),
    onAskAgain: () => void log.push('ask again'),
  });
  const pass = async (ms: number) => {
    clock.advance(ms);
    await quiet();
  };
  return { it, log, pass };
}

test.each([
  [noHead, 5_000],
  [forked, 30_000],
])('an alarm has the relay asked again once, after its time: %o', async (raised, ms) => {
  const { it, log, pass } = alarm();
  it.raise(raised, { askAgain: true });
  await pass(ms - 1);
  expect(log).toEqual([raised.code]);
  await pass(1);
  await pass(60_000);
  expect(log).toEqual([raised.code, 'ask again']);
});

test('an alarm that is raised anew has the relay asked by the last one’s time', async () => {
  const { it, log, pass } = alarm();
  it.raise(noHead, { askAgain: true });
  it.raise(forked, { askAgain: true });
  await pass(29_999);
  expect(log).toEqual(['no-head', 'forked']);
  await pass(1);
  expect(log.at(-1)).toBe('ask again');
});

test.each(['cleared', 'closed', 'not for the relay'] as const)('an alarm that is %s asks nobody', async (how) => {
  const { it, log, pass } = alarm();
  it.raise(forked, { askAgain: how !== 'not for the relay' });
  if (how === 'cleared') it.clear();
  if (how === 'closed') it.close();
  await pass(60_000);
  expect(log).not.toContain('ask again');
});

test('an alarm that does not stand is cleared without a word', () => {
  const { it, log } = alarm();
  it.clear();
  expect(log).toEqual([]);
});
