import { MAX_PUSH_BYTES, toBase64Url } from '@palmkey/envelope';
import { randomBytes } from 'node:crypto';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { PushService } from '../testing/push-service.ts';
import { PushServices } from './push-services.ts';
import { vapidKeys, type VapidKeys } from './vapid.ts';
import { WebPush, type WebPushOptions } from './web-push.ts';

let service: PushService;
let keys: VapidKeys;
let port: WebPush;
const open = (changed: Partial<WebPushOptions> = {}) =>
  new WebPush({
    keys,
    contact: 'mailto:operator@relay.example',
    services: new PushServices([service.host]),
    withinMs: 20_000,
    ca: service.ca,
    ...changed,
  });

beforeAll(async () => {
  service = await PushService.start();
  keys = await vapidKeys({ keep: (_, fresh) => Promise.resolve(fresh) });
});
afterAll(() => service[Symbol.asyncDispose]());
beforeEach(() => {
  service.answer = { status: 201 };
  port = open();
});
afterEach(() => port[Symbol.dispose]());

test('the largest body arrives as base64url, signed by the relay, encrypted to the subscription', async () => {
  const registration = service.subscribe();
  const body = new Uint8Array(randomBytes(MAX_PUSH_BYTES));
  expect(await port.push(registration, body, 90, 'high')).toEqual({ is: 'handed' });
  const push = await service.next();
  expect(push).toMatchObject({ endpoint: registration.endpoint, ttlS: 90, urgency: 'high' });
  expect(push.vapid).toMatchObject({ sub: 'mailto:operator@relay.example', key: port.publicKey });
  expect(push.payload.toString()).toBe(toBase64Url(body));
  expect(push.body.length).toBeLessThanOrEqual(4096);
  expect(service.faults).toEqual([]);
});

test('a body that no push carries is refused here', async () => {
  const before = service.requests;
  const answer = await port.push(service.subscribe(), new Uint8Array(MAX_PUSH_BYTES + 1), 90, 'high');
  expect(answer).toEqual({ is: 'refused', status: 0, retryAfterMs: 0 });
  expect(service.requests).toBe(before);
});

describe('a push service that answers', () => {
  test.each([
    [200, {}, { is: 'handed' }],
    [404, {}, { is: 'gone' }],
    [410, {}, { is: 'gone' }],
    [400, {}, { is: 'refused', status: 400, retryAfterMs: 0 }],
    [403, {}, { is: 'refused', status: 403, retryAfterMs: 0 }],
    [413, {}, { is: 'refused', status: 413, retryAfterMs: 0 }],
    [429, {}, { is: 'refused', status: 429, retryAfterMs: 30_000 }],
    [429, { 'retry-after': '120' }, { is: 'refused', status: 429, retryAfterMs: 120_000 }],
    [429, { 'retry-after': '999999' }, { is: 'refused', status: 429, retryAfterMs: 3_600_000 }],
    [500, {}, { is: 'unreachable', cause: '500', retryAfterMs: 0 }],
    [503, { 'retry-after': '7' }, { is: 'unreachable', cause: '503', retryAfterMs: 7_000 }],
    [503, { 'retry-after': 'soon' }, { is: 'unreachable', cause: '503', retryAfterMs: 0 }],
  ] as const)('%i %o', async (status, headers, expected) => {
    service.answer = { status, headers };
    expect(await port.push(service.subscribe(), Uint8Array.of(1), 90, 'high')).toEqual(expected);
  });

  test('with a redirect is refused, and nobody is sent there', async () => {
    const elsewhere = await PushService.start();
    await using _ = elsewhere;
    service.answer = { status: 307, headers: { location: elsewhere.subscribe().endpoint } };
    const answer = await port.push(service.subscribe(), Uint8Array.of(1), 90, 'high');
    expect(answer).toEqual({ is: 'refused', status: 307, retryAfterMs: 0 });
    expect(elsewhere.requests).toBe(0);
  });

  test('without end is believed by its first line', async () => {
    service.answer = { status: 'endless' };
    const answer = await port.push(service.subscribe(), Uint8Array.of(1), 90, 'high');
    expect(answer).toEqual({ is: 'refused', status: 400, retryAfterMs: 0 });
  });

  test('not at all is unreachable', async () => {
    service.answer = { status: 'none' };
    using impatient = open({ withinMs: 300 });
    const answer = await impatient.push(service.subscribe(), Uint8Array.of(1), 90, 'high');
    expect(answer).toEqual({ is: 'unreachable', cause: 'timed-out', retryAfterMs: 0 });
  });
});

test('a push service whose certificate nobody vouches for is unreachable', async () => {
  const { ca: _, ...rest } = { ca: '', keys, contact: 'mailto:a@b.example', withinMs: 20_000 };
  using strict = new WebPush({ ...rest, services: new PushServices([service.host]) });
  expect(await strict.push(service.subscribe(), Uint8Array.of(1), 90, 'high')).toMatchObject({ is: 'unreachable' });
});

test('a push service that is not there is unreachable', async () => {
  using lost = open({ services: new PushServices(['localhost:1']) });
  const registration = { ...service.subscribe(), endpoint: 'https://localhost:1/push' };
  expect(await lost.push(registration, Uint8Array.of(1), 90, 'high')).toEqual({
    is: 'unreachable',
    cause: 'ECONNREFUSED',
    retryAfterMs: 0,
  });
});

test('accepts: a registration at a known service with a key on the curve, and no other', () => {
  const good = service.subscribe();
  expect(port.accepts(good)).toBe(true);
  expect(port.accepts({ ...good, endpoint: 'https://localhost:1/push' })).toBe(false);
  expect(port.accepts({ ...good, p256dh: new Uint8Array(65).fill(4) })).toBe(false);
});

test('a service that is not on the list any more is sent nothing', async () => {
  const before = service.requests;
  using narrowed = open({ services: new PushServices() });
  const answer = await narrowed.push(service.subscribe(), Uint8Array.of(1), 90, 'high');
  expect(answer).toEqual({ is: 'refused', status: 0, retryAfterMs: 0 });
  expect(service.requests).toBe(before);
});
