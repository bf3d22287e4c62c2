/** A TCP balancer as one stands before the nodes of a relay. */
import { once } from 'node:events';
import { connect, createServer, type Server, type Socket } from 'node:net';

/**
 * Gives each connection to the next port that takes it. Towards the nodes it dials from an address of 127.0.0.0/8 of its
 * own for each connection, so that a test's many devices are not one address to the nodes.
 */
export class Balancer implements AsyncDisposable {
  readonly port: number;
  readonly #server: Server;
  readonly #ports: readonly number[];
  readonly #sockets = new Set<Socket>();
  #next = 0;
  #dialled = 0;

  private constructor(server: Server, port: number, ports: readonly number[]) {
    this.#server = server;
    this.port = port;
    this.#ports = ports;
    server.on('connection', (socket) => {
      // Whoever hangs up before a node has taken it.
      socket.on('error', () => undefined);
      this.#join(socket, ports.length);
    });
  }

  static async start(ports: readonly number[]): Promise<Balancer> {
    const server = createServer({ pauseOnConnect: true }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const address = server.address();
    if (address === null || typeof address === 'string') throw new Error('no port');
    return new Balancer(server, address.port, ports);
  }

  get origin(): string {
    return `http://localhost:${this.port}`;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  #join(from: Socket, triesLeft: number): void {
    const port = this.#ports[this.#next++ % this.#ports.length];
    if (port === undefined || triesLeft === 0) {
      from.destroy();
      return;
    }
    const n = this.#dialled++ % 60_000;
    const to = connect({ port, host: '127.0.0.1', localAddress: `127.1.${n >> 8}.${n & 255 || 1}` });
    const refused = (): void => this.#join(from, triesLeft - 1);
    to.once('error', refused);
    to.once('connect', () => {
      to.off('error', refused);
      for (const [one, other] of [
        [from, to],
        [to, from],
      ] as const) {
        this.#sockets.add(one);
        one.on('error', () => other.destroy());
        one.on('close', () => {
          this.#sockets.delete(one);
          other.destroy();
        });
      }
      from.pipe(to).pipe(from);
    });
  }
}
