import { encodeFrame, encodePushRegister, FrameType, parsePushed, type PushOutcome } from '@palmkey/envelope';
import { once } from 'node:events';
import { expect, onTestFinished, test, vi } from 'vitest';
import { PushService } from './testing/push-service.ts';
import { RealNats } from './testing/real-nats.ts';
import { postgresPrograms, RealPostgres } from './testing/real-postgres.ts';
import { TestClock } from './testing/test-clock.ts';
import { TestDevice, type TestSocket } from './testing/test-device.ts';
import { testRelay } from './testing/test-relay.ts';

function closing<T extends AsyncDisposable>(part: T): T {
  onTestFinished(() => part[Symbol.asyncDispose]());
  return part;
}

/** Two nodes of one relay, each with its own clock, and two devices it knows. */
async function twoNodes() {
  const service = closing(await PushService.start());
  const postgres = closing(await RealPostgres.start({ settings: ['fsync=off'] }));
  const nats = closing(await RealNats.start());
  const push = { contact: 'mailto:operator@relay.example', services: [service.host], ca: service.ca };
  const node = async () => {
    const clock = new TestClock();
    const relay = closing(await testRelay({ clock, store: postgres.url(), bus: nats.url, push }));
    return { clock, relay };
  };
  const [near, far] = [await node(), await node()];
  const [host, phone] = [new TestDevice(), new TestDevice()];
  await near.relay.admit(host);
  await near.relay.admit(phone);
  return { service, near, far, host, phone };
}

async function wake(socket: TestSocket, to: TestDevice): Promise<PushOutcome> {
  const body = Uint8Array.of(1, 2, 3);
  socket.ws.send(encodeFrame({ type: FrameType.push, lifetimeS: 90, number: 12, peer: to.id, coalescingKey: 0, body }));
  for (;;) {
    const answer = await socket.next();
    if (answer.type === FrameType.pushed) return parsePushed(answer.body);
  }
}

test.runIf(RealNats.isInstalled() && postgresPrograms !== undefined)(
  'a device that fell asleep at another node is pushed to, and is not as long as it reads there',
  async () => {
    const { service, near, far, host, phone } = await twoNodes();
    const socket = await host.read(near.relay.url);
    const asleep = await phone.read(far.relay.url);
    // Without a registration nothing is pushed until the one node has heard of the other's device.
    await vi.waitFor(async () => expect(await wake(socket, phone)).toBe('connected'), {
      interval: 1_000,
      timeout: 15_000,
    });
    asleep.control(FrameType.pushRegister, 11, encodePushRegister(service.subscribe()));
    expect(await asleep.next()).toMatchObject({ type: FrameType.done, number: 11 });

    socket.mail(phone.id, 1, Uint8Array.of(1));
    const { coalescingKey: delivery } = await asleep.next();
    asleep.ws.pause();
    far.clock.advance(3_000);
    expect(await wake(socket, phone)).toBe('connected');
    far.clock.advance(1);
    expect(await wake(socket, phone)).toBe('handed');
    expect(service.requests).toBe(1);

    asleep.ws.resume();
    asleep.ack(delivery);
    asleep.ws.ping();
    await once(asleep.ws, 'pong');
    expect(await wake(socket, phone)).toBe('connected');
    asleep.ws.close();
    await asleep.closed;
    await vi.waitFor(async () => expect(await wake(socket, phone)).toBe('handed'), { interval: 1_000, timeout: 8_000 });
  },
  60_000,
);
