import {
  encodeFrame,
  encodePushRegister,
  FrameType,
  MAX_PUSH_BYTES,
  parsePushed,
  toBase64Url,
  toHex,
  type PushOutcome,
} from '@palmkey/envelope';
import { expect, onTestFinished, test } from 'vitest';
import { PushService } from './testing/push-service.ts';
import { TestClock } from './testing/test-clock.ts';
import { TestDevice, type TestSocket } from './testing/test-device.ts';
import { codeOf, testRelay } from './testing/test-relay.ts';

const preview = new Uint8Array(MAX_PUSH_BYTES).fill(7);

/** A relay that pushes to a service of the test's, and two devices it knows; `host` is connected. */
async function pushing(pushes = true) {
  const service = await PushService.start();
  onTestFinished(() => service[Symbol.asyncDispose]());
  const clock = new TestClock();
  const push = { contact: 'mailto:operator@relay.example', services: [service.host], ca: service.ca };
  const relay = await testRelay({ clock, ...(pushes && { push }) });
  onTestFinished(() => relay.close());
  const [host, phone] = [new TestDevice(), new TestDevice()];
  await relay.admit(host);
  await relay.admit(phone);
  return { relay, clock, service, host, phone, socket: await host.read(relay.url) };
}

async function order(socket: TestSocket, type: FrameType, body: Uint8Array) {
  socket.control(type, 11, body);
  return socket.next();
}

async function leave(socket: TestSocket): Promise<void> {
  socket.ws.close();
  await socket.closed;
}

async function wake(socket: TestSocket, to: TestDevice, body = preview): Promise<PushOutcome> {
  const frame = { type: FrameType.push, lifetimeS: 90, number: 12, peer: to.id, coalescingKey: 0, body };
  socket.ws.send(encodeFrame(frame));
  for (;;) {
    const answer = await socket.next();
    if (answer.type === FrameType.stored || answer.type === FrameType.ack) continue;
    expect([answer.type, answer.number, toHex(answer.peer)]).toEqual([FrameType.pushed, 12, toHex(to.id)]);
    return parsePushed(answer.body);
  }
}

test('a device that registered and left is woken by another through its push service', async () => {
  const { relay, service, phone, socket } = await pushing();
  const registration = service.subscribe();
  const before = await phone.enter(relay.url);
  expect(await order(before, FrameType.pushRegister, encodePushRegister(registration))).toMatchObject({
    type: FrameType.done,
    number: 11,
  });
  await leave(before);
  expect(await wake(socket, phone)).toBe('handed');
  expect(await service.next()).toMatchObject({ endpoint: registration.endpoint, ttlS: 90 });
});

test('a body passes unread: the push service is given base64url of it, encrypted to the subscription', async () => {
  const { relay, service, phone, socket } = await pushing();
  const before = await phone.enter(relay.url);
  await order(before, FrameType.pushRegister, encodePushRegister(service.subscribe()));
  await leave(before);
  await wake(socket, phone);
  const { payload, body } = await service.next();
  expect(payload.toString()).toBe(toBase64Url(preview));
  expect(body.includes(toBase64Url(preview).slice(0, 64))).toBe(false);
});

test('a device that is connected and reads is not pushed to; one that fell asleep is', async () => {
  const { relay, clock, service, phone, socket } = await pushing();
  const asleep = await phone.read(relay.url);
  await order(asleep, FrameType.pushRegister, encodePushRegister(service.subscribe()));
  expect(await wake(socket, phone)).toBe('connected');
  socket.mail(phone.id, 1, Uint8Array.of(1));
  await asleep.next();
  expect(await wake(socket, phone)).toBe('connected');
  clock.advance(3_000);
  expect(await wake(socket, phone)).toBe('connected');
  clock.advance(1);
  expect(await wake(socket, phone)).toBe('handed');
  expect(service.requests).toBe(1);
});

test('a registration ends by an empty one', async () => {
  const { relay, service, phone, socket } = await pushing();
  const before = await phone.enter(relay.url);
  await order(before, FrameType.pushRegister, encodePushRegister(service.subscribe()));
  await order(before, FrameType.pushRegister, encodePushRegister(null));
  await leave(before);
  expect(await wake(socket, phone)).toBe('no-registration');
});

test('a push service that the relay does not know is refused, and the connection goes on', async () => {
  const { service, socket } = await pushing();
  const elsewhere = { ...service.subscribe(), endpoint: 'https://10.0.0.1/push' };
  expect(codeOf(await order(socket, FrameType.pushRegister, encodePushRegister(elsewhere)))).toBe('push-refused');
  expect(await order(socket, FrameType.pushRegister, encodePushRegister(service.subscribe()))).toMatchObject({
    type: FrameType.done,
  });
});

test.each([0, MAX_PUSH_BYTES + 1])('a push of %i bytes ends the connection', async (bytes) => {
  const { phone, socket } = await pushing();
  const frame = { type: FrameType.push, lifetimeS: 90, number: 12, peer: phone.id, coalescingKey: 0 };
  socket.ws.send(encodeFrame({ ...frame, body: new Uint8Array(bytes) }));
  expect(codeOf(await socket.next())).toBe('bad-frame');
  await socket.closed;
});

test('a relay that was told nothing of push takes no registration and wakes nobody', async () => {
  const { service, phone, socket } = await pushing(false);
  expect(codeOf(await order(socket, FrameType.pushRegister, encodePushRegister(service.subscribe())))).toBe(
    'push-refused',
  );
  expect(await wake(socket, phone)).toBe('no-registration');
});
