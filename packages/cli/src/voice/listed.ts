import { visible } from './visible.ts';

/** Names of others as a list: `Pixel`, `Pixel and iPad`, `Pixel, iPad or Tablet`. */
export function listed(names: readonly string[], word: 'and' | 'or' = 'and'): string {
  const shown = names.map(visible);
  const last = shown.at(-1) ?? '';
  return shown.length < 2 ? last : `${shown.slice(0, -1).join(', ')} ${word} ${last}`;
}
