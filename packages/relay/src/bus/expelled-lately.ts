import type { DeviceId } from '@palmkey/envelope';
import type { Expelled } from './announcement.ts';
import type { ExpelCode } from './bus.ts';
import { deviceKey } from '../device-key.ts';

/** How long a removal is repeated to nodes that were away, and how many are. */
const REMEMBERED_MS = 10 * 60_000;
const MOST = 1_024;

/** Whom this node has heard to be expelled, so that a node that was away when it was said still hears of it. */
export class ExpelledLately {
  readonly #byDevice = new Map<string, Expelled>();

  add(device: DeviceId, code: ExpelCode, at: number): void {
    const key = deviceKey(device);
    this.#byDevice.delete(key);
    this.#byDevice.set(key, { device, code, at });
    const oldest = this.#byDevice.keys().next();
    if (this.#byDevice.size > MOST && oldest.done !== true) this.#byDevice.delete(oldest.value);
  }

  /** Those since ten minutes before `now`, ms since 1970 UTC. */
  list(now: number): Expelled[] {
    for (const [key, { at }] of this.#byDevice) if (at < now - REMEMBERED_MS) this.#byDevice.delete(key);
    return [...this.#byDevice.values()];
  }
}
