import * as v from 'valibot';
import { backoffMs } from './backoff.ts';
import { type ByteStream, readBoundedBytes, readBoundedJson } from './bounded-body.ts';
import { framesOf, takeBody } from './line-frames.ts';
import type { Socket, SocketEvents, SocketPort, Timers } from './ports.ts';

/** What lines use of `fetch`. */
export type LineFetch = (
  url: string,
  init: {
    method: 'GET' | 'POST' | 'DELETE';
    headers?: Record<string, string>;
    body?: Uint8Array<ArrayBuffer>;
    keepalive?: boolean;
    redirect: 'error';
    signal: AbortSignal;
  },
) => Promise<{
  readonly status: number;
  readonly body: ByteStream | null;
  readonly headers: { get(name: string): string | null };
}>;

/** What lines work with. */
export interface HttpLinesOptions {
  readonly fetch: LineFetch;
  readonly timers: Timers;
  /** Random bytes. */
  readonly random: (length: number) => Uint8Array;
}

/** How long one fetch waits at the relay. */
const POLL_MS = 25_000;
/** What a request may take beyond that. */
const REQUEST_MS = 10_000;
/** A relay sends a mebibyte at a time, or one frame, each with its length. */
const MAX_FETCHED_BYTES = 2 * 1024 * 1024;
/** A line is given up when so many requests in a row have failed, which with the waits between them is 5 to 15 s. */
const MAX_FAILURES = 6;
/** RFC 6455 §7.1.5: the connection ended without a close. */
const ABNORMAL = 1006;

const begun = v.object({ line: v.pipe(v.string(), v.regex(/^[A-Za-z0-9_-]{43}$/)) });

/** Connections over HTTP requests, for networks that break WebSockets (spec/relay.md, "lines"). */
export function httpLines(options: HttpLinesOptions): SocketPort {
  return {
    connect(url, events) {
      const line = new HttpLine(options, url, events);
      void line.run();
      return line;
    },
  };
}

/** One line. Requests that fail are made again: the relay counts each post once and keeps what was not fetched. */
class HttpLine implements Socket {
  readonly #options: HttpLinesOptions;
  readonly #events: SocketEvents;
  readonly #origin: string;
  readonly #stop = new AbortController();
  #url: string | undefined;
  #waiting: Uint8Array[] = [];
  #posting = false;
  #lastSeqno = 0;
  #closing = false;

  constructor(options: HttpLinesOptions, socketUrl: string, events: SocketEvents) {
    this.#options = options;
    this.#events = events;
    this.#origin = new URL(socketUrl).origin.replace(/^ws/, 'http');
  }

  send(bytes: Uint8Array): void {
    if (this.#closing || this.#url === undefined) return;
    this.#waiting.push(bytes);
    void this.#post();
  }

  close(): void {
    if (this.#closing) return;
    this.#closing = true;
    if (!this.#posting) this.#hangUp();
  }

  /** Begins the line and fetches until it ends. Never rejects. */
  async run(): Promise<void> {
    const token = await this.#begin();
    if (token !== undefined) {
      this.#url = `${this.#origin}/v1/line/${token}`;
      if (this.#closing) this.#hangUp();
      else {
        this.#events.onOpen();
        await this.#fetchAll(this.#url);
      }
    }
    this.#closing = true;
    this.#stop.abort();
    this.#events.onClose(ABNORMAL, '');
  }

  async #begin(): Promise<string | undefined> {
    try {
      return await this.#request(`${this.#origin}/v1/line`, { method: 'POST' }, REQUEST_MS, async (response) => {
        const answer = v.safeParse(begun, await readBoundedJson(response.body, 1024));
        return response.status === 201 && answer.success ? answer.output.line : undefined;
      });
    } catch {
      return undefined;
    }
  }

  async #fetchAll(url: string): Promise<void> {
    let after = 0;
    for (let failures = 0; failures < MAX_FAILURES && !this.#stop.signal.aborted;) {
      const fetched = await this.#fetch(`${url}?after=${after}&poll=${POLL_MS}`, after + 1);
      if (fetched === 'over') return;
      if (fetched === 'failed') {
        await this.#pause(failures++);
        continue;
      }
      failures = 0;
      after += fetched.length;
      for (const frame of fetched) if (!this.#closing) this.#events.onMessage(frame);
    }
  }

  async #fetch(url: string, from: number): Promise<readonly Uint8Array[] | 'failed' | 'over'> {
    try {
      return await this.#request(url, { method: 'GET' }, POLL_MS + REQUEST_MS, async (response) => {
        if (isFinal(response.status)) return 'over';
        const bytes = await readBoundedBytes(response.body, MAX_FETCHED_BYTES);
        // A proxy's page, or what a cache kept, is not what was asked for.
        if (response.status !== 200 || response.headers.get('palmkey-from') !== String(from)) return 'failed';
        return framesOf(bytes) ?? 'over';
      });
    } catch {
      return 'failed';
    }
  }

  /** One post at a time, each with all that waits. */
  async #post(): Promise<void> {
    if (this.#posting) return;
    this.#posting = true;
    while (this.#waiting.length > 0 && !this.#stop.signal.aborted) {
      const body = takeBody(this.#waiting);
      if (!(await this.#deliver(body, ++this.#lastSeqno))) {
        this.#stop.abort();
        break;
      }
    }
    this.#posting = false;
    if (this.#closing) this.#hangUp();
  }

  async #deliver(body: Uint8Array<ArrayBuffer>, seqno: number): Promise<boolean> {
    const headers = { 'content-type': 'application/octet-stream' };
    for (let failures = 0; failures < MAX_FAILURES; failures++) {
      try {
        const init = { method: 'POST', body, headers } as const;
        const url = `${this.#url ?? ''}?seqno=${seqno}`;
        const status = await this.#request(url, init, REQUEST_MS, (response) => Promise.resolve(response.status));
        if (status === 204) return true;
        if (isFinal(status)) return false;
      } catch {
        if (this.#stop.signal.aborted) return false;
      }
      await this.#pause(failures);
    }
    return false;
  }

  /** What was sent has gone out, and the relay need not wait until the line is silent. */
  #hangUp(): void {
    if (this.#stop.signal.aborted) return;
    this.#stop.abort();
    if (this.#url === undefined) return;
    const late = new AbortController();
    const cancel = this.#options.timers.after(REQUEST_MS, () => {
      late.abort();
    });
    const init = { method: 'DELETE', redirect: 'error', keepalive: true, signal: late.signal } as const;
    this.#options.fetch(this.#url, init).then(cancel, cancel);
  }

  /** Asks, and reads the answer by `read`, all of it in time. Rejects when it is late, or the line is given up. */
  async #request<T>(
    url: string,
    init: { method: 'GET' | 'POST'; headers?: Record<string, string>; body?: Uint8Array<ArrayBuffer> },
    withinMs: number,
    read: (response: Awaited<ReturnType<LineFetch>>) => Promise<T>,
  ): Promise<T> {
    const late = new AbortController();
    const abort = (): void => {
      late.abort();
    };
    const cancel = this.#options.timers.after(withinMs, abort);
    const { signal } = this.#stop;
    signal.addEventListener('abort', abort);
    if (signal.aborted) abort();
    try {
      return await read(await this.#options.fetch(url, { ...init, redirect: 'error', signal: late.signal }));
    } finally {
      cancel();
      signal.removeEventListener('abort', abort);
    }
  }

  #pause(failures: number): Promise<void> {
    const { timers, random } = this.#options;
    const { signal } = this.#stop;
    return new Promise((resolve) => {
      const end = (): void => {
        cancel();
        signal.removeEventListener('abort', end);
        resolve();
      };
      const cancel = timers.after(backoffMs(failures, random), end);
      if (signal.aborted) end();
      else signal.addEventListener('abort', end);
    });
  }
}

/** The relay's own no: the line is not known any more, or what was posted is not what it expects. */
function isFinal(status: number): boolean {
  return status === 400 || status === 404 || status === 409 || status === 413;
}
