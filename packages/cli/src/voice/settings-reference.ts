/** The reference of a relay's settings in docs/operators.md, made from the table that the relay itself reads. */
import { environmentName, fileKey, flagName, settingNames, settings, type SettingName } from '@palmkey/relay/settings';
import { forms, settingWords } from './relay-setting-words.ts';

const begin = '<!-- settings: written by npm run reference -->';
const end = '<!-- end of settings -->';

/** A page with the reference in its place. Throws where the page has no place for it. */
export function withReference(page: string): string {
  const [before, rest = ''] = page.split(begin);
  const [, after] = rest.split(end);
  if (before === undefined || after === undefined) throw new Error('the page has no place for the settings');
  return `${before}${begin}\n${settingsReference()}\n${end}${after}`;
}

function settingsReference(): string {
  const rows = settingNames.map((name) => [`\`${name}\``, given(name), defaultOf(name), said(name)]);
  return [
    '',
    ...[['in the file', 'flag, environment', 'else', ''], ['---', '---', '---', '---'], ...rows].map(row),
    '',
  ].join('\n');
}

function row(cells: readonly string[]): string {
  return `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
}

function given(name: SettingName): string {
  const { secret } = settings[name];
  const ways = (key: string) => [`\`${flagName(key)}\``, `\`${environmentName(key)}\``];
  const own = secret === 'whole' ? [`\`${environmentName(name)}\``] : ways(name);
  return [...own, ...(secret === null ? [] : ways(fileKey(name)))].join('<br>');
}

function defaultOf(name: SettingName): string {
  const { fallback } = settings[name];
  if (fallback === undefined || (Array.isArray(fallback) && fallback.length === 0)) return '–';
  return `\`${String(fallback)}\``;
}

function said(name: SettingName): string {
  const { kind, secret } = settings[name];
  const file = secret === null ? '' : `, or \`${fileKey(name)}\` with the path of a file that holds it`;
  const words = settingWords[name];
  return `${words[0]?.toUpperCase() ?? ''}${words.slice(1)}. *${forms[kind.is]}${file}*`;
}
