import { FrameError, MAX_PUSH_BYTES, parseAccountId, RelayError, toBase64Url, type DeviceId } from '@palmkey/envelope';
import { pino } from 'pino';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Member } from '../socket/order-ports.ts';
import { openDatabase, type Database } from '../store/database.ts';
import { PushStore } from '../store/push-store.ts';
import { SecretStore } from '../store/secret-store.ts';
import { PushService } from '../testing/push-service.ts';
import { TestClock } from '../testing/test-clock.ts';
import { TestDevice } from '../testing/test-device.ts';
import { PushDesk } from './push-desk.ts';
import { PushServices } from './push-services.ts';
import { vapidKeys } from './vapid.ts';
import { WebPush } from './web-push.ts';

const member = (device: DeviceId): Member => ({ device, account: parseAccountId(device) });
const [host, phone] = [member(new TestDevice().id), member(new TestDevice().id)];
const body = Uint8Array.of(1, 2, 3);
let database: Database;
let port: WebPush;
let service: PushService;
let store: PushStore;
let clock: TestClock;
let desk: PushDesk;
let reads: boolean;
let log: string[];

beforeEach(async () => {
  service = await PushService.start();
  database = await openDatabase(':memory:');
  store = new PushStore(database);
  clock = new TestClock();
  reads = false;
  log = [];
  port = new WebPush({
    keys: await vapidKeys(new SecretStore(database)),
    contact: 'mailto:operator@relay.example',
    services: new PushServices([service.host]),
    withinMs: 20_000,
    ca: service.ca,
  });
  desk = new PushDesk({
    clock,
    store,
    service: port,
    reads: () => Promise.resolve(reads),
    logger: pino({ level: 'trace' }, { write: (line: string) => log.push(line) }),
  });
});
afterEach(async () => {
  port[Symbol.dispose]();
  await service[Symbol.asyncDispose]();
  await database.close();
});

const codeOf = async (work: Promise<unknown>): Promise<string> => {
  const error: unknown = await work.then(
    () => null,
    (thrown: unknown) => thrown,
  );
  if (error instanceof RelayError || error instanceof FrameError) return error.code;
  throw new Error('no error of the relay', { cause: error });
};

test('a device that is away is reached where it registered, with the lifetime as TTL', async () => {
  const registration = service.subscribe();
  await desk.register(phone, registration);
  expect(await desk.push(host, phone.device, body, 90)).toBe('handed');
  const push = await service.next();
  expect(push).toMatchObject({ endpoint: registration.endpoint, ttlS: 90, urgency: 'high' });
  expect(push.payload.toString()).toBe(toBase64Url(body));
  expect(push.vapid.key).toBe(port.publicKey);
});

test('a lifetime beyond the longest is cut to it', async () => {
  await desk.register(phone, service.subscribe());
  await desk.push(host, phone.device, body, 2 ** 32 - 1);
  expect(await service.next()).toMatchObject({ ttlS: 3600 });
});

test.each([
  ['takes what comes', true, 'connected'],
  ['is away or asleep', false, 'handed'],
])('a device that %s', async (_, takes, outcome) => {
  await desk.register(phone, service.subscribe());
  reads = takes;
  expect(await desk.push(host, phone.device, body, 90)).toBe(outcome);
  expect(service.requests).toBe(outcome === 'handed' ? 1 : 0);
});

test('a device that has not registered, or not any more, has no registration', async () => {
  expect(await desk.push(host, phone.device, body, 90)).toBe('no-registration');
  await desk.register(phone, service.subscribe());
  await desk.register(phone, null);
  expect(await desk.push(host, phone.device, body, 90)).toBe('no-registration');
});

test('a device that registers anew is reached there alone', async () => {
  const [former, latter] = [service.subscribe(), service.subscribe()];
  await desk.register(phone, former);
  await desk.register(phone, latter);
  await desk.push(host, phone.device, body, 90);
  expect(await service.next()).toMatchObject({ endpoint: latter.endpoint });
});

test('a push service that the relay does not know, or a key to which nothing can be encrypted, is refused', async () => {
  const registration = service.subscribe();
  const elsewhere = { ...registration, endpoint: 'https://169.254.169.254/latest' };
  expect(await codeOf(desk.register(phone, elsewhere))).toBe('push-refused');
  expect(await codeOf(desk.register(phone, { ...registration, p256dh: new Uint8Array(65).fill(4) }))).toBe(
    'push-refused',
  );
  expect(await store.find(phone.device)).toBeNull();
});

test.each([404, 410])('a registration whose service answers %i is removed', async (status) => {
  await desk.register(phone, service.subscribe());
  service.answer = { status };
  expect(await desk.push(host, phone.device, body, 90)).toBe('no-registration');
  expect(await store.find(phone.device)).toBeNull();
});

test('a registration made while the former one turns out dead stays', async () => {
  const [former, latter] = [service.subscribe(), service.subscribe()];
  await desk.register(phone, latter);
  await store.removeDead(phone.device, former.endpoint);
  expect(await store.find(phone.device)).toMatchObject({ endpoint: latter.endpoint });
});

test('a push service that wants to be left alone is, until its time is over', async () => {
  await desk.register(phone, service.subscribe());
  service.answer = { status: 429, headers: { 'retry-after': '20' } };
  expect(await desk.push(host, phone.device, body, 90)).toBe('refused');
  service.answer = { status: 201 };
  clock.advance(19_000);
  expect(await desk.push(host, phone.device, body, 90)).toBe('refused');
  expect(service.requests).toBe(1);
  clock.advance(1_000);
  expect(await desk.push(host, phone.device, body, 90)).toBe('handed');
});

test('a push service at fault is unreachable, and the registration stays', async () => {
  await desk.register(phone, service.subscribe());
  service.answer = { status: 500 };
  expect(await desk.push(host, phone.device, body, 90)).toBe('unreachable');
  expect(await store.find(phone.device)).not.toBeNull();
});

test('a body that is empty or too long is no push', async () => {
  await desk.register(phone, service.subscribe());
  expect(await codeOf(desk.push(host, phone.device, new Uint8Array(0), 90))).toBe('bad-frame');
  expect(await codeOf(desk.push(host, phone.device, new Uint8Array(MAX_PUSH_BYTES + 1), 90))).toBe('bad-frame');
  expect(await desk.push(host, phone.device, new Uint8Array(MAX_PUSH_BYTES), 90)).toBe('handed');
});

test('a sender that pushes more than 30 times a minute is told to wait', async () => {
  for (let i = 0; i < 30; i++) await desk.push(host, phone.device, body, 90);
  const refused = desk.push(host, phone.device, body, 90);
  await expect(refused).rejects.toMatchObject({ code: 'rate-limited', retryAfterMs: 2_000 });
  expect(await desk.push(phone, host.device, body, 90)).toBe('no-registration');
  clock.advance(2_000);
  expect(await desk.push(host, phone.device, body, 90)).toBe('no-registration');
});

test('a sender that pushes more than 300 times an hour is told to wait', async () => {
  for (let i = 0; i < 300; i++) {
    clock.advance(2_000);
    await desk.push(host, phone.device, body, 90);
  }
  // 300 and those that ten minutes give back.
  for (let i = 0; i < 50; i++) {
    clock.advance(2_000);
    await desk.push(host, phone.device, body, 90);
  }
  let refused = 0;
  for (let i = 0; i < 60; i++) {
    clock.advance(2_000);
    refused += await desk.push(host, phone.device, body, 90).then(
      () => 0,
      () => 1,
    );
  }
  expect(refused).toBeGreaterThan(40);
});

test('a device that many push to is pushed to no more than 30 times a minute', async () => {
  await desk.register(phone, service.subscribe());
  service.answer = { status: 202 };
  const many = Array.from({ length: 31 }, () => member(new TestDevice().id));
  for (const each of many.slice(1)) expect(await desk.push(each, phone.device, body, 90)).toBe('handed');
  expect(await codeOf(desk.push(many[0] ?? host, phone.device, body, 90))).toBe('rate-limited');
});

test('a log holds neither endpoint nor body nor a whole id', async () => {
  const registration = service.subscribe();
  await desk.register(phone, registration);
  for (const status of [201, 429, 500, 410]) {
    service.answer = { status };
    await desk.push(host, phone.device, body, 90);
    clock.advance(60_000);
  }
  const all = log.join('');
  expect(log.length).toBeGreaterThan(4);
  const path = new URL(registration.endpoint).pathname.slice(6);
  for (const secret of [
    path,
    toBase64Url(body),
    toBase64Url(registration.auth),
    Buffer.from(phone.device).toString('hex'),
  ]) {
    expect(all).not.toContain(secret);
  }
});
