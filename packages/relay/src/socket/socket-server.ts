import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { WebSocketServer, type WebSocket } from 'ws';
import { limits } from '../limits.ts';
import { Connection } from './connection.ts';
import { Outgoing, Turn } from './outgoing.ts';
import type { Switchboard } from './switchboard.ts';

/** Where devices connect. */
const SOCKET_PATH = '/v1/socket';

interface Open {
  readonly ws: WebSocket;
  readonly connection: Connection;
  missedPings: number;
}

/**
 * The WebSockets of the relay: upgrades, pings, ends.
 *
 * The `Origin` header is not looked at. It protects credentials that a browser adds by itself, and here there are
 * none: a device signs the challenge with its own key, over the origin it dialled (spec/relay.md, "Connecting"), and
 * the app may be served from another origin than the relay's.
 */
export class SocketServer {
  readonly #switchboard: Switchboard;
  readonly #maxConnections: number;
  readonly #open = new Set<Open>();
  readonly #turn = new Turn();
  readonly #server = new WebSocketServer({
    noServer: true,
    clientTracking: false,
    perMessageDeflate: false,
    // `ws` would put pongs into the socket's buffer for as long as a device pings and does not read.
    autoPong: false,
    maxPayload: limits.maxFrameBytes,
    handleProtocols: () => false,
  });
  #cancelPing: () => void;
  #drained: (() => void) | undefined;
  #draining = false;

  constructor(switchboard: Switchboard, maxConnections: number) {
    this.#switchboard = switchboard;
    this.#maxConnections = maxConnections;
    this.#cancelPing = switchboard.clock.after(limits.pingEveryMs, this.#ping);
  }

  /** Takes an HTTP upgrade; what is not for {@link SOCKET_PATH} is refused. */
  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    if (request.url !== SOCKET_PATH) {
      refuse(socket, '404 Not Found');
    } else if (this.#draining || this.#open.size >= 2 * this.#maxConnections) {
      refuse(socket, '503 Service Unavailable');
    } else {
      this.#server.handleUpgrade(request, socket, head, (ws) => {
        this.#accept(ws, socket, request.socket.remoteAddress ?? 'unknown');
      });
    }
  }

  /** Tells every device that the relay goes down; resolves when all have gone, after 2 s at the latest. */
  async drain(): Promise<void> {
    this.#draining = true;
    this.#cancelPing();
    const gone = new Promise<void>((resolve) => {
      this.#drained = resolve;
      this.#checkDrained();
    });
    for (const { connection } of [...this.#open]) connection.fail('draining');
    await gone;
  }

  #accept(ws: WebSocket, socket: Duplex, address: string): void {
    const outgoing = new Outgoing(socket, this.#turn);
    const connection = new Connection(
      {
        address,
        get waitingBytes() {
          return outgoing.waitingBytes;
        },
        push: (frame) => {
          outgoing.push(frame);
        },
        end: (closeCode) => {
          outgoing.flush();
          ws.close(closeCode);
          const cancel = this.#switchboard.clock.after(limits.closeWithinMs, () => {
            ws.terminate();
          });
          ws.once('close', cancel);
        },
      },
      this.#switchboard,
    );
    const open: Open = { ws, connection, missedPings: 0 };
    this.#open.add(open);
    ws.on('message', (data: Buffer, isBinary) => {
      if (isBinary) connection.receive(data);
      else connection.fail('bad-frame');
    });
    ws.on('ping', (data) => {
      if (connection.mayAnswerPing(data.length)) ws.pong(data);
    });
    ws.on('pong', () => {
      open.missedPings = 0;
    });
    // A message that `ws` itself refuses (too large, not masked) closes the socket with the fitting code.
    ws.on('error', () => undefined);
    ws.on('close', () => {
      connection.gone();
      this.#open.delete(open);
      this.#checkDrained();
    });
    if (this.#draining) connection.fail('draining');
    else if (this.#open.size > this.#maxConnections) connection.fail('too-many-connections', limits.pingEveryMs);
  }

  readonly #ping = (): void => {
    for (const open of this.#open) {
      if (open.missedPings >= limits.missedPings) {
        open.ws.terminate();
      } else {
        open.missedPings++;
        open.ws.ping();
      }
    }
    this.#switchboard.sweep();
    this.#cancelPing = this.#switchboard.clock.after(limits.pingEveryMs, this.#ping);
  };

  #checkDrained(): void {
    if (this.#open.size === 0) this.#drained?.();
  }
}

function refuse(socket: Duplex, status: string): void {
  socket.on('error', () => undefined);
  // No time limit of the HTTP server holds for a socket that was upgraded: a client that never ends its side would stay.
  socket.once('finish', () => socket.destroy());
  socket.end(`HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);
}
