import { createHash } from 'node:crypto';
import type { IncomingMessage } from 'node:http';

/** RFC 6455 §1.3. */
const GUID = '258EAFA5-E914-47DA-95CA-C5AB0DC85B11';

/** The answer to a sound WebSocket handshake (RFC 6455 §4.2), or the status that refuses it. */
export type Handshake =
  { readonly is: 'accepted'; readonly answer: string } | { readonly is: 'refused'; readonly status: string };

/** Reads a handshake. No extension and no subprotocol is agreed to, whatever was offered. */
export function readHandshake({ method, headers }: Pick<IncomingMessage, 'method' | 'headers'>): Handshake {
  if (method !== 'GET') return { is: 'refused', status: '405 Method Not Allowed' };
  if (headers.upgrade?.toLowerCase() !== 'websocket') return { is: 'refused', status: '400 Bad Request' };
  if (headers['sec-websocket-version'] !== '13') return { is: 'refused', status: '426 Upgrade Required' };
  const key = headers['sec-websocket-key'];
  // 16 bytes in base64.
  if (key === undefined || !/^[+/0-9A-Za-z]{22}==$/.test(key)) return { is: 'refused', status: '400 Bad Request' };
  const accept = createHash('sha1')
    .update(key + GUID)
    .digest('base64');
  const lines = ['HTTP/1.1 101 Switching Protocols', 'Upgrade: websocket', 'Connection: Upgrade'];
  return { is: 'accepted', answer: `${lines.join('\r\n')}\r\nSec-WebSocket-Accept: ${accept}\r\n\r\n` };
}
