import { describe, expect, test } from 'vitest';
import type { AccountDeviceView } from '../model/account-view.ts';
import { deviceStory, deviceTitle } from './device-words.ts';

const now = new Date(2026, 6, 1).getTime();
const device: AccountDeviceView = {
  id: 'c3'.repeat(16),
  name: 'Tablet at home',
  kind: 'tablet',
  self: false,
  addedAt: new Date(2026, 2, 12).getTime(),
  addedBy: 'Pixel',
  revoked: null,
};

describe('deviceTitle', () => {
  test('is the name', () => expect(deviceTitle(device)).toBe('Tablet at home'));
  test('is kind and id where the name is not here', () => {
    expect(deviceTitle({ ...device, name: null })).toBe('Tablet c3c3c3c3');
  });
  test('of a paper key is that of the words, whatever it is called', () => {
    expect(deviceTitle({ ...device, kind: 'paper', name: 'note' })).toBe('Recovery words');
  });
});

describe('deviceStory', () => {
  test('says who added it', () => expect(deviceStory(device, now)).toBe('Added by Pixel, 12 Mar'));
  test('of the first device names nobody', () => {
    expect(deviceStory({ ...device, addedBy: null }, now)).toBe('Since 12 Mar');
  });
  test('of a removed device says who removed it', () => {
    const at = new Date(2026, 4, 2).getTime();
    expect(deviceStory({ ...device, revoked: { at, by: 'Pixel' } }, now)).toBe('Removed by Pixel, 2 May');
    expect(deviceStory({ ...device, revoked: { at, by: null } }, now)).toBe('Removed by another device, 2 May');
  });
});
