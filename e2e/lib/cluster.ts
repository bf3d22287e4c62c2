/** A relay of several nodes with all that it stands on: PostgreSQL, NATS, and a balancer before it. */
import { join } from 'node:path';
import { RealNats } from '@palmkey/relay/testing/real-nats';
import { RealPostgres } from '@palmkey/relay/testing/real-postgres';
import { Balancer } from './balancer.ts';
import { RelayNode } from './relay-node.ts';
import { freePort, tempFolder, type TempFolder } from './temp.ts';

export class Cluster implements AsyncDisposable {
  postgres!: RealPostgres;
  nats!: RealNats;
  balancer!: Balancer;
  readonly nodes: RelayNode[] = [];
  readonly #folder: TempFolder = tempFolder();

  private constructor() {
    // `start` makes the parts.
  }

  static async start(count = 3): Promise<Cluster> {
    const cluster = new Cluster();
    try {
      await cluster.#build(count);
      return cluster;
    } catch (error) {
      await cluster[Symbol.asyncDispose]();
      throw error;
    }
  }

  /** Where devices dial. */
  get origin(): string {
    return this.balancer.origin;
  }

  /** What the nodes have printed since each was started. */
  get output(): string {
    return this.nodes.map((node, i) => `node ${i}:\n${node.output}`).join('\n');
  }

  node(index: number): RelayNode {
    const node = this.nodes[index];
    if (node === undefined) throw new Error(`no node ${index}`);
    return node;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const parts: (AsyncDisposable | undefined)[] = [...this.nodes, this.balancer, this.nats, this.postgres];
    for (const part of parts) await part?.[Symbol.asyncDispose]();
    this.#folder[Symbol.dispose]();
  }

  async #build(count: number): Promise<void> {
    this.postgres = await RealPostgres.start({ port: await freePort() });
    this.nats = await RealNats.start();
    const ports: number[] = [];
    for (let i = 0; i < count; i++) ports.push(await freePort());
    this.balancer = await Balancer.start(ports);
    // One after the other: the first makes the tables.
    for (const [i, port] of ports.entries()) {
      const home = join(this.#folder.path, `node-${i}`);
      const node = new RelayNode({
        home,
        port,
        origin: this.origin,
        store: this.postgres.url(),
        bus: this.nats.url,
      });
      this.nodes.push(node);
      await node.start();
    }
  }
}
