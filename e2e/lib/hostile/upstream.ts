import { Agent, type IncomingHttpHeaders, type IncomingMessage, request, type ServerResponse } from 'node:http';

/** An answer of the real relay; status 0 where there was none. */
export interface UpstreamAnswer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

/** The real relay, asked over HTTP. */
export class Upstream implements Disposable {
  readonly #port: () => number;
  readonly #agent = new Agent({ keepAlive: true });

  constructor(port: () => number) {
    this.#port = port;
  }

  /** Asks, and waits for the whole answer. Never rejects. */
  ask(
    method: string,
    path: string,
    body: Uint8Array,
    headers: IncomingHttpHeaders,
    signal?: AbortSignal,
  ): Promise<UpstreamAnswer> {
    return new Promise((resolve) => {
      const nothing = () => resolve({ status: 0, headers: {}, body: Buffer.alloc(0) });
      const { 'transfer-encoding': _, ...kept } = headers;
      const length = body.length > 0 || method === 'POST' ? { 'content-length': body.length } : {};
      const onward = request(
        { host: '127.0.0.1', port: this.#port(), agent: this.#agent, method, path, headers: { ...kept, ...length } },
        (response) => {
          readBody(response).then(
            (whole) => resolve({ status: response.statusCode ?? 0, headers: response.headers, body: whole }),
            nothing,
          );
        },
      );
      onward.on('error', nothing);
      const stop = () => onward.destroy();
      if (signal?.aborted === true) stop();
      signal?.addEventListener('abort', stop, { once: true });
      onward.end(body);
    });
  }

  /** Gives an answer back as it came; hangs up where there was none. */
  answer(to: ServerResponse, { status, headers, body }: UpstreamAnswer): void {
    if (status === 0) {
      to.destroy();
      return;
    }
    const { 'transfer-encoding': _, ...kept } = headers;
    to.writeHead(status, { ...kept, ...(status === 204 ? {} : { 'content-length': body.length }) });
    to.end(body);
  }

  /** Passes a request and its answer as they are. */
  pass(incoming: IncomingMessage, answer: ServerResponse): void {
    const { method, url, headers } = incoming;
    const to = { host: '127.0.0.1', port: this.#port(), agent: this.#agent, method, path: url, headers };
    const onward = request(to, (response) => {
      answer.writeHead(response.statusCode ?? 502, response.headers);
      response.pipe(answer);
      response.on('error', () => answer.destroy());
    });
    onward.on('error', () => answer.destroy());
    answer.on('close', () => onward.destroy());
    incoming.pipe(onward);
  }

  [Symbol.dispose](): void {
    this.#agent.destroy();
  }
}

/** The whole body. */
export async function readBody(message: IncomingMessage): Promise<Buffer> {
  const parts: Buffer[] = [];
  for await (const part of message) parts.push(part as Buffer);
  return Buffer.concat(parts);
}
