import { describe, expect, it } from 'vitest';
import { homeFolder, meAt } from './home-folder.ts';

const on = (platform: NodeJS.Platform, env = {}) => ({ platform, env, userFolder: '/home/ada' });

describe('homeFolder', () => {
  it.each([
    ['the option before all', '/a', on('linux', { PALMKEY_HOME: '/b' }), '/a'],
    ['PALMKEY_HOME', undefined, on('darwin', { PALMKEY_HOME: '/b' }), '/b'],
    ['XDG_STATE_HOME', undefined, on('linux', { XDG_STATE_HOME: '/s' }), '/s/palmkey'],
    [
      'a relative XDG_STATE_HOME is ignored',
      undefined,
      on('linux', { XDG_STATE_HOME: 's' }),
      '/home/ada/.local/state/palmkey',
    ],
    ['Linux', undefined, on('linux'), '/home/ada/.local/state/palmkey'],
    ['macOS', undefined, on('darwin'), '/home/ada/Library/Application Support/Palmkey'],
  ])('%s', (_, option, surroundings, expected) => expect(homeFolder(option, surroundings)).toBe(expected));
});

describe('meAt', () => {
  const cli = { ...on('linux', { PALMKEY_HOME: '/b c' }), me: 'palmkey' };

  it('is the bare command where everything stands where one would look', () =>
    expect(meAt('/home/ada/.local/state/palmkey', cli)).toBe('palmkey'));

  it('names a home that only this shell knows, as a word for a shell', () =>
    expect(meAt('/b c', cli)).toBe("palmkey --home '/b c'"));
});
