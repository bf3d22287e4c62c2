import type { AccountId, DeviceId } from '@palmkey/envelope';
import { deviceKey } from '../device-key.ts';
import { isLater } from './stamp.ts';

/** A device that is connected at a node. */
export interface Presence {
  readonly device: DeviceId;
  readonly account: AccountId;
  /** When it connected there, as {@link Stamp}. */
  readonly at: number;
}

interface Placed extends Presence {
  readonly node: string;
}

type OnPresence = (account: AccountId, device: DeviceId, present: boolean) => void;

/** Which devices are connected at other nodes, as far as this one has heard. */
export class Directory {
  readonly #onPresence: OnPresence;
  readonly #places = new Map<string, Placed>();
  readonly #byNode = new Map<string, Set<string>>();
  readonly #byAccount = new Map<string, Set<string>>();

  constructor(onPresence: OnPresence) {
    this.#onPresence = onPresence;
  }

  /** At which node a device is, if at any other. */
  nodeOf(device: DeviceId): string | undefined {
    return this.#places.get(deviceKey(device))?.node;
  }

  devicesOf(account: AccountId): DeviceId[] {
    const devices: DeviceId[] = [];
    for (const key of this.#byAccount.get(deviceKey(account)) ?? []) {
      const place = this.#places.get(key);
      if (place) devices.push(place.device);
    }
    return devices;
  }

  /** A device is at a node, unless it is known to have gone elsewhere after that. */
  put(node: string, presence: Presence): void {
    const key = deviceKey(presence.device);
    const former = this.#places.get(key);
    const place = { ...presence, node };
    if (former && !isLater(place, former)) return;
    if (former) this.#unlink(key, former);
    this.#places.set(key, place);
    linked(this.#byNode, node).add(key);
    linked(this.#byAccount, deviceKey(presence.account)).add(key);
    if (!former) this.#onPresence(place.account, place.device, true);
  }

  /** A device has left a node; if it was there since `at` or before. */
  remove(node: string, device: DeviceId, at: number): void {
    const key = deviceKey(device);
    const place = this.#places.get(key);
    if (place?.node !== node || place.at > at) return;
    this.#unlink(key, place);
    this.#places.delete(key);
    this.#onPresence(place.account, place.device, false);
  }

  /** These are all the devices that were at a node at a time; what came later stays. */
  replaceAll(node: string, presences: readonly Presence[], at: number): void {
    const named = new Set(presences.map(({ device }) => deviceKey(device)));
    for (const key of [...(this.#byNode.get(node) ?? [])]) {
      const place = this.#places.get(key);
      if (place && !named.has(key)) this.remove(node, place.device, at);
    }
    for (const presence of presences) this.put(node, presence);
  }

  /** A node is gone with all its devices. */
  removeNode(node: string): void {
    this.replaceAll(node, [], Infinity);
  }

  #unlink(key: string, place: Placed): void {
    unlinked(this.#byNode, place.node, key);
    unlinked(this.#byAccount, deviceKey(place.account), key);
  }
}

function linked(index: Map<string, Set<string>>, name: string): Set<string> {
  const set = index.get(name) ?? new Set();
  index.set(name, set);
  return set;
}

function unlinked(index: Map<string, Set<string>>, name: string, key: string): void {
  const set = index.get(name);
  set?.delete(key);
  if (set?.size === 0) index.delete(name);
}
