/** One relay of three nodes, each a process of its own, over a real PostgreSQL and a real NATS. */
import { webPrimitives } from '@palmkey/core/crypto';
import { MemoryReplayStore } from '@palmkey/core/messages';
import type { Role } from '@palmkey/core/devices';
import { parseGrant, parseRendezvousId, sealedBody, toHex, type DeviceId } from '@palmkey/envelope';
import { RelayClient, systemTimers, type SocketPort } from '@palmkey/relay-client';
import { nodeSockets } from '@palmkey/relay-client/node';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { Cluster } from '../lib/cluster.ts';
import { MailBook } from '../lib/mail-book.ts';
import { MailDevice } from '../lib/mail-device.ts';
import type { RelayNode } from '../lib/relay-node.ts';
import { makeDevice } from '../lib/scripted-device.ts';
import { Steps } from '../lib/steps.ts';

/** For all steps of a test, which itself may take two minutes. */
const STEPS_WITHIN_MS = 110_000;

let cluster: Cluster;
let book: MailBook;
const clients: Disposable[] = [];

beforeAll(async () => {
  cluster = await Cluster.start(3);
  book = new MailBook();
});
afterAll(async () => {
  for (const client of clients) client[Symbol.dispose]();
  await cluster[Symbol.asyncDispose]();
});

function newSteps(): Steps {
  return new Steps(STEPS_WITHIN_MS, () => cluster.output.slice(-8_000));
}

/** Dials one node, past the balancer; what is signed is the relay's origin. */
function at(node: RelayNode): SocketPort {
  return {
    connect: (url, events) => nodeSockets.connect(url.replace(/\/\/[^/]+/, `//127.0.0.1:${node.port}`), events),
  };
}

/** A bare client at a node, connected. */
async function clientAt(
  node: RelayNode,
  { keys, grant }: { keys?: Awaited<ReturnType<typeof makeDevice>>; grant?: Uint8Array } = {},
) {
  const { id, signer, agreement } = keys ?? (await makeDevice());
  const client = new RelayClient({
    relay: cluster.origin,
    device: { id, signer, agreementPublicKey: agreement.publicKey },
    sockets: at(node),
    timers: systemTimers,
    random: (length) => webPrimitives.randomBytes(length),
    ...(grant !== undefined && { grant: parseGrant(grant) }),
  });
  clients.push(client);
  const bodies: string[] = [];
  const undelivered: string[] = [];
  const present = new Map<string, boolean>();
  client.onBody((_, body) => void bodies.push(Buffer.from(body).toString()));
  client.onUndelivered((_to, _number, code) => void undelivered.push(code));
  client.onPresence((device, is) => void present.set(toHex(device), is));
  client.start();
  await client.connected();
  return { id, client, bodies, undelivered, present };
}

function text(body: string) {
  return sealedBody(new TextEncoder().encode(body));
}

/** Devices that know each other, computers and phones by turns, at the node that `sockets` leads to. */
async function pairedDevices(count: number, sockets?: SocketPort): Promise<MailDevice[]> {
  const devices: MailDevice[] = [];
  for (let i = 0; i < count; i++) {
    const role: Role = i % 2 === 0 ? 'asks' : 'decides';
    const options = { relay: cluster.origin, role, name: `Device ${i}`, replay: new MemoryReplayStore(), events: book };
    devices.push(await MailDevice.make(sockets === undefined ? options : { ...options, sockets }));
  }
  clients.push(...devices);
  for (const one of devices) for (const other of devices) one.knows(other);
  await allConnected(devices);
  return devices;
}

/** Sends durable and other mail from each computer to each phone and back, until the work is done. */
async function whileSending(devices: readonly MailDevice[], work: () => Promise<void>): Promise<void> {
  const done = new AbortController();
  const sending = (async () => {
    for (let round = 0; !done.signal.aborted; round++) {
      for (const [i, from] of devices.entries()) {
        const to = devices[(i + 1 + 2 * (round % (devices.length / 2))) % devices.length];
        if (to) await book.send(from, to, (round + i) % 3 !== 0);
      }
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  })();
  try {
    await work();
  } finally {
    done.abort();
    await sending;
  }
}

async function allConnected(devices: readonly MailDevice[]): Promise<void> {
  await Promise.all(devices.map(({ client }) => client.connected()));
}

async function expectNothingLost(steps: Steps): Promise<void> {
  await steps.step('each message is accounted for', () => book.allAccountedFor(30_000));
  console.log(String(steps));
  const durable = book.counts(true);
  const other = book.counts(false);
  console.log(JSON.stringify({ durable, other, replayed: book.replayed, notSent: book.notSent }));
  expect(book.broken).toEqual([]);
  expect(durable).toMatchObject({ lost: 0, openedMoreThanOnce: 0, underWay: 0, openedOnce: durable.sent });
  expect(other).toMatchObject({ lost: 0, openedMoreThanOnce: 0, underWay: 0 });
}

describe('a relay of three nodes', () => {
  it('carries live messages and mail from any node to any other', async () => {
    const all = await Promise.all(cluster.nodes.map((node) => clientAt(node)));
    for (const from of all)
      for (const to of all) {
        if (from === to) continue;
        // The other node's directory follows within a moment.
        await vi.waitFor(
          () => {
            from.client.send(to.id, text(`live from ${toHex(from.id)}`));
            expect(to.bodies).toContain(`live from ${toHex(from.id)}`);
          },
          { timeout: 15_000 },
        );
        from.client.send(to.id, text(`mail from ${toHex(from.id)}`), { lifetimeMs: 60_000 });
        await vi.waitFor(() => expect(to.bodies).toContain(`mail from ${toHex(from.id)}`), { timeout: 15_000 });
      }
  });

  it('calls absent who is at no node', async () => {
    const { client, undelivered } = await clientAt(cluster.node(0));
    const gone = await clientAt(cluster.node(1));
    gone.client.close();
    await vi.waitFor(
      () => {
        client.send(gone.id, text('live'));
        expect(undelivered).toContain('absent');
      },
      { timeout: 15_000 },
    );
  });

  it('keeps mail that one node took for a device that comes to another', async () => {
    const keys = await makeDevice();
    const before = await clientAt(cluster.node(2), { keys });
    before.client.close();
    const from = await clientAt(cluster.node(0));
    const settled = new Promise<void>((resolve) => from.client.onSettled(() => resolve()));
    from.client.send(keys.id, text('kept'), { lifetimeMs: 60_000, durable: true });
    await settled;
    const after = await clientAt(cluster.node(1), { keys });
    await vi.waitFor(() => expect(after.bodies).toEqual(['kept']), { timeout: 15_000 });
  });

  it('lets a device in at one node by a rendezvous of another, tells its presence, and broadcasts to it', async () => {
    const one = await clientAt(cluster.node(0));
    const grant = webPrimitives.randomBytes(32);
    await one.client.openRendezvous(parseRendezvousId(grant));
    const two = await clientAt(cluster.node(1), { grant });
    await one.client.closeRendezvous(parseRendezvousId(grant), two.id);
    await vi.waitFor(() => expect(one.present.get(toHex(two.id))).toBe(true), { timeout: 15_000 });
    one.client.broadcast(text('to all of us'), { lifetimeMs: 60_000 });
    await vi.waitFor(() => expect(two.bodies).toEqual(['to all of us']), { timeout: 15_000 });
    two.client.close();
    await vi.waitFor(() => expect(one.present.get(toHex(two.id))).toBe(false), { timeout: 15_000 });
  });

  it('lets one connection of a device stay, the later, at whichever nodes they are', async () => {
    const keys = await makeDevice();
    const first = await clientAt(cluster.node(0), { keys });
    const second = await clientAt(cluster.node(1), { keys });
    await vi.waitFor(() => expect(first.client.state).toMatchObject({ is: 'refused', code: 'replaced' }), {
      timeout: 15_000,
    });
    expect(second.client.state.is).toBe('connected');
  });

  it('ends the connection of a device that is removed at another node', async () => {
    const one = await clientAt(cluster.node(0));
    const grant = webPrimitives.randomBytes(32);
    await one.client.openRendezvous(parseRendezvousId(grant));
    const two = await clientAt(cluster.node(2), { grant });
    await one.client.closeRendezvous(parseRendezvousId(grant), two.id);
    await one.client.forgetDevice(two.id);
    await vi.waitFor(() => expect(two.client.state).toMatchObject({ is: 'refused', code: 'removed' }), {
      timeout: 15_000,
    });
  });
});

describe('a relay of three nodes that lose a node', () => {
  it('has the devices of a node that was killed back on another', async () => {
    const steps = newSteps();
    const devices = await steps.step('devices are let in', () => pairedDevices(60));
    const victim = cluster.node(1);
    const backAfter = new Map<DeviceId, number>();
    const killedAt = performance.now();
    const lost = devices.map(({ id, client }) => {
      const stop = client.onState((state) => {
        if (state.is === 'connected') backAfter.set(id, performance.now() - killedAt);
      });
      return stop;
    });
    await whileSending(devices, async () => {
      await steps.step('a node is killed', () => victim.kill());
      await steps.step('its devices are back', () =>
        vi.waitFor(() => expect(backAfter.size).toBeGreaterThanOrEqual(15), { timeout: 60_000 }),
      );
      await steps.step('all devices are connected', () => allConnected(devices));
    });
    for (const stop of lost) stop();
    const times = [...backAfter.values()].sort((a, b) => a - b);
    const part = (share: number): number =>
      Math.round(times[Math.min(times.length - 1, Math.floor(times.length * share))] ?? 0);
    console.log(
      `${times.length} devices back on another node after ${part(0.5)} ms at the median, ${part(0.99)} ms at p99`,
    );
    await steps.step('the node starts again', () => victim.start());
    await expectNothingLost(steps);
    for (const device of devices) device.stop();
  });

  it('restarts its nodes one after the other without a lost or doubled message', async () => {
    const steps = newSteps();
    const devices = await steps.step('devices are let in', () => pairedDevices(20));
    await whileSending(devices, async () => {
      for (const [i, node] of cluster.nodes.entries()) {
        await steps.step(`node ${i} stops`, () => node.stop());
        await steps.step(`node ${i} starts`, () => node.start());
        await steps.step(`all devices are connected with node ${i} back`, () => allConnected(devices));
      }
    });
    await expectNothingLost(steps);
    for (const device of devices) device.stop();
  });
});

describe('a relay of three nodes that lose what they stand on', () => {
  async function allReady(): Promise<void> {
    await vi.waitFor(
      async () => expect(await Promise.all(cluster.nodes.map((node) => node.waitsFor()))).toEqual([[], [], []]),
      { timeout: 60_000 },
    );
  }

  async function waitsFor(what: 'store' | 'bus'): Promise<void> {
    await vi.waitFor(async () => expect(await cluster.node(0).waitsFor()).toContain(what), { timeout: 60_000 });
  }

  it('goes on when NATS is killed and started again', async () => {
    const steps = newSteps();
    const devices = await steps.step('devices are let in', () => pairedDevices(20));
    await whileSending(devices, async () => {
      await steps.step('NATS is killed', () => cluster.nats.kill());
      await steps.step('a node says that it waits for it', () => waitsFor('bus'));
      await steps.step('NATS starts again', () => cluster.nats.restart());
      await steps.step('all nodes are ready', allReady);
    });
    await expectNothingLost(steps);
    for (const device of devices) device.stop();
  });

  it('goes on when PostgreSQL crashes and is away for ten seconds', async () => {
    const steps = newSteps();
    const devices = await steps.step('devices are let in', () => pairedDevices(20));
    await whileSending(devices, async () => {
      await steps.step('PostgreSQL crashes', () => cluster.postgres.stop('SIGQUIT'));
      await steps.step('a node says that it waits for it', () => waitsFor('store'));
      await new Promise((resolve) => setTimeout(resolve, 10_000));
      await steps.step('PostgreSQL recovers', () => cluster.postgres.run());
      await steps.step('all nodes are ready', allReady);
      await steps.step('all devices are connected', () => allConnected(devices));
    });
    await expectNothingLost(steps);
    const late = await steps.step('a new device is let in', () => clientAt(cluster.node(2)));
    expect(late.client.state.is).toBe('connected');
    for (const device of devices) device.stop();
  });
});
