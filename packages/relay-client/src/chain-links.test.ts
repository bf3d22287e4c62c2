import { concat, parseAccountId, toHex } from '@palmkey/envelope';
import { expect, test } from 'vitest';
import { fetchLinks, type LinksFetch } from './chain-links.ts';
import { TestTimers } from './testing/test-timers.ts';

const account = parseAccountId(new Uint8Array(16).fill(0xab));
const hash = new Uint8Array(32).fill(7);
/** A link of so many bytes of JSON, as it is sent. */
const link = (bytes: number) => concat(Uint8Array.of(bytes >> 8, bytes & 255), new Uint8Array(bytes + 64));
const page = (seqno: number, ...links: Uint8Array[]) =>
  new Response(concat(...links), { headers: { 'palmkey-head': `${seqno} ${toHex(hash)}` } });
const refusing = (status: number, json: unknown) => new Response(JSON.stringify(json), { status });

/** A relay that gives these answers in turn. */
function relayOf(...answers: (Response | Error)[]) {
  const asked: string[] = [];
  const fetch: LinksFetch = (url) => {
    asked.push(url);
    const answer = answers.shift();
    if (!answer) throw new Error('asked too often');
    return answer instanceof Error ? Promise.reject(answer) : Promise.resolve(answer);
  };
  const options = { relay: 'https://relay.example', account, after: 3, fetch, timers: new TestTimers() };
  return { asked, options };
}

test('links are fetched until the head is there', async () => {
  const [one, two, three] = [link(300), link(2), link(0)];
  const { asked, options } = relayOf(page(5, one, two), page(6, three));
  const first = await fetchLinks(options);
  expect(first).toEqual({ head: { account, seqno: 5, hash }, links: concat(one, two) });
  const second = relayOf(page(6, one, two), page(6, three));
  expect((await fetchLinks(second.options)).links).toEqual(concat(one, two, three));
  expect(second.asked).toEqual(
    [3, 5].map((after) => `https://relay.example/v1/accounts/${'ab'.repeat(16)}/links?after=${after}`),
  );
  expect(asked).toHaveLength(1);
});

test('what is known already is not fetched', async () => {
  const { options } = relayOf(page(3));
  expect((await fetchLinks(options)).links).toHaveLength(0);
});

test('the relay’s own no is its error, and what no relay answers is not', async () => {
  const outcomes: [Response | Error, string][] = [
    [refusing(404, { error: 'no-chain', message: '' }), 'no-chain'],
    [refusing(429, { error: 'rate-limited', message: '', retryAfterMs: 5 }), 'rate-limited'],
    [refusing(404, { error: 'elsewhere' }), 'not-a-relay'],
    [new Response('<html>', { status: 502 }), 'not-a-relay'],
    [new Response(new Uint8Array(1)), 'not-a-relay'],
    [page(9), 'not-a-relay'],
    [page(9, link(10).subarray(1)), 'not-a-relay'],
    [page(4, new Uint8Array(1024 * 1024 + 1)), 'not-a-relay'],
    [new TypeError('fetch failed'), 'no-answer'],
  ];
  for (const [answer, code] of outcomes) {
    await expect(fetchLinks(relayOf(answer).options), code).rejects.toMatchObject({ code });
  }
});

test('a relay whose head runs away is left', async () => {
  const long = concat(...Array.from({ length: 15 }, () => link(65_535)));
  const endless: LinksFetch = (url) => Promise.resolve(page(15 + Number(url.slice(url.indexOf('=') + 1)) + 1, long));
  await expect(fetchLinks({ ...relayOf().options, fetch: endless })).rejects.toMatchObject({ code: 'not-a-relay' });
});

test('a relay that never comes to an end, a link at a time, is left after a while', async () => {
  const timers = new TestTimers();
  let asked = 0;
  const dripping: LinksFetch = () => {
    asked += 1;
    timers.advance(14_000);
    return Promise.resolve(page(5 + asked, link(10)));
  };
  const fetched = fetchLinks({ ...relayOf().options, timers, fetch: dripping });
  await expect(fetched).rejects.toMatchObject({ code: 'no-answer' });
  expect(asked).toBe(13);
});

test('a fetch ends with its signal', async () => {
  const stop = new AbortController();
  const fetch: LinksFetch = (_, { signal }) =>
    new Promise((_resolve, reject) => {
      signal.addEventListener('abort', () => {
        reject(new Error('aborted'));
      });
    });
  const fetched = fetchLinks({ ...relayOf().options, fetch, signal: stop.signal });
  stop.abort(new Error('enough'));
  await expect(fetched).rejects.toThrow('enough');
});
