/** A relay that can be made to lie: a proxy in front of a real one, over both transports. Honest until it is told otherwise. */
import type { DeviceId } from '@palmkey/envelope';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { connect, type Socket } from 'node:net';
import { type Answered, type Asked, type Attack, isAnswer, type Seat } from './attack.ts';
import { FrameGate } from './frame-gate.ts';
import { LineDesk } from './line-desk.ts';
import { Seats } from './seats.ts';
import { readBody, Upstream } from './upstream.ts';

const CHANGEABLE = /^\/v1\/(rendezvous|nameplates|accounts)\//;

export class HostileRelay implements AsyncDisposable {
  readonly port: number;
  /** The port of the real relay on loopback. */
  target = 0;
  /** It opens no WebSocket: devices go on over lines. */
  hasSockets = true;
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  readonly #running = new Set<Promise<void>>();
  readonly #upstream = new Upstream(() => this.target);
  readonly #seats = new Seats(() => this.#attacks);
  readonly #lines = new LineDesk(this.#upstream, this.#seats);
  #attacks: readonly Attack[] = [];

  private constructor(server: Server, port: number) {
    this.#server = server;
    this.port = port;
    server.on('request', (incoming: IncomingMessage, answer: ServerResponse) => {
      const closed = new Promise<void>((resolve) => answer.once('close', resolve));
      this.#running.add(closed);
      void closed.then(() => this.#running.delete(closed));
      this.#serve(incoming, answer).catch(() => answer.destroy());
    });
    server.on('connection', (socket: Socket) => this.#watch(socket));
    server.on('upgrade', (incoming: IncomingMessage, client: Socket, head: Buffer) => {
      this.#upgrade(incoming, client, head);
    });
  }

  /** Listens on a port of its own; nothing passes before it has a target. */
  static async start(): Promise<HostileRelay> {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const address = server.address();
    if (address === null || typeof address === 'string') throw new Error('no port');
    return new HostileRelay(server, address.port);
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  /** Switches an attack on; disposing of it switches it off. Those that are on see a frame in the order of their coming. */
  use(attack: Attack): Disposable {
    this.#attacks = [...this.#attacks, attack];
    return { [Symbol.dispose]: () => (this.#attacks = this.#attacks.filter((each) => each !== attack)) };
  }

  /** The newest connection of a device; waits for one. */
  seatOf(device: DeviceId): Promise<Seat> {
    return this.#seats.of(device);
  }

  /** Breaks every connection off without a word. */
  cut(): void {
    this.#seats.cut();
  }

  /** Resolves when every request that there is has its answer. */
  async settled(): Promise<void> {
    await Promise.all(this.#running);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const closed = new Promise((resolve) => this.#server.close(resolve));
    this.#upstream[Symbol.dispose]();
    for (const socket of this.#sockets) socket.destroy();
    await closed;
  }

  async #serve(incoming: IncomingMessage, answer: ServerResponse): Promise<void> {
    const { method = 'GET', url = '/', headers } = incoming;
    if (/^\/v1\/line(\/|\?|$)/.test(url)) return this.#lines.serve(incoming, answer);
    if (this.#attacks.length === 0 || !CHANGEABLE.test(url)) {
      this.#upstream.pass(incoming, answer);
      return;
    }
    const gone = new AbortController();
    answer.once('close', () => gone.abort());
    const asked = { method, url, body: new Uint8Array(await readBody(incoming)) };
    const changed = await this.#changed(asked, async (onward) => {
      const got = await this.#upstream.ask(onward.method, onward.url, onward.body, headers, gone.signal);
      return { status: got.status, headers: plain(got.headers), body: new Uint8Array(got.body) };
    });
    this.#upstream.answer(answer, { ...changed, body: Buffer.from(changed.body) });
  }

  /** What becomes of a request on its way to the relay, and of the answer on its way back. */
  async #changed(asked: Asked, ask: (asked: Asked) => Promise<Answered>): Promise<Answered> {
    let onward = asked;
    for (const attack of this.#attacks) {
      const next = (await attack.asked?.(onward)) ?? onward;
      if (isAnswer(next)) return next;
      onward = next;
    }
    let answer = await ask(onward);
    for (const attack of this.#attacks) answer = (await attack.answered?.(asked, answer)) ?? answer;
    return answer;
  }

  #upgrade(incoming: IncomingMessage, client: Socket, head: Buffer): void {
    if (!this.hasSockets) {
      client.destroy();
      return;
    }
    const relay = connect(this.target, '127.0.0.1');
    this.#watch(relay);
    const cut = () => {
      client.destroy();
      relay.destroy();
    };
    const toRelay = new FrameGate(true, flow(client, relay), (frame) => seat.fromDevice(frame));
    const toDevice = new FrameGate(false, flow(relay, client), (frame) => seat.fromRelay(frame));
    const seat = this.#seats.take({
      toDevice: (frame) => toDevice.send(frame),
      toRelay: (frame) => toRelay.send(frame),
      cut,
    });
    let answerHead = Buffer.alloc(0);
    let isUpgraded = false;
    relay.write(headOf(incoming));
    relay.on('data', (chunk: Buffer) => {
      if (isUpgraded) {
        toDevice.push(chunk);
        return;
      }
      answerHead = Buffer.concat([answerHead, chunk]);
      const end = answerHead.indexOf('\r\n\r\n') + 4;
      if (end < 4) return;
      isUpgraded = true;
      // A refusal has a body and no frames.
      const isSwitched = answerHead.subarray(0, 12).toString() === 'HTTP/1.1 101';
      client.write(isSwitched ? answerHead.subarray(0, end) : answerHead);
      if (isSwitched) toDevice.push(answerHead.subarray(end));
    });
    if (head.length > 0) toRelay.push(head);
    client.on('data', (chunk: Buffer) => toRelay.push(chunk));
    client.on('end', () => relay.end());
    relay.on('end', () => client.end());
    client.on('close', () => {
      this.#seats.leave(seat);
      relay.destroy();
    });
    relay.on('close', () => client.destroy());
  }

  #watch(socket: Socket): void {
    this.#sockets.add(socket);
    socket.on('error', () => socket.destroy());
    socket.on('close', () => this.#sockets.delete(socket));
  }
}

/** Writes to one what came from the other, which waits while that one does not read. */
const flow = (from: Socket, to: Socket) => (bytes: Buffer) => {
  if (!to.writable || to.write(bytes)) return;
  from.pause();
  to.once('drain', () => from.resume());
};

function plain(headers: Record<string, string | string[] | undefined>): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, String(value)]));
}

/** The request as it came, to be sent on. */
function headOf({ method = 'GET', url = '/', rawHeaders }: IncomingMessage): string {
  const lines: string[] = [];
  for (let i = 0; i < rawHeaders.length; i += 2) lines.push(`${rawHeaders[i] ?? ''}: ${rawHeaders[i + 1] ?? ''}`);
  return `${method} ${url} HTTP/1.1\r\n${lines.join('\r\n')}\r\n\r\n`;
}
