import type { IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { limits } from '../limits.ts';
import { Connection } from './connection.ts';
import type { Entrance, Welcome } from './entrance.ts';
import { readHandshake } from './handshake.ts';
import type { Switchboard } from './switchboard.ts';
import { WebSocketWire } from './web-socket.ts';

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
  readonly wire: WebSocketWire;
  /** The tick at which it is pinged. */
  readonly tick: number;
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
    const handshake = readHandshake(request);
    if (handshake.is === 'refused') {
      refuse(socket, handshake.status);
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
    socket.write(handshake.answer);
    // In an HTTP server without TLS of its own, which this one is, the two are one.
    this.#accept(request.socket, head, address, welcome);
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
    for (const { wire } of [...this.#open]) wire.connection.fail('draining');
    await gone;
  }

  /** As many at each tick; nobody new comes meanwhile. */
  async #sendAway(overMs: number): Promise<void> {
    const all = [...this.#open];
    const ticks = Math.floor(overMs / DRAIN_TICK_MS);
    for (let tick = 0; tick < ticks; tick++) {
      const [from, to] = [tick, tick + 1].map((at) => Math.floor((at * all.length) / ticks));
      for (const { wire } of all.slice(from, to)) wire.connection.fail('draining');
      await new Promise<void>((resolve) => {
        this.#clock.after(DRAIN_TICK_MS, resolve);
      });
    }
  }

  get #clock() {
    return this.#options.switchboard.ports.clock;
  }

  #accept(socket: Socket, head: Buffer, address: string, welcome: Welcome): void {
    const { switchboard } = this.#options;
    const wire = new WebSocketWire({
      socket,
      address,
      turn: switchboard.turn,
      clock: this.#clock,
      connect: (end) => new Connection(end, switchboard),
      onGone: () => {
        this.#open.delete(open);
        this.#checkDrained();
      },
    });
    const open: Open = { wire, tick: this.#begun++ % PING_TICKS };
    this.#open.add(open);
    if (this.#draining) wire.connection.fail('draining');
    else if (welcome.is === 'refused') wire.connection.fail(welcome.code, welcome.retryAfterMs);
    else if (head.length > 0) wire.take(head);
  }

  readonly #ping = (): void => {
    this.#tick = (this.#tick + 1) % PING_TICKS;
    for (const { wire, tick } of this.#open) {
      if (tick === this.#tick) wire.ping();
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
