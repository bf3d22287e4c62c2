import { once } from 'node:events';
import { connect } from 'node:net';
import { describe, expect, onTestFinished, test } from 'vitest';
import { TestSocket } from '../testing/test-device.ts';
import { testRelay } from '../testing/test-relay.ts';

async function relayFor() {
  const relay = await testRelay();
  onTestFinished(() => relay.close());
  return relay;
}

describe('WebSocketWire', () => {
  test.each([1000, 3456])('a client that closes with %i is answered with that code', async (code) => {
    const { url } = await relayFor();
    const socket = await TestSocket.open(url);
    await socket.next();
    socket.ws.close(code);
    expect(await socket.closed).toBe(code);
  });

  test('a client that closes without a code is answered without one', async () => {
    const { url } = await relayFor();
    const socket = await TestSocket.open(url);
    await socket.next();
    socket.ws.close();
    expect(await socket.closed).toBe(1005);
  });

  test('text ends the connection as a policy violation, after the error that says so', async () => {
    const { url } = await relayFor();
    const socket = await TestSocket.open(url);
    await socket.next();
    socket.ws.send('text');
    expect((await socket.next()).type).toBe(5);
    expect(await socket.closed).toBe(1008);
  });

  test.each([
    ['an unmasked frame is closed as 1002', Buffer.of(0x82, 1, 0), 1002],
    ['a frame that is too big is closed as 1009', Buffer.of(0x82, 0xff, 0, 0, 0, 1, 0, 0, 0, 0), 1009],
  ])('%s, and the socket ends', async (_, bytes, code) => {
    const { port } = await relayFor();
    const socket = connect(port, '127.0.0.1');
    onTestFinished(() => void socket.destroy());
    // What follows the handshake in one packet is read as well.
    const handshake =
      'GET /v1/socket HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n' +
      'Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n';
    socket.write(Buffer.concat([Buffer.from(handshake), bytes]));
    const parts: Buffer[] = [];
    socket.on('data', (part: Buffer) => parts.push(part));
    await once(socket, 'end');
    const close = Buffer.concat(parts).subarray(-4);
    expect([close[0], close[1], close.readUInt16BE(2)]).toEqual([0x88, 2, code]);
  });
});
