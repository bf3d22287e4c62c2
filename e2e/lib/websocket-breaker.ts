/** A proxy as networks have them that break WebSockets: HTTP passes, upgrades are refused or fall silent. */
import { createServer, request, type IncomingMessage, type ServerResponse } from 'node:http';
import { connect, type Socket } from 'node:net';
import { freePort } from './temp.ts';

/** What becomes of an upgrade: answered with an error, or answered well and then swallowed. */
export type Breakage = 'refused' | 'silent';

export interface WebSocketBreaker extends AsyncDisposable {
  readonly port: number;
  readonly origin: string;
  /** How many upgrades were asked for, and how many of the requests of lines passed. */
  readonly seen: { upgrades: number; lineRequests: number };
  /** From then on upgrades pass. */
  mend(): void;
}

/** Listens on a port of its own and forwards to `target` on loopback. */
export async function startWebSocketBreaker(target: number, breakage: Breakage): Promise<WebSocketBreaker> {
  const port = await freePort();
  const seen = { upgrades: 0, lineRequests: 0 };
  const open = new Set<Socket>();
  let broken = true;

  const server = createServer((incoming, answer) => {
    if (incoming.url?.startsWith('/v1/line') === true) seen.lineRequests += 1;
    forward(incoming, answer, target);
  });
  server.on('connection', (socket) => {
    open.add(socket);
    socket.on('close', () => open.delete(socket));
  });
  server.on('upgrade', (incoming: IncomingMessage, client: Socket) => {
    seen.upgrades += 1;
    client.on('error', () => client.destroy());
    if (broken && breakage === 'refused') {
      client.end('HTTP/1.1 400 Bad Request\r\nConnection: close\r\nContent-Length: 0\r\n\r\n');
      return;
    }
    const relay = connect(target, '127.0.0.1');
    const isBroken = broken;
    let answered = false;
    relay.on('error', () => client.destroy());
    relay.on('close', () => client.destroy());
    client.on('close', () => relay.destroy());
    relay.write(headOf(incoming));
    relay.on('data', (chunk: Buffer) => {
      const end = chunk.indexOf('\r\n\r\n') + 4;
      if (!isBroken || !answered) client.write(isBroken ? chunk.subarray(0, end) : chunk);
      answered = true;
    });
    client.on('data', (chunk: Buffer) => {
      if (!isBroken) relay.write(chunk);
    });
  });
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  return {
    port,
    origin: `http://localhost:${port}`,
    seen,
    mend: () => (broken = false),
    [Symbol.asyncDispose]: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        for (const socket of open) socket.destroy();
      }),
  };
}

function forward(incoming: IncomingMessage, answer: ServerResponse, target: number): void {
  const { method, url, headers } = incoming;
  const onward = request({ host: '127.0.0.1', port: target, method, path: url, headers }, (response) => {
    answer.writeHead(response.statusCode ?? 502, response.headers);
    response.pipe(answer);
  });
  onward.on('error', () => answer.destroy());
  answer.on('close', () => onward.destroy());
  incoming.pipe(onward);
}

/** The request as it came, to be sent on. */
function headOf({ method = 'GET', url = '/', rawHeaders }: IncomingMessage): string {
  const lines: string[] = [];
  for (let i = 0; i < rawHeaders.length; i += 2) lines.push(`${rawHeaders[i] ?? ''}: ${rawHeaders[i + 1] ?? ''}`);
  return `${method} ${url} HTTP/1.1\r\n${lines.join('\r\n')}\r\n\r\n`;
}
