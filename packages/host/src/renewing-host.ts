/**
 * A host that starts anew when its device keys become others, open or locked: with new ones when its computer is out of
 * its account, since the old ones are never let in again (spec/account.md) and the relay may know them as removed; and
 * when the passphrase is given, or what it opened is to be forgotten.
 */
import type { PublicDevice } from '@palmkey/core/devices';
import { endRenewing, whileRenewing } from './control/renewing-mark.ts';
import type { Host, HostOptions } from './host.ts';
import { DeviceLock } from './keys/device-lock.ts';
import { prepareDevice } from './keys/prepare-device.ts';
import { paths } from './paths.ts';
import { startHost } from './start-host.ts';

/** Lets a computer's relay know it by these keys, before the host connects. */
export type Introduce = (device: PublicDevice) => Promise<unknown>;

/**
 * Starts the host of a folder, and starts it again whenever its computer is out of its account and no phone knows its keys,
 * and whenever the keys are opened or locked.
 * @throws StateError, AgentStartError as `startHost`, and what `introduce` throws.
 */
export async function startRenewingHost(options: HostOptions, introduce: Introduce): Promise<Host> {
  const host = new RenewingHost(options, introduce);
  await host.begin();
  return host;
}

class RenewingHost implements Host {
  readonly #options: HostOptions;
  readonly #introduce: Introduce;
  /** Outlives the daemons: what opens the keys goes from one to the next. */
  readonly #lock: DeviceLock;
  readonly #listeners = new Set<() => void>();
  /** One thing after the other: beginning, renewing, the end. */
  #last: Promise<void> = Promise.resolve();
  #host: Host | undefined;
  #closing = false;

  constructor(options: HostOptions, introduce: Introduce) {
    this.#options = options;
    this.#introduce = introduce;
    this.#lock = new DeviceLock(options);
  }

  async begin(): Promise<void> {
    await this.#start();
    endRenewing(paths(this.#options.home).controlSocket);
  }

  async #start(): Promise<void> {
    const { home } = this.#options;
    await this.#introduce(prepareDevice(home, this.#lock));
    const renew = () => this.#renew();
    this.#host = await startHost({ ...this.#options, onOver: renew, onKeys: renew }, this.#lock);
    this.#host.onChange(() => this.#tell());
  }

  get device(): PublicDevice {
    return this.#current.device;
  }

  status(): ReturnType<Host['status']> {
    return this.#current.status();
  }

  userKeys(): ReturnType<Host['userKeys']> {
    return this.#current.userKeys();
  }

  onChange(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  async close(): Promise<void> {
    this.#closing = true;
    const renewed = this.#last;
    this.#last = renewed.catch(() => undefined).then(() => this.#host?.close());
    await this.#last;
    this.#lock[Symbol.dispose]();
    // Why it could not go on, where it could not.
    await renewed;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  get #current(): Host {
    if (this.#host === undefined) throw new RangeError('a host that has not begun');
    return this.#host;
  }

  #tell(): void {
    for (const listener of [...this.#listeners]) listener();
  }

  #renew(): void {
    if (this.#closing) return;
    const { controlSocket } = paths(this.#options.home);
    const before = this.#last;
    // Whoever calls meanwhile waits for the new one, from this very moment on.
    const renewed = whileRenewing(controlSocket, async () => {
      await before;
      // Who has brought it about is answered first.
      await new Promise((resolve) => setImmediate(resolve));
      await this.#current.close();
      await this.#start();
    });
    this.#last = renewed.then(() => this.#tell());
    // It is told when this host is closed, which is now: without a daemon nothing can be asked.
    this.#last.catch(() => this.#options.onStop?.());
  }
}
