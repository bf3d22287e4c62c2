import type { AccountId, DeviceId } from '@palmkey/envelope';
import { deviceKey } from '../device-key.ts';
import type { AccountBook } from './order-ports.ts';

/** What an answer is where the store gives none. */
export type Unavailable = 'unavailable';

/**
 * What is remembered of an {@link AccountBook}, so that mail asks the store once for each device and account. What is
 * asked while the store answers waits for that answer, in its order. Bounded: the oldest gives way.
 */
export class AddressBook {
  readonly #book: AccountBook;
  readonly #max: number;
  readonly #known = new Set<string>();
  readonly #accounts = new Map<string, readonly DeviceId[]>();
  /** Who waits for an answer, by device and by account. */
  readonly #askingKnown = new Map<string, ((known: boolean | Unavailable) => void)[]>();
  readonly #askingAccounts = new Map<string, ((devices: readonly DeviceId[] | Unavailable) => void)[]>();
  /** Goes on with each change, so that an answer from before it is not remembered. */
  #changes = 0;

  constructor(book: AccountBook, max: number) {
    this.#book = book;
    this.#max = max;
  }

  /** Whether a device is known for sure, without asking: nothing waits that was said before. */
  knows(key: string): boolean {
    return this.#known.has(key) && !this.#askingKnown.has(key);
  }

  /** Whether the relay knows a device. */
  ask(device: DeviceId, then: (known: boolean | Unavailable) => void): void {
    const key = deviceKey(device);
    const waiting = this.#askingKnown.get(key);
    if (waiting) {
      waiting.push(then);
      return;
    }
    this.#askingKnown.set(key, [then]);
    const changes = this.#changes;
    this.#book.accountOf(device).then(
      (account) => {
        if (account && changes === this.#changes) this.#remember(key);
        answer(this.#askingKnown, key, account !== null);
      },
      () => {
        answer(this.#askingKnown, key, 'unavailable');
      },
    );
  }

  /** The devices of an account. Calls `then` at once where it is remembered. */
  devicesOf(account: AccountId, then: (devices: readonly DeviceId[] | Unavailable) => void): void {
    const key = deviceKey(account);
    const waiting = this.#askingAccounts.get(key);
    const remembered = this.#accounts.get(key);
    if (waiting) {
      waiting.push(then);
    } else if (remembered) {
      then(remembered);
    } else {
      this.#askingAccounts.set(key, [then]);
      const changes = this.#changes;
      this.#book.devicesOf(account).then(
        (devices) => {
          if (changes === this.#changes) this.#rememberAccount(key, devices);
          answer(this.#askingAccounts, key, devices);
        },
        () => {
          answer(this.#askingAccounts, key, 'unavailable');
        },
      );
    }
  }

  /** A device is not known any more, or may not be. */
  dropDevice(device: DeviceId): void {
    this.#changes++;
    this.#known.delete(deviceKey(device));
  }

  /** An account has other devices. */
  dropAccount(account: AccountId): void {
    this.#changes++;
    this.#accounts.delete(deviceKey(account));
  }

  #remember(key: string): void {
    this.#known.add(key);
    const [oldest] = this.#known;
    if (this.#known.size > this.#max && oldest !== undefined) this.#known.delete(oldest);
  }

  #rememberAccount(key: string, devices: readonly DeviceId[]): void {
    this.#accounts.set(key, devices);
    const [oldest] = this.#accounts.keys();
    if (this.#accounts.size > this.#max && oldest !== undefined) this.#accounts.delete(oldest);
  }
}

function answer<T>(asking: Map<string, ((answer: T) => void)[]>, key: string, value: T): void {
  const waiting = asking.get(key) ?? [];
  // One that asks again from within is to be in turn behind those who waited.
  for (const then of waiting) then(value);
  asking.delete(key);
}
