import { parseRendezvousId, parseRendezvousSender, toBase64Url } from '@palmkey/envelope';
import { expect, test } from 'vitest';
import { HttpRendezvous } from './http-rendezvous.ts';
import type { Timers } from './ports.ts';
import type { Fetch } from './rendezvous-requests.ts';

const id = parseRendezvousId(new Uint8Array(32));
const sender = parseRendezvousSender(new Uint8Array(16).fill(1));
const theirs = toBase64Url(new Uint8Array(16).fill(2));
const never = new AbortController().signal;

const jsonResponse = (status: number, json: unknown) => new Response(JSON.stringify(json), { status });

/** A relay that gives these answers in turn; timers of less than a minute are over at once, others never. */
function rendezvousOf(...answers: (Error | [number, unknown])[]) {
  const asked: string[] = [];
  const waited: number[] = [];
  const fetch: Fetch = (url, { body }) => {
    asked.push(body ?? url.slice(url.indexOf('&low')));
    const answer = answers.shift();
    if (!answer) throw new Error('asked too often');
    if (answer instanceof Error) return Promise.reject(answer);
    return Promise.resolve(jsonResponse(answer[0], answer[1]));
  };
  const timers: Timers = {
    now: () => 0,
    after: (delayMs, run) => {
      let cancelled = false;
      // Request time-outs are 10 s and more; pauses are shorter.
      if (delayMs < 10_000) {
        waited.push(delayMs);
        queueMicrotask(() => {
          if (!cancelled) run();
        });
      }
      return () => {
        cancelled = true;
      };
    },
  };
  const options = { relay: 'https://relay.example', id, sender, fetch, timers };
  const channel = new HttpRendezvous({ ...options, random: (n) => new Uint8Array(n) });
  return { channel, asked, waited };
}

test('a post is tried again through faults of the network and when the relay says later', async () => {
  const { channel, waited, asked } = rendezvousOf(
    new TypeError('fetch failed'),
    [502, {}],
    [429, { error: 'rate-limited', message: '', retryAfterMs: 9_000 }],
    [200, {}],
  );
  await channel.post(Uint8Array.of(1));
  expect(waited).toEqual([250, 500, 9_000]);
  expect(new Set(asked).size).toBe(1);
});

test('a relay that says much too much later is asked again within a minute, never at once', async () => {
  const delays: number[] = [];
  let answered = 0;
  const channel = new HttpRendezvous({
    relay: 'https://relay.example',
    id,
    sender,
    random: (n) => new Uint8Array(n),
    fetch: () => {
      // JSON has no Infinity, but numbers that are read as it.
      const json = `{"error":"rate-limited","message":"","retryAfterMs":${answered === 0 ? '1e999' : String(2 ** 40)}}`;
      return Promise.resolve(answered++ < 2 ? new Response(json, { status: 429 }) : jsonResponse(200, {}));
    },
    timers: {
      now: () => 0,
      after: (delayMs, run) => {
        let cancelled = false;
        delays.push(delayMs);
        // The first timer of each try is its time-out.
        if (delays.length % 2 === 0) queueMicrotask(() => cancelled || run());
        return () => (cancelled = true);
      },
    },
  });
  await channel.post(Uint8Array.of(1));
  expect(delays.filter((_, i) => i % 2 === 1)).toEqual([60_000, 60_000]);
});

test('a redirect is not followed: a relay sends nobody elsewhere', async () => {
  let init: unknown;
  const fetch: Fetch = (_url, given) => {
    init = given;
    return Promise.resolve(jsonResponse(200, {}));
  };
  const timers: Timers = { now: () => 0, after: () => () => undefined };
  const options = {
    relay: 'https://relay.example',
    id,
    sender,
    fetch,
    timers,
    random: (n: number) => new Uint8Array(n),
  };
  await new HttpRendezvous(options).post(Uint8Array.of(1));
  expect(init).toMatchObject({ redirect: 'error' });
});

test('what the relay says is final throws its error', async () => {
  const { channel } = rendezvousOf([409, { error: 'conflict', message: '' }], [404, { error: 'no-rendezvous' }]);
  await expect(channel.post(Uint8Array.of(1))).rejects.toMatchObject({ name: 'RelayError', code: 'conflict' });
  await expect(channel.next(never)).rejects.toMatchObject({ code: 'no-rendezvous' });
});

test('an answer that no relay gives is said to be none', async () => {
  const strange: [number, unknown][] = [
    [404, { error: 'not-found' }],
    [200, []],
    [200, { messages: [{ sender: 'x', seqno: 1, msg: '' }] }],
    [200, { messages: [{ sender: toBase64Url(sender), seqno: 1, msg: '' }] }],
    [200, { messages: [{ sender: theirs, seqno: 1, msg: '=' }] }],
    [200, { messages: [{ sender: theirs, seqno: '1', msg: '' }] }],
  ];
  for (const answer of strange) {
    await expect(rendezvousOf(answer).channel.next(never)).rejects.toMatchObject({ code: 'not-a-relay' });
  }
});

test('messages come in order, each once, and known ones cause a pause', async () => {
  const message = (seqno: number) => ({ sender: theirs, seqno, msg: toBase64Url(Uint8Array.of(seqno)) });
  const { channel, asked, waited } = rendezvousOf(
    [200, { messages: [message(1), message(3)] }],
    [200, { messages: [message(1), message(3)] }],
    [200, { messages: [message(3)] }],
    [200, { messages: [message(1), message(2), message(3)] }],
  );
  expect([...(await channel.next(never))]).toEqual([1]);
  expect([...(await channel.next(never))]).toEqual([2]);
  expect([...(await channel.next(never))]).toEqual([3]);
  expect(asked).toEqual(['&low=1&poll=25000', '&low=1&poll=0', '&low=2&poll=2000', '&low=1&poll=0']);
  expect(waited).toEqual([1000]);
});

test("an answer without end is left off and is no relay's", async () => {
  let pulled = 0;
  let left = false;
  const endless = new ReadableStream({
    pull: (stream) => {
      pulled += 1;
      stream.enqueue(new Uint8Array(64 * 1024).fill(0x20));
    },
    cancel: () => {
      left = true;
    },
  });
  const hostile = new HttpRendezvous({
    relay: 'https://relay.example',
    id,
    sender,
    random: (n) => new Uint8Array(n),
    fetch: () => Promise.resolve(new Response(endless)),
    timers: { now: () => 0, after: () => () => undefined },
  });
  await expect(hostile.next(never)).rejects.toMatchObject({ code: 'not-a-relay' });
  expect(left).toBe(true);
  expect(pulled).toBeLessThan(40);
});
