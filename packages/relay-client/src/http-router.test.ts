import { parseRendezvousId, parseRendezvousSender, toBase64Url } from '@palmkey/envelope';
import { expect, test } from 'vitest';
import { HttpRouter } from './http-router.ts';
import type { Timers } from './ports.ts';
import type { Fetch } from './rendezvous-requests.ts';

const id = parseRendezvousId(new Uint8Array(32).fill(3));
const self = parseRendezvousSender(new Uint8Array(16).fill(1));
const theirs = new Uint8Array(16).fill(2);
const never = new AbortController().signal;

/** A relay that gives these answers in turn; pauses are over at once. */
function routerOf(...answers: (Error | [number, unknown])[]) {
  const asked: string[] = [];
  const waited: number[] = [];
  const fetch: Fetch = (url, { method }) => {
    asked.push(`${method} ${url.slice('https://relay.example'.length)}`);
    const answer = answers.shift();
    if (!answer) throw new Error('asked too often');
    if (answer instanceof Error) return Promise.reject(answer);
    return Promise.resolve(new Response(JSON.stringify(answer[1]), { status: answer[0] }));
  };
  const timers: Timers = {
    now: () => 0,
    after: (delayMs, run) => {
      let cancelled = false;
      if (delayMs < 10_000) {
        waited.push(delayMs);
        queueMicrotask(() => cancelled || run());
      }
      return () => (cancelled = true);
    },
  };
  const router = new HttpRouter({ relay: 'https://relay.example', fetch, timers, random: (n) => new Uint8Array(n) });
  return { router, asked, waited };
}

test('a get waits as long as it is told, and gives every message from a seqno on', async () => {
  const messages = [4, 5].map((seqno) => ({ sender: toBase64Url(theirs), seqno, msg: toBase64Url(Uint8Array.of(9)) }));
  const { router, asked } = routerOf([200, { messages }], [200, { messages: [] }]);
  const [first, second] = await router.get(id, self, 4, 1234.5, never);
  expect([first?.seqno, second?.seqno, first?.sender, first?.message]).toEqual([4, 5, theirs, Uint8Array.of(9)]);
  expect(await router.get(id, self, 6, 0, never)).toEqual([]);
  const path = `GET /v1/rendezvous/${toBase64Url(id)}?receiver=${toBase64Url(self)}`;
  expect(asked).toEqual([`${path}&low=4&poll=1234`, `${path}&low=6&poll=0`]);
});

test('a rendezvous that is closed ends post and get', async () => {
  const { router } = routerOf([404, { error: 'no-rendezvous' }], [404, { error: 'no-rendezvous' }]);
  await expect(router.post(id, self, 1, Uint8Array.of(1), never)).rejects.toMatchObject({ code: 'no-rendezvous' });
  await expect(router.get(id, self, 1, 0, never)).rejects.toMatchObject({ code: 'no-rendezvous' });
});

test('opened looks again until the rendezvous is there, and no longer than its signal', async () => {
  const { router, waited } = routerOf(
    [404, { error: 'no-rendezvous' }],
    [404, { error: 'no-rendezvous' }],
    [200, { messages: [] }],
    [400, { error: 'bad-frame' }],
  );
  await router.opened(id, self, never);
  expect(waited).toEqual([1000, 1000]);
  await expect(router.opened(id, self, never)).rejects.toMatchObject({ code: 'bad-frame' });
  await expect(router.opened(id, self, AbortSignal.abort())).rejects.toMatchObject({ name: 'AbortError' });
});

test('a nameplate is tried again through faults of the network, and gives its rendezvous', async () => {
  const { router, asked, waited } = routerOf(new TypeError('failed'), [502, {}], [200, { id: toBase64Url(id) }]);
  expect(await router.claimNameplate(12, never)).toEqual(id);
  expect(asked).toEqual(Array<string>(3).fill('POST /v1/nameplates/12'));
  expect(waited).toEqual([250, 500]);
});

test.each([
  ['no-nameplate', [404, { error: 'no-nameplate' }]],
  ['rate-limited', [429, { error: 'rate-limited', retryAfterMs: 50_000 }]],
  ['unavailable', [503, { error: 'unavailable' }]],
  ['not-a-relay', [404, { error: 'not-found' }]],
  ['not-a-relay', [200, { id: 'short' }]],
  ['not-a-relay', [200, { id: '=' }]],
  ['not-a-relay', [200, {}]],
] as [string, [number, unknown]][])('a nameplate fails at once as %s', async (code, answer) => {
  const { router, waited } = routerOf(answer);
  await expect(router.claimNameplate(0, never)).rejects.toMatchObject({ code });
  expect(waited).toEqual([]);
});
