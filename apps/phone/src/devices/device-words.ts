/** How a device of the account is put into words. */
import type { AccountDeviceKind, AccountDeviceView } from '../model/account-view.ts';
import { formatDate } from '../parts/format.ts';
import type { IconName } from '../parts/icon.tsx';

const kinds: Record<AccountDeviceKind, { word: string; icon: IconName }> = {
  phone: { word: 'Phone', icon: 'phone' },
  tablet: { word: 'Tablet', icon: 'tablet' },
  browser: { word: 'Browser', icon: 'browser' },
  computer: { word: 'Computer', icon: 'computer' },
  paper: { word: 'Recovery words', icon: 'paper' },
};

export function kindWord(kind: AccountDeviceKind): string {
  return kinds[kind].word;
}

export function kindIcon(kind: AccountDeviceKind): IconName {
  return kinds[kind].icon;
}

/** Its name, or where that is not here its kind with the beginning of its id. */
export function deviceTitle({ kind, name, id }: Pick<AccountDeviceView, 'kind' | 'name' | 'id'>): string {
  if (kind === 'paper') return kinds.paper.word;
  return name ?? `${kinds[kind].word} ${id.slice(0, 8)}`;
}

/** Who added it and when; for one that was removed, who did that and when. */
export function deviceStory(device: AccountDeviceView, now: number): string {
  if (device.revoked !== null) {
    return `Removed by ${device.revoked.by ?? 'another device'}, ${formatDate(device.revoked.at, now)}`;
  }
  const date = formatDate(device.addedAt, now);
  return device.addedBy === null ? `Since ${date}` : `Added by ${device.addedBy}, ${date}`;
}
