import {
  BytesError,
  equal,
  fromBase64Url,
  isRelayErrorCode,
  parseRendezvousSender,
  RelayError,
  relayErrors,
  toBase64Url,
  toHex,
  type RendezvousId,
  type RendezvousSender,
} from '@palmkey/envelope';
import * as v from 'valibot';
import { backoffMs, retryAfter } from './backoff.ts';
import { BodyError, type ByteStream, readBoundedJson } from './bounded-body.ts';
import { RelayClientError } from './errors.ts';
import type { Timers } from './ports.ts';

/** What is used of `fetch`. */
export type Fetch = (
  url: string,
  init: {
    method: 'GET' | 'POST';
    headers?: Record<string, string>;
    body?: string;
    redirect: 'error';
    signal: AbortSignal;
  },
) => Promise<{ readonly status: number; readonly body: ByteStream | null }>;

/** What one side of a rendezvous works with. */
export interface HttpRendezvousOptions {
  /** The relay's URL origin. */
  readonly relay: string;
  readonly id: RendezvousId;
  /** 16 random bytes, made for this rendezvous. */
  readonly sender: RendezvousSender;
  readonly fetch: Fetch;
  readonly timers: Timers;
  /** Random bytes. */
  readonly random: (length: number) => Uint8Array;
  /** Ends the tries of `post`; `next` is given its own. */
  readonly signal?: AbortSignal;
}

/** How long one poll waits at the relay. */
const POLL_MS = 25_000;
/** With somebody there already, how long a poll for that sender may keep this side from seeing another. */
const SHORT_POLL_MS = 2_000;
/** More than the answer with all messages that a rendezvous may hold: 64 of 16 KiB, in Base64. */
const MAX_ANSWER_BYTES = 2 * 1024 * 1024;
/** Between polls that bring nothing but what is known. */
const PAUSE_MS = 1_000;
/** What a request may take beyond the time it waits at the relay. */
const REQUEST_MS = 10_000;

const messageList = v.object({
  messages: v.array(
    v.object({ sender: v.string(), seqno: v.pipe(v.number(), v.safeInteger(), v.minValue(0)), msg: v.string() }),
  ),
});
const errorBody = v.object({ error: v.string(), retryAfterMs: v.optional(v.number()) });

/**
 * One side's view of a rendezvous over HTTP (spec/relay.md, "Rendezvous"). Network faults and what the relay says may
 * pass are tried again until the signal ends it; what it says is final throws `RelayError`, an answer that no relay
 * gives {@link RelayClientError} `not-a-relay`.
 */
export class HttpRendezvous {
  readonly #options: HttpRendezvousOptions;
  readonly #url: string;
  #lastPosted = 0;
  /** By sender (hexadecimal), the number of its next message. */
  readonly #expected = new Map<string, number>();
  readonly #arrived: Uint8Array[] = [];

  constructor(options: HttpRendezvousOptions) {
    this.#options = options;
    this.#url = `${options.relay}/v1/rendezvous/${toBase64Url(options.id)}`;
  }

  /** Leaves this side's next message; the same may reach the relay twice, which counts it once. */
  async post(message: Uint8Array): Promise<void> {
    const seqno = ++this.#lastPosted;
    const body = JSON.stringify({ sender: toBase64Url(this.#options.sender), seqno, msg: toBase64Url(message) });
    await this.#request('POST', this.#url, 0, this.#options.signal, body);
  }

  /** The next message of another side: each sender's in order, each once. Rejects with the signal's reason. */
  async next(signal: AbortSignal): Promise<Uint8Array> {
    for (;;) {
      const message = this.#arrived.shift();
      if (message) return message;
      if (this.#expected.size === 0) {
        await this.#poll(1, POLL_MS, signal);
        continue;
      }
      // `low` is one number for all senders: a long poll for the next message of those that are known would hide the
      // first of one that is not, and whoever squats on a rendezvous must not hide the other side.
      await this.#poll(1, 0, signal);
      if (this.#arrived.length > 0) continue;
      const known = await this.#poll(Math.min(...this.#expected.values()), SHORT_POLL_MS, signal);
      if (known > 0 && this.#arrived.length === 0) await this.#pause(PAUSE_MS, signal);
    }
  }

  /** Fetches what is there from `low` on and keeps what is new; returns how many messages came. */
  async #poll(low: number, pollMs: number, signal: AbortSignal): Promise<number> {
    const query = `receiver=${toBase64Url(this.#options.sender)}&low=${low}&poll=${pollMs}`;
    const answer = v.safeParse(messageList, await this.#request('GET', `${this.#url}?${query}`, pollMs, signal));
    if (!answer.success) throw new RelayClientError('not-a-relay');
    for (const { sender, seqno, msg } of answer.output.messages) {
      const key = toHex(parseSender(sender, this.#options.sender));
      const expected = this.#expected.get(key) ?? 1;
      if (seqno !== expected) continue;
      this.#expected.set(key, expected + 1);
      this.#arrived.push(bytesOf(msg));
    }
    return answer.output.messages.length;
  }

  async #request(
    method: 'GET' | 'POST',
    url: string,
    waitMs: number,
    signal: AbortSignal | undefined,
    body?: string,
  ): Promise<unknown> {
    for (let failures = 0; ; failures++) {
      signal?.throwIfAborted();
      const outcome = await this.#try(method, url, waitMs, signal, body);
      if (outcome.is === 'answered') return outcome.json;
      if (outcome.is === 'refused') throw outcome.error;
      await this.#pause(Math.max(retryAfter(outcome.retryAfterMs), backoffMs(failures, this.#options.random)), signal);
    }
  }

  async #try(
    method: 'GET' | 'POST',
    url: string,
    waitMs: number,
    signal: AbortSignal | undefined,
    body: string | undefined,
  ): Promise<Outcome> {
    const { fetch, timers } = this.#options;
    const stop = new AbortController();
    const abort = (): void => {
      stop.abort();
    };
    const cancel = timers.after(waitMs + REQUEST_MS, abort);
    signal?.addEventListener('abort', abort);
    try {
      const init = { method, redirect: 'error', signal: stop.signal } as const;
      const response = await fetch(
        url,
        body === undefined ? init : { ...init, body, headers: { 'content-type': 'application/json' } },
      );
      return judge(response.status, await readBoundedJson(response.body, MAX_ANSWER_BYTES));
    } catch (error) {
      if (error instanceof RelayClientError) throw error;
      if (error instanceof BodyError && error.tooLong) throw new RelayClientError('not-a-relay', error);
      // The network, a proxy's page instead of JSON, or the time is over.
      return { is: 'failed', retryAfterMs: 0 };
    } finally {
      cancel();
      signal?.removeEventListener('abort', abort);
    }
  }

  #pause(delayMs: number, signal: AbortSignal | undefined): Promise<void> {
    return new Promise((resolve, reject) => {
      const abort = (): void => {
        cancel();
        reject(signal?.reason as Error);
      };
      const cancel = this.#options.timers.after(delayMs, () => {
        signal?.removeEventListener('abort', abort);
        resolve();
      });
      if (signal?.aborted) abort();
      else signal?.addEventListener('abort', abort, { once: true });
    });
  }
}

type Outcome =
  | { readonly is: 'answered'; readonly json: unknown }
  | { readonly is: 'refused'; readonly error: RelayError }
  | { readonly is: 'failed'; readonly retryAfterMs: number };

function judge(status: number, json: unknown): Outcome {
  if (status === 200 || status === 201) return { is: 'answered', json };
  const answer = v.safeParse(errorBody, json);
  if (!answer.success || !isRelayErrorCode(answer.output.error)) {
    // 404 and the like without a relay's own words: somebody else's server.
    if (status >= 500) return { is: 'failed', retryAfterMs: 0 };
    throw new RelayClientError('not-a-relay');
  }
  const { error, retryAfterMs = 0 } = answer.output;
  if (relayErrors[error].retry === 'no') return { is: 'refused', error: new RelayError(error) };
  return { is: 'failed', retryAfterMs };
}

/** A sender that is not this side: the relay does not give back one's own messages. */
function parseSender(text: string, self: RendezvousSender): RendezvousSender {
  try {
    const sender = parseRendezvousSender(fromBase64Url(text));
    if (!equal(sender, self)) return sender;
  } catch (error) {
    if (!(error instanceof BytesError)) throw error;
  }
  throw new RelayClientError('not-a-relay');
}

function bytesOf(text: string): Uint8Array {
  try {
    return fromBase64Url(text);
  } catch (error) {
    throw new RelayClientError('not-a-relay', error);
  }
}
