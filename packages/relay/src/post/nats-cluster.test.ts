import { jetstreamManager } from '@nats-io/jetstream';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { busContract } from '../bus/bus.contract.ts';
import { OfficeNode, startNatsBus } from '../testing/nats-node.ts';
import { RealNats } from '../testing/real-nats.ts';
import { RealNatsCluster } from '../testing/real-nats-cluster.ts';
import { anyDevice, mailOf, posted, Reader } from './post-office.contract.ts';
import type { Settled } from './post-office.ts';

const there = RealNats.isInstalled();
let cluster: RealNatsCluster;

function startNode(prefix: string): Promise<OfficeNode> {
  return OfficeNode.start(cluster.url(prefix));
}

/** Which server leads the stream of a node's mail. */
async function leaderOf({ link }: OfficeNode): Promise<number> {
  const manager = await jetstreamManager(link.connection, { checkAPI: false });
  const { cluster: servers } = await manager.streams.info(`${link.address.prefix}-mail`);
  return Number(servers?.leader?.slice(1));
}

/** Which server a link is connected to. */
function serverOf({ link }: OfficeNode): number {
  return cluster.servers.findIndex(({ url }) => url.endsWith(`//${link.connection.getServer()}`));
}

beforeAll(async () => {
  if (!there) return;
  cluster = await RealNatsCluster.start();
  // The servers elect whoever makes streams first.
  const first = await vi.waitFor(() => startNode('first'), { timeout: 60_000 });
  await first[Symbol.asyncDispose]();
}, 90_000);
afterAll(async () => {
  if (there) await cluster[Symbol.asyncDispose]();
});

describe.runIf(there)('NatsBus on a cluster of three', () => {
  busContract(() => startNatsBus(cluster.url('bus')));
});

describe.runIf(there)('NatsPostOffice on a cluster of three', () => {
  it('loses and doubles nothing when the server that leads the stream is killed, and refuses nothing durable', async () => {
    await using a = await startNode('killed');
    const leader = await leaderOf(a);
    // Nodes at the other two, so that nothing but an election is in the way.
    const nodes: OfficeNode[] = [];
    while (nodes.length < 2) {
      const node = await startNode('killed');
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
    // And some are sent while there is none, of which the first tell when there is one; more come while the rest is taken.
    const meanwhile = Array.from({ length: 20 }, () => send());
    await meanwhile[0];
    meanwhile.push(...Array.from({ length: 20 }, () => send()));
    await Promise.all([...underWay, ...meanwhile]);
    expect(await leaderOf(sending)).not.toBe(leader);
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
