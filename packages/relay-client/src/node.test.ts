import { parseRendezvousId, parseRendezvousSender, sealedBody } from '@palmkey/envelope';
import { startRelay, type Relay } from '@palmkey/relay';
import { randomBytes } from 'node:crypto';
import { pino } from 'pino';
import { expect, onTestFinished, test } from 'vitest';
import { HttpRendezvous } from './http-rendezvous.ts';
import { nodeSockets } from './node.ts';
import { systemTimers } from './ports.ts';
import { RelayClient } from './relay-client.ts';
import { testDevice } from './testing/test-device.ts';

const random = (length: number) => new Uint8Array(randomBytes(length));
const never = new AbortController().signal;

async function relayOn(port: number, admission: 'open' | 'members' = 'open'): Promise<Relay> {
  const logger = pino({ level: 'silent' });
  const common = { host: '127.0.0.1', port, origins: [], admission, store: ':memory:', logger };
  const relay = await startRelay(common);
  onTestFinished(() => relay.close());
  return relay;
}

function clientOf(relay: Relay, device = testDevice(), grant?: ReturnType<typeof parseRendezvousId>) {
  const options = { relay: relay.url, device, sockets: nodeSockets, timers: systemTimers, random };
  const client = new RelayClient({ ...options, ...(grant && { grant }) });
  onTestFinished(() => {
    client.close();
  });
  client.start();
  return { client, device };
}

test('bodies cross between two clients, and a client that has gone is absent', async () => {
  const relay = await relayOn(0);
  const a = clientOf(relay);
  const b = clientOf(relay);
  await Promise.all([a.client.connected(), b.client.connected()]);
  const body = sealedBody(random(5000));
  const arrived = new Promise((resolve) => b.client.onBody((from, received) => resolve([from, received])));
  a.client.send(b.device.id, body);
  const [from, received] = (await arrived) as Uint8Array[];
  expect([...from!]).toEqual([...a.device.id]);
  expect(Buffer.compare(received!, body)).toBe(0);
  const absent = new Promise((resolve) => a.client.onUndelivered((_, number, code) => resolve([number, code])));
  a.client.send(testDevice().id, body);
  expect(await absent).toEqual([2, 'absent']);
});

test('clients come back to a relay that is started again', async () => {
  const relay = await relayOn(0);
  const a = clientOf(relay);
  const b = clientOf(relay);
  await Promise.all([a.client.connected(), b.client.connected()]);
  const states: string[] = [];
  a.client.onState((state) => states.push(state.is === 'waiting' ? `waiting ${state.lastError}` : state.is));
  const away = new Promise<void>((resolve) => {
    b.client.onState((state) => {
      if (state.is === 'waiting') resolve();
    });
  });
  await relay.close();
  await away;
  await relayOn(relay.port);
  await Promise.all([a.client.connected(), b.client.connected()]);
  expect(states[0]).toBe('waiting draining');
  expect(states.at(-1)).toBe('connected');
  const arrived = new Promise<void>((resolve) => b.client.onBody(() => resolve()));
  a.client.send(b.device.id, sealedBody(random(10)));
  await arrived;
});

test('a second client of one device has the first refused', async () => {
  const relay = await relayOn(0);
  const first = clientOf(relay);
  await first.client.connected();
  const second = clientOf(relay, first.device);
  await second.client.connected();
  await expect.poll(() => first.client.state).toEqual({ is: 'refused', code: 'replaced' });
});

test('a stranger is refused, and one with a grant is let in', async () => {
  const relay = await relayOn(0, 'members');
  const host = clientOf(relay);
  await expect(host.client.connected()).rejects.toMatchObject({ cause: 'not-admitted' });
  await relay.admit({ signingKey: host.device.signingKey, agreementKey: host.device.agreementPublicKey });
  host.client.reconnectNow();
  await host.client.connected();
  const id = parseRendezvousId(random(32));
  await host.client.openRendezvous(id);
  const phone = clientOf(relay, testDevice(), id);
  await phone.client.connected();
  await host.client.closeRendezvous(id, null);
  await expect.poll(() => phone.client.state).toEqual({ is: 'refused', code: 'removed' });
});

test('two sides of a rendezvous hear each other in order, past somebody who squats', async () => {
  const relay = await relayOn(0);
  const host = clientOf(relay);
  await host.client.connected();
  const id = parseRendezvousId(random(32));
  await host.client.openRendezvous(id);
  const side = () => {
    const sender = parseRendezvousSender(random(16));
    return new HttpRendezvous({ relay: relay.url, id, sender, fetch, timers: systemTimers, random });
  };
  const [squatter, phone, computer] = [side(), side(), side()];
  const first = computer.next(never);
  await squatter.post(Uint8Array.of(66));
  expect([...(await first)]).toEqual([66]);
  const second = computer.next(never);
  await phone.post(Uint8Array.of(1));
  expect([...(await second)]).toEqual([1]);
  await phone.post(Uint8Array.of(2));
  await phone.post(Uint8Array.of(3));
  expect([...(await computer.next(never))]).toEqual([2]);
  expect([...(await computer.next(never))]).toEqual([3]);
  await computer.post(Uint8Array.of(9));
  const heard = [await phone.next(never), await phone.next(never)].map((m) => m[0]).sort();
  expect(heard).toEqual([66, 9]);
  const stop = new AbortController();
  const given = phone.next(stop.signal);
  stop.abort(new Error('given up'));
  await expect(given).rejects.toThrow('given up');
  const ended = expect(computer.next(never)).rejects.toMatchObject({ code: 'no-rendezvous' });
  await host.client.closeRendezvous(id, null);
  await ended;
});
