/** Words for what is wrong with a relay's configuration. */
import { environmentName, flagName, settings, type SettingFault, type Source } from '@palmkey/relay/settings';
import type { Detail } from '../../cli-error.ts';
import { forms } from '../relay-setting-words.ts';
import { shown, type Say } from './words.ts';

/** A setting as it is called where it was given. */
export function settingAt(setting: string, source: Source): string {
  if (source === 'flag') return flagName(setting);
  return source === 'environment' ? environmentName(setting) : setting;
}

const at = (detail: Detail): string => settingAt(shown(detail.setting), sourceOf(detail));
const check = (me: string): string => `${me} relay check shows the whole configuration`;

export const relaySettingProblems = {
  'bad-config': (detail) => ({
    problem: `${shown(detail.setting)} is not a configuration`,
    todo: 'It is one JSON object, like {"port": 7722}',
    exit: 'usage',
  }),
  'unknown-setting': (detail, me) => ({
    problem: `there is no setting ${shown(detail.setting)}`,
    todo: detail.found === null ? check(me) : `Was ${shown(detail.found)} meant?`,
    exit: 'usage',
  }),
  'bad-setting': (detail) => ({
    problem: `${at(detail)} cannot be ${detail.found === null ? 'what it is' : shown(detail.found)}`,
    todo: `It is ${formOf(shown(detail.setting))}`,
    exit: 'usage',
  }),
  'unreadable-secret': (detail) => ({
    problem: `cannot read ${at(detail)} from ${shown(detail.found)}`,
    todo: 'Is the path right, is the file readable for this user, and does it hold anything?',
    exit: 'usage',
  }),
  'given-twice': (detail) => ({
    problem: `${at(detail)} and ${settingAt(shown(detail.found), sourceOf(detail))} are both given`,
    todo: 'Leave one of them out',
    exit: 'usage',
  }),
  'needs-setting': (detail) => ({
    problem: `${at(detail)} does nothing without ${shown(detail.found)}`,
    todo: 'Set both, or neither',
    exit: 'usage',
  }),
} as const satisfies Record<SettingFault, Say>;

function sourceOf({ source }: Detail): Source {
  return source === 'flag' || source === 'environment' ? source : 'file';
}

function formOf(setting: string): string {
  const entry = Object.entries(settings).find(([name]) => name === setting);
  return entry === undefined ? forms.path : forms[entry[1].kind.is];
}
