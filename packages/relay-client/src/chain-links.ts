import {
  BytesError,
  concat,
  fromHex,
  isRelayErrorCode,
  RelayError,
  toHex,
  type AccountId,
  type ChainHead,
} from '@palmkey/envelope';
import * as v from 'valibot';
import { BodyError, readBoundedBytes, readBoundedJson, type ByteStream } from './bounded-body.ts';
import { RelayClientError } from './errors.ts';
import type { Timers } from './ports.ts';

/** What is used of `fetch`. */
export type LinksFetch = (
  url: string,
  init: { method: 'GET'; redirect: 'error'; signal: AbortSignal },
) => Promise<{
  readonly status: number;
  readonly body: ByteStream | null;
  readonly headers: { get(name: string): string | null };
}>;

/** Whose chain is fetched, and how. */
export interface FetchLinksOptions {
  /** The relay's URL origin. */
  readonly relay: string;
  readonly account: AccountId;
  /** The seqno of the last link that is known; 0 for none. */
  readonly after: number;
  readonly fetch: LinksFetch;
  readonly timers: Timers;
  readonly signal?: AbortSignal;
}

/** A chain's links up to its head, as the relay tells it: replay judges both. */
export interface FetchedLinks {
  readonly head: ChainHead;
  /** One after the other, as they are stored and sent. */
  readonly links: Uint8Array;
}

const REQUEST_MS = 15_000;
/** All of it: a relay that gives a link at a time, and each time a later head, is none that can be waited for. */
const WHOLE_MS = 3 * 60_000;
/** What a relay sends at a time. */
const MAX_ANSWER_BYTES = 1024 * 1024;
/** More than a relay keeps of one chain. */
const MAX_CHAIN_BYTES = 16 * 1024 * 1024;
const SIGNATURE_BYTES = 64;
const errorBody = v.object({ error: v.string(), retryAfterMs: v.optional(v.number()) });

/**
 * Fetches the links of a chain after one that is known (spec/account.md, "At the relay"), in as many requests as it
 * takes, and within three minutes. Rejects with `RelayError` (`no-chain`, `rate-limited`), {@link RelayClientError}
 * `no-answer` where the relay is not reached or does not come to an end, and `not-a-relay` for an answer that none
 * gives, and with the signal's reason.
 */
export async function fetchLinks(options: FetchLinksOptions): Promise<FetchedLinks> {
  const parts: Uint8Array[] = [];
  let bytes = 0;
  let seqno = options.after;
  const until = options.timers.now() + WHOLE_MS;
  for (;;) {
    const { head, links } = await fetchSome(options, seqno);
    parts.push(links);
    seqno += countOf(links);
    bytes += links.length;
    if (seqno >= head.seqno) return { head, links: concat(...parts) };
    if (links.length === 0 || bytes > MAX_CHAIN_BYTES) throw new RelayClientError('not-a-relay');
    if (options.timers.now() >= until) throw new RelayClientError('no-answer');
  }
}

async function fetchSome(options: FetchLinksOptions, after: number): Promise<FetchedLinks> {
  const { relay, account, fetch, timers, signal } = options;
  signal?.throwIfAborted();
  const late = new AbortController();
  const abort = (): void => {
    late.abort();
  };
  const cancel = timers.after(REQUEST_MS, abort);
  signal?.addEventListener('abort', abort);
  try {
    const url = `${relay}/v1/accounts/${toHex(account)}/links?after=${after}`;
    const response = await fetch(url, { method: 'GET', redirect: 'error', signal: late.signal });
    if (response.status !== 200) throw await refusalOf(response.body);
    const head = headOf(account, response.headers.get('palmkey-head'));
    return { head, links: await readBoundedBytes(response.body, MAX_ANSWER_BYTES) };
  } catch (error) {
    signal?.throwIfAborted();
    if (error instanceof RelayError || error instanceof RelayClientError) throw error;
    if (error instanceof BodyError) throw new RelayClientError('not-a-relay', error);
    throw new RelayClientError('no-answer', error);
  } finally {
    cancel();
    signal?.removeEventListener('abort', abort);
  }
}

async function refusalOf(body: ByteStream | null): Promise<RelayError | RelayClientError> {
  const answer = v.safeParse(errorBody, await readBoundedJson(body, 4096));
  if (!answer.success || !isRelayErrorCode(answer.output.error)) return new RelayClientError('not-a-relay');
  return new RelayError(answer.output.error, answer.output.retryAfterMs);
}

function headOf(account: AccountId, text: string | null): ChainHead {
  const [, seqno, hash = ''] = /^([1-9][0-9]{0,9}) ([0-9a-f]{64})$/.exec(text ?? '') ?? [];
  if (seqno === undefined) throw new RelayClientError('not-a-relay');
  return { account, seqno: Number(seqno), hash: fromHex(hash) };
}

/** How many links there are: each is `u16 length ‖ JSON ‖ signature (64)`. */
function countOf(links: Uint8Array): number {
  let count = 0;
  for (let at = 0; at < links.length; count++) {
    at += 2 + (((links[at] ?? 0) << 8) | (links[at + 1] ?? 0)) + SIGNATURE_BYTES;
    if (at > links.length) throw new RelayClientError('not-a-relay', new BytesError('a link cut short'));
  }
  return count;
}
