import { parseAccountId, parseDeviceId, type DeviceId } from '@palmkey/envelope';
import { beforeEach, describe, expect, it } from 'vitest';
import { TestClock } from '../testing/test-clock.ts';
import { Directory } from './directory.ts';
import { isLater, Stamps } from './stamp.ts';

const account = parseAccountId(new Uint8Array(16).fill(9));
const phone = parseDeviceId(new Uint8Array(16).fill(1));
const laptop = parseDeviceId(new Uint8Array(16).fill(2));

describe('Directory', () => {
  let told: [DeviceId, boolean][];
  let directory: Directory;
  beforeEach(() => {
    told = [];
    directory = new Directory((_account, device, present) => told.push([device, present]));
  });

  it('keeps the later of two places, in whichever order they are heard', () => {
    directory.put('b', { device: phone, account, at: 2 });
    directory.put('a', { device: phone, account, at: 1 });
    expect(directory.nodeOf(phone)).toBe('b');
    directory.put('a', { device: phone, account, at: 3 });
    expect(directory.nodeOf(phone)).toBe('a');
    expect(told).toEqual([[phone, true]]);
  });

  it('does not take a leave of a former place or of a former connection', () => {
    directory.put('a', { device: phone, account, at: 1 });
    directory.put('b', { device: phone, account, at: 2 });
    directory.remove('a', phone, 1);
    directory.put('b', { device: phone, account, at: 5 });
    directory.remove('b', phone, 2);
    expect(directory.nodeOf(phone)).toBe('b');
    directory.remove('b', phone, 5);
    expect(told).toEqual([
      [phone, true],
      [phone, false],
    ]);
  });

  it('replaces all that a node had, but for what came later', () => {
    directory.put('a', { device: phone, account, at: 1 });
    directory.put('a', { device: laptop, account, at: 9 });
    directory.replaceAll('a', [], 5);
    expect(directory.devicesOf(account)).toEqual([laptop]);
    directory.removeNode('a');
    expect(directory.devicesOf(account)).toEqual([]);
    expect(told.at(-1)).toEqual([laptop, false]);
  });
});

describe('Stamps', () => {
  it('gives times later than all that were given or heard, although the clock stands or goes back', () => {
    const stamps = new Stamps(new TestClock());
    const first = stamps.next();
    expect(stamps.next()).toBeGreaterThan(first);
    stamps.heard(first + 1_000_000);
    expect(stamps.next()).toBe(first + 1_000_001);
  });

  it('isLater puts any two different stamps into one order', () => {
    const one = { at: 5, node: 'a' };
    expect(isLater({ at: 5, node: 'b' }, one)).toBe(true);
    expect(isLater(one, { at: 5, node: 'b' })).toBe(false);
    expect(isLater({ at: 6, node: '0' }, one)).toBe(true);
    expect(isLater(one, one)).toBe(false);
  });
});
