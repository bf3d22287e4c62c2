import { describe, expect, it } from 'vitest';
import { homeFolder } from './home-folder.ts';

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
