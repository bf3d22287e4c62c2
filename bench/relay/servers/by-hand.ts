/**
 * What frames handled by hand on Node's sockets can do, the floor for a relay in this language: no authentication, no
 * limits, no mail, one shared buffer to read into, what goes to one socket joined into one write per turn. A client's
 * path is its id; masks are taken off, the rest of the frame is believed. `by-hand PORT`.
 */
import { createHash } from 'node:crypto';
import { createServer } from 'node:http';
import { Socket } from 'node:net';

const READ_BYTES = 256 * 1024;
const shared = Buffer.allocUnsafeSlow(READ_BYTES);
const connected = new Map<string, Client>();
let waiting: Client[] = [];

class Client {
  readonly #socket: Socket;
  #kept: Buffer | undefined;
  #out: Buffer[] = [];
  #bytes = 0;

  constructor(socket: Socket) {
    this.#socket = socket;
  }

  read(count: number): void {
    let bytes = shared.subarray(0, count);
    if (this.#kept) bytes = Buffer.concat([this.#kept, bytes]);
    let at = 0;
    for (;;) {
      if (bytes.length - at < 8) break;
      const short = (bytes[at + 1] ?? 0) & 0x7f;
      const header = short < 126 ? 6 : 8;
      const length = short < 126 ? short : bytes.readUInt16BE(at + 2);
      if (bytes.length - at < header + length) break;
      this.#take(bytes, at + header, length);
      at += header + length;
    }
    this.#kept = at === bytes.length ? undefined : Buffer.from(bytes.subarray(at));
  }

  #take(bytes: Buffer, start: number, length: number): void {
    const frame = Buffer.allocUnsafe(length + 4);
    frame[0] = 0x82;
    frame[1] = 126;
    frame.writeUInt16BE(length, 2);
    bytes.copy(frame, 4, start, start + length);
    // Four bytes at a time: what `allocUnsafe` gives begins at a multiple of eight.
    const mask = bytes.readInt32LE(start - 4);
    const words = new Int32Array(frame.buffer, frame.byteOffset + 4, length >> 2);
    for (let i = 0; i < words.length; i++) words[i] = (words[i] ?? 0) ^ mask;
    for (let i = length & ~3; i < length; i++) frame[i + 4] = (frame[i + 4] ?? 0) ^ (bytes[start - 4 + (i & 3)] ?? 0);
    connected.get(frame.toString('latin1', 20, 36))?.push(frame);
  }

  push(frame: Buffer): void {
    if (this.#out.length === 0) {
      if (waiting.length === 0) setImmediate(flush);
      waiting.push(this);
    }
    this.#out.push(frame);
    this.#bytes += frame.length;
  }

  flush(): void {
    this.#socket.write(this.#out.length === 1 ? (this.#out[0] ?? shared) : Buffer.concat(this.#out, this.#bytes));
    this.#out = [];
    this.#bytes = 0;
  }
}

function flush(): void {
  const flushed = waiting;
  waiting = [];
  for (const client of flushed) client.flush();
}

const server = createServer();
server.on('upgrade', (request, upgraded: Socket) => {
  const key = request.headers['sec-websocket-key'] ?? '';
  const accept = createHash('sha1').update(`${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`).digest('base64');
  upgraded.write(
    `HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${accept}\r\n\r\n`,
  );
  // Only a socket that is made with `onread` reads into a buffer that is handed to it: the connection moves over.
  const { _handle: handle } = upgraded as unknown as { _handle: unknown };
  const client: { current?: Client } = {};
  const socket = new Socket({
    handle,
    onread: {
      buffer: shared,
      callback: (count: number) => {
        client.current?.read(count);
        return true;
      },
    },
  } as ConstructorParameters<typeof Socket>[0]);
  socket.setNoDelay(true);
  socket.on('error', () => socket.destroy());
  client.current = new Client(socket);
  connected.set(Buffer.from((request.url ?? '').slice(1), 'hex').toString('latin1'), client.current);
  socket.read(0);
});
server.listen(Number(process.argv[2]), '127.0.0.1', () => {
  console.log('listens');
});
