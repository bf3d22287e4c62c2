/** What is said of a relay's backup. */
import type { Manifest } from '@palmkey/relay';
import type { Paint } from './paint.ts';
import { moment } from './times.ts';
import { visible } from './visible.ts';

const many = (count: number, word: string): string => `${count} ${word}${count === 1 ? '' : 's'}`;

export const backupWords = {
  made: (file: string, { devices, accounts, bytes }: Manifest, paint: Paint): string[] => [
    `Wrote ${visible(file)}`,
    `  ${paint.quiet(`${many(accounts, 'account')}, ${many(devices, 'device')}, ${size(bytes)}; ${visible(file)}.json beside it belongs to it`)}`,
    `  ${paint.quiet('It holds what the relay knows: keep it as you keep the relay')}`,
  ],
  dumped: (command: string, file: string, paint: Paint): string[] => [
    `Wrote ${visible(file)}`,
    `  ${paint.quiet(`by ${visible(command)}`)}`,
  ],
  restored: (
    store: string,
    former: string | null,
    { createdAt, devices, accounts }: Manifest,
    now: number,
    paint: Paint,
  ): string[] => [
    `Restored ${visible(store)} as it was at ${moment(createdAt, now)}: ${many(accounts, 'account')}, ${many(devices, 'device')}`,
    ...(former === null ? [] : [`  Kept the former one as ${visible(former)}`]),
    `  ${paint.quiet('Devices that were removed since then are known again, and those that came since then are not')}`,
  ],
} as const;

function size(bytes: number): string {
  return bytes < 1024 * 1024 ? `${Math.ceil(bytes / 1024)} KiB` : `${Math.ceil(bytes / 1024 / 1024)} MiB`;
}
