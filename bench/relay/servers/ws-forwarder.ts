/**
 * A bare forwarder on `ws`: no authentication, no limits, no mail. A client's path is its id; a frame goes to the
 * connection whose id stands where Palmkey's frame has its peer. `ws-forwarder PORT`. Signal USR2: collects garbage and prints `rss BYTES`.
 */
import { WebSocketServer, type WebSocket } from 'ws';

const connected = new Map<string, WebSocket>();
process.on('SIGUSR2', () => {
  globalThis.gc?.();
  globalThis.gc?.();
  console.log(`rss ${process.memoryUsage.rss()}`);
});
const server = new WebSocketServer({
  host: '127.0.0.1',
  port: Number(process.argv[2]),
  perMessageDeflate: false,
  clientTracking: false,
});
server.on('connection', (ws, request) => {
  connected.set(Buffer.from((request.url ?? '').slice(1), 'hex').toString('latin1'), ws);
  ws.on('message', (frame: Buffer) => {
    connected.get(frame.toString('latin1', 16, 32))?.send(frame);
  });
});
server.on('listening', () => {
  console.log('listens');
});
