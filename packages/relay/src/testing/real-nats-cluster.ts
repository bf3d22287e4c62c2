import { freePort, RealNats } from './real-nats.ts';

/** Servers of NATS that are one cluster, on loopback, each with JetStream. Their names are `n0`, `n1` and so on. */
export class RealNatsCluster implements AsyncDisposable {
  readonly servers: readonly RealNats[];

  private constructor(servers: readonly RealNats[]) {
    this.servers = servers;
  }

  static async start(count = 3): Promise<RealNatsCluster> {
    const ports = await Promise.all(Array.from({ length: count }, () => freePort()));
    const routes = ports.map((port) => `nats://127.0.0.1:${port}`);
    const own = (index: number) => ['--server_name', `n${index}`, '--cluster_name', 'palmkey'];
    return new RealNatsCluster(
      await Promise.all(
        routes.map((route, i) => RealNats.start([...own(i), '--cluster', route, '--routes', routes.join(',')])),
      ),
    );
  }

  /** All of them, for mail that is kept by three. */
  url(prefix: string): string {
    return `${this.servers.map(({ url }) => url).join(',')}?replicas=3&prefix=${prefix}`;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.servers.map((server) => server[Symbol.asyncDispose]()));
  }
}
