import {
  BytesError,
  equal,
  fromBase64Url,
  isRelayErrorCode,
  parseRendezvousSender,
  RelayError,
  relayErrors,
  toBase64Url,
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

/** What the requests about a relay's rendezvous are made with. */
export interface RendezvousRequestOptions {
  /** The relay's URL origin. */
  readonly relay: string;
  readonly fetch: Fetch;
  readonly timers: Timers;
  /** Random bytes. */
  readonly random: (length: number) => Uint8Array;
}

/** One message of a rendezvous, as the relay gives it. */
export interface RendezvousMessage {
  readonly sender: RendezvousSender;
  readonly seqno: number;
  readonly message: Uint8Array;
}

/** More than the answer with all messages that a rendezvous may hold: 64 of 16 KiB, in Base64. */
const MAX_ANSWER_BYTES = 2 * 1024 * 1024;
/** What a request may take beyond the time it waits at the relay. */
const REQUEST_MS = 10_000;

const messageList = v.object({
  messages: v.array(
    v.object({ sender: v.string(), seqno: v.pipe(v.number(), v.safeInteger(), v.minValue(0)), msg: v.string() }),
  ),
});
const errorBody = v.object({ error: v.string(), retryAfterMs: v.optional(v.number()) });

/**
 * Requests about rendezvous over HTTP (spec/relay.md, "Rendezvous"). Network faults and what the relay says may pass are
 * tried again until the signal ends it; what it says is final throws `RelayError`, an answer that no relay gives
 * {@link RelayClientError} `not-a-relay`.
 */
export class RendezvousRequests {
  readonly #options: RendezvousRequestOptions;

  constructor(options: RendezvousRequestOptions) {
    this.#options = options;
  }

  /** Leaves a message under a triple; the same may reach the relay twice, which counts it once. */
  async post(
    id: RendezvousId,
    { sender, seqno, message }: RendezvousMessage,
    signal: AbortSignal | undefined,
  ): Promise<void> {
    const body = JSON.stringify({ sender: toBase64Url(sender), seqno, msg: toBase64Url(message) });
    await this.#request('POST', pathOf(id), 0, signal, body);
  }

  /** All messages of other senders with a seqno of at least `low`; the relay waits up to `pollMs` for one. */
  async get(
    id: RendezvousId,
    receiver: RendezvousSender,
    low: number,
    pollMs: number,
    signal: AbortSignal,
  ): Promise<readonly RendezvousMessage[]> {
    const query = `receiver=${toBase64Url(receiver)}&low=${low}&poll=${pollMs}`;
    const json = await this.#request('GET', `${pathOf(id)}?${query}`, pollMs, signal);
    const answer = v.safeParse(messageList, json);
    if (!answer.success) throw new RelayClientError('not-a-relay');
    return answer.output.messages.map(({ sender, seqno, msg }) => ({
      sender: parseSender(sender, receiver),
      seqno,
      message: bytesOf(msg),
    }));
  }

  /** Posts nothing to a path, once for each time that the network fails; whatever the relay says against it is thrown. */
  async ask(path: string, signal: AbortSignal): Promise<unknown> {
    for (let failures = 0; ; failures++) {
      signal.throwIfAborted();
      const outcome = await this.#try('POST', path, 0, signal, undefined);
      if (outcome.is === 'answered') return outcome.json;
      if (outcome.error) throw outcome.error;
      await this.pause(backoffMs(failures, this.#options.random), signal);
    }
  }

  /** Waits; rejects with the signal's reason. */
  pause(delayMs: number, signal: AbortSignal | undefined): Promise<void> {
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

  async #request(
    method: 'GET' | 'POST',
    path: string,
    waitMs: number,
    signal: AbortSignal | undefined,
    body?: string,
  ): Promise<unknown> {
    for (let failures = 0; ; failures++) {
      signal?.throwIfAborted();
      const outcome = await this.#try(method, path, waitMs, signal, body);
      if (outcome.is === 'answered') return outcome.json;
      const { error } = outcome;
      if (error && relayErrors[error.code].retry === 'no') throw error;
      const toldMs = retryAfter(error?.retryAfterMs ?? 0);
      await this.pause(Math.max(toldMs, backoffMs(failures, this.#options.random)), signal);
    }
  }

  async #try(
    method: 'GET' | 'POST',
    path: string,
    waitMs: number,
    signal: AbortSignal | undefined,
    body: string | undefined,
  ): Promise<Outcome> {
    const { relay, fetch, timers } = this.#options;
    const stop = new AbortController();
    const abort = (): void => {
      stop.abort();
    };
    const cancel = timers.after(waitMs + REQUEST_MS, abort);
    signal?.addEventListener('abort', abort);
    try {
      const init = { method, redirect: 'error', signal: stop.signal } as const;
      const response = await fetch(
        `${relay}${path}`,
        body === undefined ? init : { ...init, body, headers: { 'content-type': 'application/json' } },
      );
      return judge(response.status, await readBoundedJson(response.body, MAX_ANSWER_BYTES));
    } catch (error) {
      if (error instanceof RelayClientError) throw error;
      if (error instanceof BodyError && error.tooLong) throw new RelayClientError('not-a-relay', error);
      // The network, a proxy's page instead of JSON, or the time is over.
      return { is: 'failed', error: null };
    } finally {
      cancel();
      signal?.removeEventListener('abort', abort);
    }
  }
}

type Outcome =
  | { readonly is: 'answered'; readonly json: unknown }
  /** `error`: what the relay said; null where it said nothing. */
  | { readonly is: 'failed'; readonly error: RelayError | null };

function judge(status: number, json: unknown): Outcome {
  if (status === 200 || status === 201) return { is: 'answered', json };
  const answer = v.safeParse(errorBody, json);
  if (!answer.success || !isRelayErrorCode(answer.output.error)) {
    // 404 and the like without a relay's own words: somebody else's server.
    if (status >= 500) return { is: 'failed', error: null };
    throw new RelayClientError('not-a-relay');
  }
  const { error, retryAfterMs } = answer.output;
  return { is: 'failed', error: new RelayError(error, retryAfterMs) };
}

function pathOf(id: RendezvousId): string {
  return `/v1/rendezvous/${toBase64Url(id)}`;
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
