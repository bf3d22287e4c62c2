import { jetstreamManager } from '@nats-io/jetstream';
import { randomBytes } from 'node:crypto';
import { pino } from 'pino';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { busContract } from '../bus/bus.contract.ts';
import { NatsBus } from '../bus/nats-bus.ts';
import { systemClock } from '../clock.ts';
import { NatsLink } from '../nats/nats-link.ts';
import { RealNats } from '../testing/real-nats.ts';
import { RealNatsCluster } from '../testing/real-nats-cluster.ts';
import { NatsPostOffice } from './nats-post-office.ts';
import { anyDevice, contractLimits, mailOf, posted, Reader, RecordedEvents } from './post-office.contract.ts';
import type { Settled } from './post-office.ts';

const logger = pino({ level: 'silent' });
const there = RealNats.isInstalled();
let cluster: RealNatsCluster;

/** A node as its post office sees it. */
class Node implements AsyncDisposable {
  readonly link: NatsLink;
  readonly office: NatsPostOffice;
  readonly events: RecordedEvents;

  private constructor(link: NatsLink, office: NatsPostOffice, events: RecordedEvents) {
    this.link = link;
    this.office = office;
    this.events = events;
  }

  static async start(prefix: string): Promise<Node> {
    const link = await NatsLink.connect(cluster.url(prefix), logger);
    const events = new RecordedEvents();
    const ports = { link, clock: systemClock, logger, events, limits: contractLimits };
    return new Node(link, await NatsPostOffice.open(ports, new Uint8Array(randomBytes(8))), events);
  }

  /** Which server leads the stream of its mail. */
  async leader(): Promise<number> {
    const manager = await jetstreamManager(this.link.connection, { checkAPI: false });
    const { cluster: servers } = await manager.streams.info(`${this.link.address.prefix}-mail`);
    return Number(servers?.leader?.slice(1));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.office[Symbol.asyncDispose]();
    await this.link[Symbol.asyncDispose]();
  }
}

/** Which server a link is connected to. */
function serverOf({ link }: Node): number {
  return cluster.servers.findIndex(({ url }) => url.endsWith(`//${link.connection.getServer()}`));
}

beforeAll(async () => {
  if (!there) return;
  cluster = await RealNatsCluster.start();
  // The servers elect whoever makes streams first.
  const first = await vi.waitFor(() => Node.start('first'), { timeout: 60_000 });
  await first[Symbol.asyncDispose]();
}, 90_000);
afterAll(async () => {
  if (there) await cluster[Symbol.asyncDispose]();
});

describe.runIf(there)('NatsBus on a cluster of three', () => {
  busContract(async () => {
    const link = await NatsLink.connect(cluster.url('bus'), logger);
    const bus = new NatsBus({ link, clock: systemClock, nodeId: new Uint8Array(randomBytes(8)) });
    return Object.assign(bus, {
      [Symbol.asyncDispose]: async () => {
        await NatsBus.prototype[Symbol.asyncDispose].call(bus);
        await link[Symbol.asyncDispose]();
      },
    });
  });
});

describe.runIf(there)('NatsPostOffice on a cluster of three', () => {
  it('loses and doubles nothing when the server that leads the stream is killed, and refuses nothing durable', async () => {
    await using a = await Node.start('killed');
    const leader = await a.leader();
    // Nodes at the other two, so that nothing but an election is in the way.
    const nodes: Node[] = [];
    while (nodes.length < 2) {
      const node = await Node.start('killed');
      if (serverOf(node) === leader) await node[Symbol.asyncDispose]();
      else nodes.push(node);
    }
    const [sending, receiving] = nodes;
    if (!sending || !receiving) throw new Error('no nodes');
    const { epoch } = sending.office;
    const [from, to] = [anyDevice(), anyDevice()];
    const reader = new Reader();
    const line = receiving.office.open(to, { epoch: 0, cursor: 0 }, reader);
    const acking = setInterval(() => line.ack(reader.deliveries.at(-1) ?? 0), 50);
    const outcomes = new Map<number, Settled>();
    let number = 0;
    const send = (): Promise<void> => {
      const mine = ++number;
      return posted(sending.office, mailOf({ from, to, number: mine, durable: true })).then(
        (outcome) => void outcomes.set(mine, outcome),
      );
    };
    for (let i = 0; i < 100; i++) await send();
    // Many are under way when the leader ends.
    const underWay = Array.from({ length: 100 }, () => send());
    await cluster.servers[leader]?.kill();
    // And some are sent while there is none.
    const elected = Promise.all(underWay).then(() => true);
    const meanwhile: Promise<void>[] = [];
    do meanwhile.push(send());
    while (!(await Promise.race([elected, new Promise<false>((resolve) => setTimeout(resolve, 50, false))])));
    await Promise.all(meanwhile);
    expect(meanwhile.length).toBeGreaterThan(5);
    expect(await sending.leader()).not.toBe(leader);
    expect([...new Set(outcomes.values())]).toEqual(['taken']);
    await vi.waitFor(() => expect(new Set(reader.numbers).size).toBe(number), { timeout: 20_000 });
    expect(reader.numbers).toHaveLength(number);
    expect(sending.office.epoch).toBe(epoch);
    // The node that was there has gone to another server.
    await vi.waitFor(() => expect([a.link.connected, a.office.waitsFor()]).toEqual([true, null]), { timeout: 20_000 });
    expect(serverOf(a)).not.toBe(leader);
    clearInterval(acking);
    for (const node of nodes) await node[Symbol.asyncDispose]();
    await cluster.servers[leader]?.restart();
  }, 90_000);
});
