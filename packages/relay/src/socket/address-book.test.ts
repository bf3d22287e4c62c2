import { parseAccountId, parseDeviceId, type AccountId, type DeviceId } from '@palmkey/envelope';
import { expect, test } from 'vitest';
import { AddressBook } from './address-book.ts';
import { deviceKey } from '../device-key.ts';

const device = (byte: number) => parseDeviceId(new Uint8Array(16).fill(byte));
const account = parseAccountId(new Uint8Array(16).fill(9));

/** A store that answers when it is told to. */
class SlowStore {
  asked = 0;
  readonly #answers: (() => void)[] = [];
  known = true;

  accountOf(_device: DeviceId): Promise<AccountId | null> {
    return this.#later(() => (this.known ? account : null));
  }

  devicesOf(_account: AccountId): Promise<readonly DeviceId[]> {
    return this.#later(() => [device(1), device(2)]);
  }

  async answer(): Promise<void> {
    for (const each of this.#answers.splice(0)) each();
    await new Promise((resolve) => setImmediate(resolve));
  }

  #later<T>(value: () => T): Promise<T> {
    this.asked++;
    return new Promise((resolve) => this.#answers.push(() => resolve(value())));
  }
}

test('a device is asked for once, and those who ask meanwhile are answered in their order', async () => {
  const store = new SlowStore();
  const book = new AddressBook(store, 10);
  const order: number[] = [];
  for (const number of [1, 2, 3]) book.ask(device(1), () => order.push(number));
  expect(book.knows(deviceKey(device(1)))).toBe(false);
  await store.answer();
  expect([store.asked, order, book.knows(deviceKey(device(1)))]).toEqual([1, [1, 2, 3], true]);
});

test('what the store said before a change is not remembered', async () => {
  const store = new SlowStore();
  const book = new AddressBook(store, 10);
  book.ask(device(1), () => undefined);
  book.devicesOf(account, () => undefined);
  book.dropDevice(device(1));
  await store.answer();
  expect(book.knows(deviceKey(device(1)))).toBe(false);
  book.devicesOf(account, () => undefined);
  expect(store.asked).toBe(3);
});

test('a store that fails makes nobody unknown', async () => {
  const failing = {
    accountOf: () => Promise.reject(new Error('down')),
    devicesOf: () => Promise.reject(new Error('down')),
  };
  const book = new AddressBook(failing, 10);
  expect(await new Promise((resolve) => book.ask(device(1), resolve))).toBe('unavailable');
  expect(await new Promise((resolve) => book.devicesOf(account, resolve))).toBe('unavailable');
});

test('no more are remembered than may be: the oldest gives way', async () => {
  const store = new SlowStore();
  const book = new AddressBook(store, 2);
  for (const byte of [1, 2, 3]) book.ask(device(byte), () => undefined);
  await store.answer();
  expect([1, 2, 3].map((byte) => book.knows(deviceKey(device(byte))))).toEqual([false, true, true]);
});
