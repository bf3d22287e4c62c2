import { sealedBody, toHex } from '@palmkey/envelope';
import type { OutboxMessage } from '@palmkey/relay-client';
import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { tempFolder } from '../testing/temp-folder.ts';
import { TestDisk } from '../testing/test-disk.ts';
import { testDevice } from '../testing/test-phone.ts';
import { OutboxFile } from './outbox-file.ts';

const { id } = testDevice();
const body = sealedBody(Uint8Array.of(1, 2, 3));
const message = (number: number): OutboxMessage => ({ number, to: id, body, expiresAt: 5_000 });

let folder: ReturnType<typeof tempFolder>;
let path: string;

beforeEach(() => {
  folder = tempFolder();
  path = folder.at('outbox.json');
});
afterEach(() => folder[Symbol.dispose]());

const numbers = (file: OutboxFile, relay: string) =>
  file
    .of(relay)
    .messages()
    .map(({ number }) => number);

test('what was put in is there after a restart, for its relay, in its order, until it is removed', async () => {
  const first = new OutboxFile(path);
  for (const number of [9, 3, 7]) await first.of('a').put(message(number));
  await first.of('b').put({ ...message(4), to: null });
  expect(statSync(path).mode & 0o777).toBe(0o600);
  const second = new OutboxFile(path);
  expect([numbers(second, 'a'), numbers(second, 'b'), second.relays()]).toEqual([[9, 3, 7], [4], ['a', 'b']]);
  const [kept] = second.of('a').messages();
  expect([toHex(kept!.to!), [...kept!.body], kept!.expiresAt]).toEqual([toHex(id), [1, 2, 3], 5_000]);
  expect(second.of('b').messages()[0]!.to).toBeNull();
  second.of('a').remove(3);
  await second.of('a').idle();
  expect(numbers(new OutboxFile(path), 'a')).toEqual([9, 7]);
});

test('on a full disk a message is not taken, and what is there stays', async () => {
  const disk = new TestDisk();
  const file = new OutboxFile(path, disk);
  await file.of('a').put(message(1));
  disk.full = true;
  await expect(file.of('a').put(message(2))).rejects.toMatchObject({
    code: 'not-kept',
    cause: { code: 'not-writable' },
  });
  expect(numbers(file, 'a')).toEqual([1]);
  disk.full = false;
  await file.of('a').put(message(3));
  expect(numbers(new OutboxFile(path), 'a')).toEqual([1, 3]);
});

test('a file that is broken, or newer, is not taken for an empty one', async () => {
  await new OutboxFile(path).of('a').put(message(1));
  const good = readFileSync(path, 'utf8');
  for (const broken of [
    good.slice(0, -9),
    good.replace(/"to": "../, '"to": "'),
    good.replace('"number": 1', '"number": 0'),
    good.replace('"expiresAt": 5000', '"expiresAt": 1e999'),
  ]) {
    writeFileSync(path, broken);
    expect(() => new OutboxFile(path)).toThrow(expect.objectContaining({ code: 'state-broken' }));
  }
  writeFileSync(path, good.replace('"v": 1', '"v": 2'));
  expect(() => new OutboxFile(path)).toThrow(expect.objectContaining({ code: 'newer-state' }));
});
