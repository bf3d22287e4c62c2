import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { WebSocketServer, type WebSocket } from 'ws';
import { limits } from '../limits.ts';
import { Connection } from './connection.ts';
import type { Entrance, Welcome } from './entrance.ts';
import { Outgoing } from './outgoing.ts';
import type { Switchboard } from './switchboard.ts';
import type { Wire } from './wire.ts';

/** Where devices connect. */
const SOCKET_PATH = '/v1/socket';
/** Pings are spread over the time between two of a connection. */
const PING_TICK_MS = 1_000;
/** How much of the drain time each device adds, and how often some are sent away. */
const DRAIN_PACE_MS = 2;
const DRAIN_TICK_MS = 50;
const PING_TICKS = limits.pingEveryMs / PING_TICK_MS;

interface SocketServerOptions {
  readonly switchboard: Switchboard;
  readonly entrance: Entrance;
  /** Whether the last address of `X-Forwarded-For` is believed. */
  readonly trustProxy: boolean;
}

interface Open {
  readonly ws: WebSocket;
  readonly connection: Connection;
  /** The tick at which it is pinged. */
  readonly tick: number;
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
  readonly #options: SocketServerOptions;
  readonly #open = new Set<Open>();
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
  #tick = 0;
  #begun = 0;
  #drained: (() => void) | undefined;
  #draining = false;

  constructor(options: SocketServerOptions) {
    this.#options = options;
    this.#cancelPing = this.#clock.after(PING_TICK_MS, this.#ping);
  }

  /** Takes an HTTP upgrade; what is not for {@link SOCKET_PATH} is refused. */
  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    if (request.url !== SOCKET_PATH) {
      refuse(socket, '404 Not Found');
      return;
    }
    if (this.#draining) {
      refuse(socket, '503 Service Unavailable');
      return;
    }
    const address = addressOf(request, this.#options.trustProxy);
    const welcome = this.#options.entrance.enter(address);
    if (welcome.is === 'turned away') {
      refuse(socket, '429 Too Many Requests', welcome.retryAfterMs);
      return;
    }
    socket.once('close', () => {
      this.#options.entrance.leave(address);
    });
    this.#server.handleUpgrade(request, socket, head, (ws) => {
      this.#accept(ws, socket, address, welcome);
    });
  }

  /** How many sockets are open, those that are nobody's yet counted in. */
  get size(): number {
    return this.#open.size;
  }

  /**
   * Lets nobody in any more and tells every device that the relay goes down: few at once, many spread over `overMs`, so
   * that they do not all come back elsewhere together. Resolves when all have gone, 2 s after the last at the latest.
   */
  async drain(overMs: number): Promise<void> {
    this.#draining = true;
    this.#cancelPing();
    await this.#sendAway(Math.min(overMs, this.#open.size * DRAIN_PACE_MS));
    const gone = new Promise<void>((resolve) => {
      this.#drained = resolve;
      this.#checkDrained();
    });
    for (const { connection } of [...this.#open]) connection.fail('draining');
    await gone;
  }

  /** As many at each tick; nobody new comes meanwhile. */
  async #sendAway(overMs: number): Promise<void> {
    const all = [...this.#open];
    const ticks = Math.floor(overMs / DRAIN_TICK_MS);
    for (let tick = 0; tick < ticks; tick++) {
      const [from, to] = [tick, tick + 1].map((at) => Math.floor((at * all.length) / ticks));
      for (const { connection } of all.slice(from, to)) connection.fail('draining');
      await new Promise<void>((resolve) => {
        this.#clock.after(DRAIN_TICK_MS, resolve);
      });
    }
  }

  get #clock() {
    return this.#options.switchboard.ports.clock;
  }

  #accept(ws: WebSocket, socket: Duplex, address: string, welcome: Welcome): void {
    const { switchboard } = this.#options;
    const outgoing = new Outgoing(socket, switchboard.turn, () => {
      connection.drained();
    });
    const connection: Connection = new Connection(this.#wire(ws, outgoing, address), switchboard);
    const open: Open = { ws, connection, tick: this.#begun++ % PING_TICKS, missedPings: 0 };
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
    else if (welcome.is === 'refused') connection.fail(welcome.code, welcome.retryAfterMs);
  }

  #wire(ws: WebSocket, outgoing: Outgoing, address: string): Wire {
    return {
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
        const cancel = this.#clock.after(limits.closeWithinMs, () => {
          ws.terminate();
        });
        ws.once('close', cancel);
      },
    };
  }

  readonly #ping = (): void => {
    this.#tick = (this.#tick + 1) % PING_TICKS;
    for (const open of this.#open) {
      if (open.tick !== this.#tick) continue;
      if (open.missedPings >= limits.missedPings) {
        open.ws.terminate();
      } else {
        open.missedPings++;
        open.ws.ping();
      }
    }
    this.#cancelPing = this.#clock.after(PING_TICK_MS, this.#ping);
  };

  #checkDrained(): void {
    if (this.#open.size === 0) this.#drained?.();
  }
}

/** The last address is what the proxy in front wrote; what stands before it is whatever a client sent. */
function addressOf(request: IncomingMessage, trustProxy: boolean): string {
  const header = request.headers['x-forwarded-for'];
  const forwarded = trustProxy ? (Array.isArray(header) ? header.join(',') : header) : undefined;
  const last = forwarded?.split(',').at(-1)?.trim();
  return last !== undefined && last !== '' ? last : (request.socket.remoteAddress ?? 'unknown');
}

function refuse(socket: Duplex, status: string, retryAfterMs = 0): void {
  socket.on('error', () => undefined);
  // No time limit of the HTTP server holds for a socket that was upgraded: a client that never ends its side would stay.
  socket.once('finish', () => socket.destroy());
  const retryAfter = retryAfterMs === 0 ? '' : `Retry-After: ${Math.ceil(retryAfterMs / 1000)}\r\n`;
  socket.end(`HTTP/1.1 ${status}\r\n${retryAfter}Connection: close\r\nContent-Length: 0\r\n\r\n`);
}
