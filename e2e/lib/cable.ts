/** The cable of one computer: TCP to a port on loopback, which can be pulled and put back. */
import { once } from 'node:events';
import { connect, createServer, type Server, type Socket } from 'node:net';

export class Cable implements AsyncDisposable {
  readonly port: number;
  readonly #server: Server;
  readonly #open = new Set<Socket>();
  #isPulled = false;

  private constructor(server: Server, port: number, target: number) {
    this.#server = server;
    this.port = port;
    server.on('connection', (socket) => this.#join(socket, target));
  }

  /** Leads to `target`, from a port of its own. */
  static async lay(target: number): Promise<Cable> {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const address = server.address();
    if (address === null || typeof address === 'string') throw new Error('no port');
    return new Cable(server, address.port, target);
  }

  get origin(): string {
    return `http://localhost:${this.port}`;
  }

  /** Cuts what stands; what comes is cut as it comes. */
  pull(): void {
    this.#isPulled = true;
    for (const socket of this.#open) socket.destroy();
  }

  putBack(): void {
    this.#isPulled = false;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.pull();
    const closed = once(this.#server, 'close');
    this.#server.close();
    await closed;
  }

  #join(socket: Socket, target: number): void {
    this.#watch(socket);
    if (this.#isPulled) {
      socket.destroy();
      return;
    }
    const relay = connect(target, '127.0.0.1');
    this.#watch(relay);
    socket.on('close', () => relay.destroy());
    relay.on('close', () => socket.destroy());
    socket.pipe(relay).pipe(socket);
  }

  #watch(socket: Socket): void {
    this.#open.add(socket);
    socket.on('error', () => socket.destroy());
    socket.on('close', () => this.#open.delete(socket));
  }
}
