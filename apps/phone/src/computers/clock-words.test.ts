import { describe, expect, test } from 'vitest';
import { fixtureComputers } from '../model/fixture-data.ts';
import type { ComputerView } from '../model/model.ts';
import { clockNotices } from './clock-words.ts';

const HOUR_MS = 3_600_000;
const [some] = fixtureComputers();
const computer = (name: string, skewMs: number | null, reach: ComputerView['reach'] = 'relay-only'): ComputerView => ({
  ...(some ?? expect.unreachable()),
  id: name,
  name,
  reach,
  skewMs,
});
const titles = (...computers: readonly ComputerView[]) =>
  clockNotices(computers).map(({ title }) => title.replaceAll('\u00a0', ' '));

describe('clockNotices', () => {
  test('says nothing where no clock is known to be off', () => {
    expect(titles(computer('laptop', null, 'here'), computer('desk', null))).toEqual([]);
  });
  test('of one computer says how far apart the two are, and blames neither', () => {
    expect(titles(computer('laptop', 5 * HOUR_MS + 1_234))).toEqual(['This device’s clock is 5 h ahead of laptop’s']);
    const [notice] = clockNotices([computer('laptop', -26 * HOUR_MS)]);
    expect(notice?.title).toBe('This device’s clock is 1\u00a0d\u00a02\u00a0h behind laptop’s');
    expect(notice?.text).toContain('Set the one that is wrong');
  });
  test('of several that agree with each other says that it is this one', () => {
    const notices = clockNotices([computer('laptop', 5 * HOUR_MS), computer('desk', 5 * HOUR_MS + 90_000)]);
    expect(notices.map(({ title }) => title)).toEqual(['This device’s clock is 5\u00a0h ahead']);
    expect(notices[0]?.text).toContain('laptop, desk agree');
  });
  test('of several that do not agree says each', () => {
    expect(titles(computer('laptop', 5 * HOUR_MS), computer('desk', -HOUR_MS))).toHaveLength(2);
  });
  test('says that it is the computer’s where another one agrees with this device', () => {
    const notices = clockNotices([computer('laptop', 5 * HOUR_MS), computer('desk', null, 'here')]);
    expect(notices.map(({ title }) => title)).toEqual(['The clock of laptop is 5\u00a0h behind']);
    expect(notices[0]?.text).toContain('Set its clock');
  });
});
