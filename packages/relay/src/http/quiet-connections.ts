import type { IncomingMessage, Server } from 'node:http';
import type { Socket } from 'node:net';

/**
 * Connections that have asked for nothing yet: browsers and Node's `fetch` open some in advance. A server of Node that
 * closes waits for them, and does not count them among those that are idle.
 */
export class QuietConnections {
  readonly #quiet = new Set<Socket>();

  constructor(server: Server) {
    const spoke = ({ socket }: IncomingMessage): void => {
      this.#quiet.delete(socket);
    };
    server.on('connection', (socket) => {
      this.#quiet.add(socket);
      socket.once('close', () => this.#quiet.delete(socket));
    });
    server.on('request', spoke);
    server.on('upgrade', spoke);
  }

  /** Ends those of which not a byte has come. */
  end(): void {
    for (const socket of this.#quiet) if (socket.bytesRead === 0) socket.destroy();
  }
}
