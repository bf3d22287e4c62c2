import type { AccountDeviceView } from '../model/account-view.ts';
import { Icon } from '../parts/icon.tsx';
import { deviceStory, deviceTitle, kindIcon } from './device-words.ts';

/** What a row of a device shows, with or without a link around it: the first run has no router. */
export function DeviceLine({ device, now }: { device: AccountDeviceView; now: number }) {
  return (
    <span className="flex min-w-0 flex-1 items-center gap-3">
      <Icon name={kindIcon(device.kind)} size={24} className="text-muted" />
      <span className="min-w-0 flex-1">
        <span className="flex flex-wrap items-center gap-x-2 font-medium">
          {deviceTitle(device)}
          {device.self && (
            <span className="rounded-md bg-accent-soft px-1.5 text-small font-semibold text-accent">This device</span>
          )}
        </span>
        <span className="block text-small text-muted">{deviceStory(device, now)}</span>
      </span>
    </span>
  );
}
