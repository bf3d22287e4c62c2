/** A tap on a relay's port: forwards byte for byte, and notes when messages pass. Nothing is unmasked or opened. */
import { connect, createServer, type Socket } from 'node:net';
import { freePort } from '../../e2e/lib/temp.ts';

/** Frames below this are the connection's own: a sealed message is longer (spec/envelope.md). */
const messageBytes = 300;

export interface Passing {
  readonly who: 'host' | 'phone';
  readonly way: 'to-relay' | 'from-relay';
  /** `performance.now()` of this process. */
  readonly at: number;
}

export interface RelayTap extends AsyncDisposable {
  readonly port: number;
  /** What passed since the last call, oldest first. */
  take(): Passing[];
}

/** Listens on a port of its own and forwards to the relay's on loopback. */
export async function tapRelay(target: number): Promise<RelayTap> {
  const passings: Passing[] = [];
  const open = new Set<Socket>();
  const port = await freePort();
  const server = createServer((client) => {
    const relay = connect(target, '127.0.0.1');
    client.setNoDelay(true);
    relay.setNoDelay(true);
    // A browser names itself in its upgrade; the host's client does not.
    let who: Passing['who'] = 'host';
    client.once('data', (head: Buffer) => {
      if (/^user-agent: mozilla/im.test(head.toString('latin1'))) who = 'phone';
    });
    const note = (way: Passing['way']) => () => passings.push({ who, way, at: performance.now() });
    join(client, relay, note('to-relay'), open);
    join(relay, client, note('from-relay'), open);
  });
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  return {
    port,
    take: () => passings.splice(0),
    [Symbol.asyncDispose]: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        for (const each of open) each.destroy();
      }),
  };
}

function join(from: Socket, to: Socket, onMessage: () => void, open: Set<Socket>): void {
  const frames = new FrameCounter();
  open.add(from);
  from.on('data', (chunk: Buffer) => {
    to.write(chunk);
    for (const bytes of frames.push(chunk)) if (bytes >= messageBytes) onMessage();
  });
  from.on('error', () => from.destroy());
  from.on('close', () => {
    open.delete(from);
    to.destroy();
  });
}

/** One direction of a connection: after an upgrade, the payload lengths of its frames (RFC 6455 §5.2). */
class FrameCounter {
  #rest = Buffer.alloc(0);
  #upgraded: boolean | null = null;

  push(chunk: Buffer): number[] {
    if (this.#upgraded === false) return [];
    this.#rest = Buffer.concat([this.#rest, chunk]);
    if (this.#upgraded === null) {
      const end = this.#rest.indexOf('\r\n\r\n');
      if (end < 0) return [];
      this.#upgraded = /upgrade: websocket/i.test(this.#rest.subarray(0, end).toString('latin1'));
      this.#rest = this.#rest.subarray(end + 4);
      if (!this.#upgraded) return [];
    }
    const lengths: number[] = [];
    for (let length = this.#next(); length !== null; length = this.#next()) lengths.push(length);
    return lengths;
  }

  #next(): number | null {
    const bytes = this.#rest;
    if (bytes.length < 2) return null;
    const short = bytes.readUInt8(1) & 0x7f;
    const head = 2 + (short === 126 ? 2 : short === 127 ? 8 : 0) + ((bytes.readUInt8(1) & 0x80) === 0 ? 0 : 4);
    if (bytes.length < head) return null;
    const length = short === 126 ? bytes.readUInt16BE(2) : short === 127 ? Number(bytes.readBigUInt64BE(2)) : short;
    if (bytes.length < head + length) return null;
    this.#rest = bytes.subarray(head + length);
    return length;
  }
}
