/** `.node.test.ts`: a phone that stays connected, and a computer that comes again, at a relay that runs in this process. */
import { webPrimitives } from '@palmkey/core/crypto';
import { type DeviceKeys, parseDeviceName, type Peer, publicDevice } from '@palmkey/core/devices';
import { type Content, MemoryReplayStore, Opener, Sealer } from '@palmkey/core/messages';
import { type Grant, toHex } from '@palmkey/envelope';
import { RelayClient, systemTimers } from '@palmkey/relay-client';
import { nodeSockets } from '@palmkey/relay-client/node';
import { expect, onTestFinished, test } from 'vitest';
import { testRelay } from '../../../../packages/relay/src/testing/test-relay.ts';
import { openDevice } from '../keyring/device-keyring.ts';
import { MemoryStore } from '../store/memory-store.ts';
import { grantOf } from './admission.ts';
import { FakeBrowser, until } from './testing/fake-browser.ts';
import { newDeviceKeys } from './testing/fake-host.ts';
import { webClock } from './web-clock.ts';
import { connectRelay } from './web-ports.ts';

/** One run of a computer's daemon: greets the phone once it is connected, and answers the first that the phone says. */
class Run {
  /** The phone has greeted it, and was answered. */
  hasAnswered = false;
  #isAnswering = false;
  readonly #heard = new Set<Content['kind']>();
  readonly #client: RelayClient;
  readonly #sealer: Sealer;
  readonly #phone: Peer;

  constructor(relay: string, device: DeviceKeys, phone: Peer, grant?: Grant) {
    const common = { primitives: webPrimitives, device, clock: webClock };
    this.#phone = phone;
    this.#sealer = new Sealer(common);
    const peers = { find: () => phone };
    const opener = new Opener({ ...common, role: 'asks', peers, replay: new MemoryReplayStore() });
    this.#client = new RelayClient({
      relay,
      device: { id: device.id, signer: device.signer, agreementPublicKey: device.agreement.publicKey },
      sockets: nodeSockets,
      timers: systemTimers,
      random: (length) => webPrimitives.randomBytes(length),
      ...(grant && { grant }),
    });
    this.#client.onBody(async (_from, body) => {
      // Opened side by side, the two of a greeting may come out of it in either order.
      this.#heard.add((await opener.open(body)).content.kind);
      if (!this.#heard.has('speaks') || !this.#heard.has('here') || this.#isAnswering) return;
      this.#isAnswering = true;
      await this.#sayHere();
      this.hasAnswered = true;
    });
    this.#client.start();
    onTestFinished(() => this.#client.close());
  }

  async greet(): Promise<void> {
    await this.#client.connected();
    await this.#sayHere();
  }

  stop(): void {
    this.#client.close();
  }

  async #sayHere(): Promise<void> {
    const name = parseDeviceName('laptop');
    await this.#say({ kind: 'speaks', from: 1, to: 5 });
    await this.#say({ kind: 'here', name, software: 'palmkey/0.4.0', keys: null });
  }

  async #say(content: Content): Promise<void> {
    this.#client.send(this.#phone.id, await this.#sealer.seal([this.#phone], content));
  }
}

/** A phone of a relay, which knows a computer from a pairing; connected, for the computer is not there. */
async function stage() {
  const relay = await testRelay({ admission: 'open' });
  onTestFinished(() => relay.close());
  const browser = new FakeBrowser();
  browser.origin = relay.url;
  browser.network = {
    clock: webClock,
    connectRelay: (origin, device, grant, outbox) => connectRelay(nodeSockets, origin, device, grant, outbox),
  };
  const first = browser.open();
  await until('first run', () => first.engine.getSnapshot().phase.is === 'first-run');
  await first.engine.createAccountKey({ deviceName: 'phone', keyName: 'Work' });
  first.close();
  const laptop = await newDeviceKeys();
  const { signingKey, agreementKey } = publicDevice(laptop.signer.publicKey, laptop.agreement.publicKey);
  const store = new MemoryStore(browser.tables);
  const row = await store.transact('read', ['device'], (transaction) => transaction.get('device', 'device'));
  await store.transact('write', ['pairings'], (transaction) =>
    transaction.put('pairings', {
      id: toHex(laptop.id), signingKey, agreementKey, hostName: 'laptop', givenName: null, relay: relay.url,
      transcript: new Uint8Array(32), phoneSignature: new Uint8Array(64), hostSignature: new Uint8Array(64),
      pairedAt: Date.now(), lastSeenAt: null, software: null, grant: null, speaks: null, mutedUntil: null,
    }),
  ); // prettier-ignore
  const device = await openDevice(row ?? expect.unreachable());
  const phone: Peer = {
    ...publicDevice(device.signer.publicKey, device.agreement.publicKey),
    name: parseDeviceName('phone'),
    role: 'decides',
  };
  const { engine } = browser.open();
  onTestFinished(() => engine.close());
  const reach = () => engine.getSnapshot().computers[0]?.reach;
  await until('away', () => reach() === 'relay-only');
  return { relay, engine, laptop, phone, reach };
}

test.each([
  ['of the phone’s own account there, which tells of both', true],
  ['of another account, of which nothing is told', false],
])('a computer that is started again hears what the phone speaks: %s', async (_, isOwn) => {
  const { relay, engine, laptop, phone, reach } = await stage();
  const grant = isOwn ? grantOf((await engine.invite(relay.url)).code) : undefined;
  const before = new Run(relay.url, laptop, phone, grant);
  await before.greet();
  await until('greeted', () => before.hasAnswered);
  before.stop();
  if (isOwn) await until('away again', () => reach() === 'relay-only');
  const again = new Run(relay.url, laptop, phone);
  await again.greet();
  await until('greeted again', () => again.hasAnswered);
  expect(reach()).toBe('here');
});
