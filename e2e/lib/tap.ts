/** A tap on a relay's port: forwards every connection byte for byte and keeps all that passed, WebSocket frames unmasked. */
import { connect, createServer, type Server, type Socket } from 'node:net';
import { freePort } from './temp.ts';

export interface Tap extends AsyncDisposable {
  readonly port: number;
  /** Everything that passed, both ways: the raw bytes, and the payloads of WebSocket frames. */
  heard(): Buffer;
}

/** Listens on a port of its own and forwards to `target` on loopback. */
export async function startTap(target: number): Promise<Tap> {
  const heard: Buffer[] = [];
  const open = new Set<Socket>();
  const port = await freePort();
  const server = createServer((client) => {
    const relay = connect(target, '127.0.0.1');
    for (const [from, to] of [
      [client, relay],
      [relay, client],
    ] as const) {
      const frames = new FrameReader();
      open.add(from);
      from.on('data', (chunk: Buffer) => {
        heard.push(chunk, ...frames.push(chunk));
        to.write(chunk);
      });
      from.on('error', () => from.destroy());
      from.on('close', () => {
        open.delete(from);
        to.destroy();
      });
    }
  });
  await listen(server, port);
  return {
    port,
    heard: () => Buffer.concat(heard),
    [Symbol.asyncDispose]: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        for (const socket of open) socket.destroy();
      }),
  };
}

function listen(server: Server, port: number): Promise<void> {
  return new Promise((resolve) => server.listen(port, '127.0.0.1', resolve));
}

/** One direction of a connection: after an upgrade, the unmasked payloads of its frames (RFC 6455 §5.2). */
class FrameReader {
  #rest = Buffer.alloc(0);
  #upgraded = false;

  push(chunk: Buffer): Buffer[] {
    this.#rest = Buffer.concat([this.#rest, chunk]);
    if (!this.#upgraded) {
      const end = this.#rest.indexOf('\r\n\r\n');
      if (end < 0) return [];
      if (!/upgrade: websocket/i.test(this.#rest.subarray(0, end).toString('latin1'))) {
        this.#rest = Buffer.alloc(0);
        return [];
      }
      this.#upgraded = true;
      this.#rest = this.#rest.subarray(end + 4);
    }
    const payloads: Buffer[] = [];
    for (let frame = this.#next(); frame !== undefined; frame = this.#next()) payloads.push(frame);
    return payloads;
  }

  #next(): Buffer | undefined {
    const bytes = this.#rest;
    if (bytes.length < 2) return undefined;
    const masked = (bytes.readUInt8(1) & 0x80) !== 0;
    const short = bytes.readUInt8(1) & 0x7f;
    const lengthBytes = short === 126 ? 2 : short === 127 ? 8 : 0;
    const head = 2 + lengthBytes + (masked ? 4 : 0);
    if (bytes.length < head) return undefined;
    const length =
      lengthBytes === 0 ? short : lengthBytes === 2 ? bytes.readUInt16BE(2) : Number(bytes.readBigUInt64BE(2));
    if (bytes.length < head + length) return undefined;
    const mask = bytes.subarray(head - 4, head);
    const payload = Buffer.from(bytes.subarray(head, head + length));
    if (masked) for (let i = 0; i < payload.length; i += 1) payload[i] = payload.readUInt8(i) ^ mask.readUInt8(i % 4);
    this.#rest = bytes.subarray(head + length);
    return payload;
  }
}
