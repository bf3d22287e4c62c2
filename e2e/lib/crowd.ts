/** Strangers who connect to a relay all at once, from several addresses, with as little of their own as can be. */
import { parseRelayError, parseFrame, FrameType } from '@palmkey/envelope';
import { randomBytes } from 'node:crypto';
import { connect, type Socket } from 'node:net';

export interface Stranger {
  /** `welcome`, the code of an error, `turned away` for HTTP 429, another HTTP status, or `cut off`. */
  readonly told: Promise<string>;
  readonly gone: Promise<void>;
  leave(): void;
}

/** A masked ping without payload (RFC 6455 §5.5.2): whoever is welcome is answered it, and nobody else. */
const PING = Buffer.of(0x89, 0x80, 0, 0, 0, 0);
const PONG = 0x8a;
const BINARY = 0x82;

/** Upgrades from a loopback address, pings, and hears what comes until it is told something. */
export function comeIn(port: number, localAddress: string): Stranger {
  const socket = connect({ port, host: '127.0.0.1', localAddress });
  const key = randomBytes(16).toString('base64');
  const lines = ['GET /v1/socket HTTP/1.1', 'Host: x', 'Connection: Upgrade', 'Upgrade: websocket'];
  const request = [...lines, 'Sec-WebSocket-Version: 13', `Sec-WebSocket-Key: ${key}`, '', ''].join('\r\n');
  // In one: whoever writes to a socket that the relay has closed meanwhile loses what it has not read of it.
  socket.write(Buffer.concat([Buffer.from(request), PING]));
  const gone = new Promise<void>((resolve) => socket.once('close', () => resolve()));
  return { told: hear(socket), gone, leave: () => socket.destroy() };
}

function hear(socket: Socket): Promise<string> {
  return new Promise((resolve) => {
    let heard: Buffer = Buffer.alloc(0);
    let upgraded = false;
    socket.on('error', () => undefined);
    socket.on('close', () => resolve('cut off'));
    socket.on('data', (chunk: Buffer) => {
      heard = Buffer.concat([heard, chunk]);
      const end = heard.indexOf('\r\n\r\n');
      if (!upgraded && end !== -1) {
        const status = heard.subarray(9, 12).toString('latin1');
        if (status !== '101') resolve(status === '429' ? 'turned away' : `HTTP ${status}`);
        upgraded = true;
        heard = heard.subarray(end + 4);
      }
      // All that a relay says to strangers is short: one byte of length.
      while (upgraded && heard.length >= 2 && heard.length >= 2 + (heard[1] ?? 0)) {
        const [opcode, length = 0] = heard;
        const payload = heard.subarray(2, 2 + length);
        heard = heard.subarray(2 + length);
        if (opcode === PONG) resolve('welcome');
        else if (opcode === BINARY && payload[1] === FrameType.error) {
          resolve(parseRelayError(parseFrame(new Uint8Array(payload)).body).code);
        }
      }
    });
  });
}

/** How many were told what. */
export function sums(told: readonly string[]): Record<string, number> {
  const count: Record<string, number> = {};
  for (const word of told) count[word] = (count[word] ?? 0) + 1;
  return count;
}
