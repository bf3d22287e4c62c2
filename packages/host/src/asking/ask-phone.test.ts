import {
  type Agreed,
  MAX_PART_BYTES,
  MAX_REQUEST_BYTES,
  parseRequest,
  parseRequestHash,
  requestHash,
} from '@palmkey/core/requests';
import type { Content } from '@palmkey/core/messages';
import { toHex } from '@palmkey/envelope';
import { beforeEach, describe, expect, test } from 'vitest';
import { AskPhone } from './ask-phone.ts';
import type { AskNotice, AskResult, Question } from './ask.ts';
import { nodePrimitives } from '../keys/node-primitives.ts';
import { TestClock } from '../testing/test-clock.ts';
import { TestPhone } from '../testing/test-phone.ts';

const phone = new TestPhone();
const stranger = new TestPhone('Other');
const pairing = phone.pairing();
const { id } = pairing.peer;
const approve = { is: 'approve', signature: Uint8Array.of(1) } as const;
const question: Question = {
  kind: 'ssh-sign',
  key: phone.key,
  data: Uint8Array.of(1, 2, 3),
  binds: [],
  host: null,
  origin: { sure: 'none' },
};

const about = { kind: 'login', user: 'deploy', host: 'prod', subject: null } as const;

let clock: TestClock;
let sent: Content[];
let notices: AskNotice[];
let changes: number;
let askPhone: AskPhone;
let gone: AbortController;
let verified: (good: boolean) => void;
let sending: Promise<unknown>;
/** By phone, what it speaks; nobody else has said. */
let agreed: Map<string, Agreed>;
let sentTo: [name: string, content: Content][];
let pushed: [name: string, content: Content, lifetimeMs: number][];

beforeEach(() => {
  clock = new TestClock();
  sent = [];
  sentTo = [];
  pushed = [];
  agreed = new Map();
  notices = [];
  changes = 0;
  gone = new AbortController();
  sending = Promise.resolve();
  askPhone = new AskPhone({
    clock,
    randomBytes: (length) => nodePrimitives.randomBytes(length),
    agreed: (device) => agreed.get(toHex(device)) ?? null,
    send: ({ peer }, content) => {
      sent.push(content);
      sentTo.push([peer.name, content]);
      return sending;
    },
    push: ({ peer }, content, lifetimeMs) => {
      pushed.push([peer.name, content, lifetimeMs]);
      return Promise.resolve('handed');
    },
    onChange: () => (changes += 1),
  });
});

/** Asks, and gives what the request was called; `verify` is decided by `verified`. */
function ask(change: Partial<Question> = {}, slow = false) {
  const verify = () => (slow ? new Promise<boolean>((resolve) => (verified = resolve)) : Promise.resolve(true));
  const result = askPhone.ask({
    holders: [pairing],
    question: { ...question, ...change } as Question,
    preview: null,
    about,
    verify,
    onNotice: (notice) => notices.push(notice),
    signal: gone.signal,
  });
  const [asked] = sent.slice(-1);
  const hash = asked?.kind === 'ask' ? requestHash(asked.request) : parseRequestHash(new Uint8Array(32));
  return { result, hash };
}

const settled = () => sent.filter((content) => content.kind === 'settled');
const outcome = async (result: Promise<AskResult>) => (await result).outcome;

describe('ask', () => {
  test('sends a request that says when it ends, and lists it as waiting', () => {
    const { hash } = ask();
    const [first] = sent;
    if (first?.kind !== 'ask') throw new Error('nothing was asked');
    const request = parseRequest(first.request);
    expect(request).toMatchObject({ kind: 'ssh-sign', issued: clock.now(), expires: clock.now() + 90_000 });
    expect(askPhone.waiting()).toMatchObject([
      { hash: Buffer.from(hash).toString('hex'), user: 'deploy', host: 'prod', phones: ['Pixel'], receivedBy: [] },
    ]);
    expect(changes).toBeGreaterThan(0);
  });

  test('throws at once for a question beyond the limit, and waits for nothing', () => {
    const bind = { hostKey: new Uint8Array(32_000), sessionId: Uint8Array.of(1), signature: Uint8Array.of(1) };
    const binds = Array.from({ length: Math.ceil(MAX_REQUEST_BYTES / 32_000) }, () => ({ ...bind, forwarding: true }));
    expect(() => ask({ binds })).toThrow();
    expect([askPhone.waiting(), clock.timers]).toEqual([[], 0]);
  });

  test('an approval whose signature is good is handed out and settled', async () => {
    const { result, hash } = ask();
    askPhone.received(id, hash);
    askPhone.decided(id, hash, approve);
    expect(await result).toMatchObject({
      outcome: 'approved',
      signature: approve.signature,
      received: true,
      by: 'Pixel',
      until: null,
    });
    expect(settled()).toMatchObject([{ hash, outcome: 'approved', by: id }]);
    expect(notices).toEqual([{ is: 'received', by: 'Pixel', holds: true }]);
    expect(askPhone.waiting()).toEqual([]);
  });

  test.each([
    ['a reject', { is: 'reject' } as const, { outcome: 'rejected', signature: null }],
    [
      'a refusal',
      { is: 'refuse', code: 'clock-skew', skew: 5 } as const,
      { outcome: 'failed', code: 'clock-skew', skew: 5, signature: null },
    ],
  ])('%s ends it', async (_, answer, expected) => {
    const { result, hash } = ask();
    askPhone.decided(id, hash, answer);
    expect(await result).toMatchObject(expected);
    expect(settled()).toHaveLength(1);
  });

  test('an approval whose signature is bad, or cannot be looked at, fails', async () => {
    const { result, hash } = ask({}, true);
    askPhone.decided(id, hash, approve);
    verified(false);
    expect(await result).toMatchObject({ outcome: 'failed', signature: null });
  });

  test('a reject before the host has acted wins over an approval', async () => {
    const { result, hash } = ask({}, true);
    askPhone.decided(id, hash, approve);
    askPhone.decided(id, hash, { is: 'reject' });
    verified(true);
    expect(await result).toMatchObject({ outcome: 'rejected', signature: null });
    expect(settled()).toMatchObject([{ outcome: 'rejected' }]);
  });

  test('what another phone says of it counts for nothing', async () => {
    const { result, hash } = ask();
    askPhone.received(stranger.device.id, hash);
    askPhone.decided(stranger.device.id, hash, approve);
    askPhone.decided(stranger.device.id, hash, { is: 'reject' });
    askPhone.repeat(stranger.pairing());
    askPhone.absent(stranger.pairing());
    askPhone.forget(stranger.pairing(), 'unpaired');
    expect([sent.length, notices]).toEqual([1, []]);
    askPhone.decided(id, hash, approve);
    expect(await outcome(result)).toBe('approved');
  });

  test('silence is told after 2 s and ends it after 30', async () => {
    const { result } = ask();
    askPhone.absent(pairing);
    clock.advance(1_999);
    expect(notices).toEqual([]);
    clock.advance(1);
    expect(notices).toEqual([{ is: 'unreceived', absent: true }]);
    clock.advance(28_000);
    expect(await result).toMatchObject({ outcome: 'expired', received: false, absent: true });
  });

  test('a phone that has it gets until 90 s, whatever the wall clock does', async () => {
    const { result, hash } = ask();
    clock.advance(20_000);
    askPhone.received(id, hash);
    clock.setWall(0);
    clock.advance(69_999);
    expect(askPhone.waiting()).toHaveLength(1);
    clock.advance(1);
    expect(await result).toMatchObject({ outcome: 'expired', received: true, absent: false });
  });

  test('whoever asked is gone: withdrawn, and the phone is told', async () => {
    const { result } = ask();
    gone.abort();
    expect(await outcome(result)).toBe('withdrawn');
    expect(settled()).toMatchObject([{ outcome: 'withdrawn', by: null }]);
  });

  test('whoever asked is gone already: the phone is not asked', async () => {
    gone.abort();
    expect(await outcome(ask().result)).toBe('withdrawn');
    expect(sent.map(({ kind }) => kind)).not.toContain('ask');
  });

  test('lets go of the signal once it is over', async () => {
    const { result, hash } = ask();
    askPhone.decided(id, hash, { is: 'reject' });
    await result;
    const before = sent.length;
    gone.abort();
    expect(sent).toHaveLength(before);
  });
});

test('repeat sends the same bytes again, to that phone and while it is open', async () => {
  const { result, hash } = ask();
  askPhone.absent(pairing);
  askPhone.repeat(pairing);
  expect(sent[1]).toEqual(sent[0]);
  clock.advance(2_000);
  expect(notices).toEqual([{ is: 'unreceived', absent: false }]);
  askPhone.decided(id, hash, { is: 'reject' });
  await result;
  askPhone.repeat(pairing);
  expect(sent.filter(({ kind }) => kind === 'ask')).toHaveLength(2);
});

test('repeat says again what came of a request, as long as a phone may show it', async () => {
  const { result, hash } = ask();
  gone.abort();
  await result;
  expect(settled()).toHaveLength(1);
  askPhone.repeat(pairing);
  expect(settled()[1]).toEqual({ kind: 'settled', hash, outcome: 'withdrawn', by: null });
  askPhone.repeat(stranger.pairing());
  clock.advance(90_000);
  askPhone.repeat(pairing);
  expect(settled()).toHaveLength(2);
});

test('a late answer gets the same settled again, for a quarter of an hour', async () => {
  const { result, hash } = ask();
  askPhone.decided(id, hash, { is: 'reject' });
  await result;
  askPhone.decided(id, hash, approve);
  expect(settled()).toMatchObject([{ outcome: 'rejected' }, { outcome: 'rejected', by: id }]);
  clock.advance(15 * 60_000);
  askPhone.decided(id, hash, approve);
  expect(settled()).toHaveLength(2);
  expect(clock.timers).toBe(0);
});

test('an answer to what was never asked is passed over', () => {
  askPhone.received(id, parseRequestHash(new Uint8Array(32)));
  askPhone.decided(id, parseRequestHash(new Uint8Array(32)), approve);
  expect(sent).toEqual([]);
});

test('forget fails what is open: an approval that comes after it is worth nothing', async () => {
  const { result, hash } = ask({}, true);
  askPhone.decided(id, hash, approve);
  askPhone.forget(pairing, 'unpaired');
  verified(true);
  expect(await result).toMatchObject({ outcome: 'failed', signature: null });
});

test('close withdraws everything, waits until the phones were told, and leaves no timer', async () => {
  const { hash, result: first } = ask();
  askPhone.decided(id, hash, { is: 'reject' });
  await first;
  const { result } = ask();
  let told: () => void = () => undefined;
  sending = new Promise<void>((resolve) => (told = resolve));
  let closed = false;
  const closing = askPhone.close().then(() => (closed = true));
  expect(await outcome(result)).toBe('withdrawn');
  expect([closed, clock.timers]).toEqual([false, 0]);
  told();
  await closing;
  expect(await outcome(ask().result)).toBe('withdrawn');
  expect(clock.timers).toBe(0);
});

describe('several phones', () => {
  const tablet = new TestPhone('Tablet');
  const second = tablet.pairing();
  const speaks = (protocol: number): Agreed => ({ is: 'speaking', protocol });
  const kindsTo = (name: string) => sentTo.filter(([to]) => to === name).map(([, { kind }]) => kind);
  const hashFor = (name: string) => {
    const [, asked] = sentTo.find(([to, { kind }]) => to === name && kind === 'ask') ?? [];
    if (asked?.kind !== 'ask') throw new Error(`${name} was not asked`);
    return requestHash(asked.request);
  };
  beforeEach(() => {
    agreed.set(toHex(id), speaks(2)).set(toHex(second.peer.id), speaks(2));
  });

  function askBoth(change: Partial<Question> = {}, holders = [pairing, second]) {
    return askPhone.ask({
      holders,
      others: [pairing, second],
      question: { ...question, ...change } as Question,
      preview: null,
      about,
      verify: () => new Promise<boolean>((resolve) => (verified = resolve)),
      onNotice: (notice) => notices.push(notice),
      signal: gone.signal,
    });
  }
  type GitObject = Extract<Question, { kind: 'git-sign' }>['object'];
  const git = (object: GitObject, holders = [pairing, second], text?: Uint8Array) =>
    askPhone.ask({
      holders,
      others: [pairing, second],
      question: { kind: 'git-sign', key: phone.key, object, repository: null, origin: { sure: 'none' } },
      ...(text === undefined ? {} : { text }),
      preview: null,
      about: { ...about, kind: 'git' },
      verify: () => Promise.resolve(true),
      onNotice: (notice) => notices.push(notice),
      signal: gone.signal,
    });

  test('all of them are asked, and all hear how it was settled and by whom', async () => {
    const result = askBoth();
    askPhone.decided(second.peer.id, hashFor('Tablet'), { is: 'approve', signature: Uint8Array.of(2), until: 77 });
    verified(true);
    expect(await result).toMatchObject({ outcome: 'approved', by: 'Tablet', until: 77, signature: Uint8Array.of(2) });
    expect([kindsTo('Pixel'), kindsTo('Tablet')]).toEqual([
      ['ask', 'settled'],
      ['ask', 'settled'],
    ]);
    expect(settled()).toMatchObject([{ by: second.peer.id }, { by: second.peer.id }]);
  });

  test('a reject of one wins over the approval of another that is not acted on yet', async () => {
    const result = askBoth();
    askPhone.decided(id, hashFor('Pixel'), approve);
    askPhone.decided(second.peer.id, hashFor('Tablet'), { is: 'reject' });
    verified(true);
    expect(await result).toMatchObject({ outcome: 'rejected', by: 'Tablet', signature: null });
  });

  test('one without the key may reject or pass, and not approve', async () => {
    const result = askBoth({}, [pairing]);
    askPhone.received(second.peer.id, hashFor('Tablet'));
    askPhone.decided(second.peer.id, hashFor('Tablet'), approve);
    askPhone.decided(second.peer.id, hashFor('Tablet'), { is: 'pass' });
    expect(await result).toMatchObject({ outcome: 'passed', by: 'Tablet', received: false });
    expect(notices).toEqual([{ is: 'received', by: 'Tablet', holds: false }]);
  });

  test('one without the key is not asked in version 1, nor before it has said what it speaks', () => {
    agreed.set(toHex(second.peer.id), speaks(1));
    void askBoth({}, [pairing]);
    expect(kindsTo('Tablet')).toEqual([]);
    agreed.delete(toHex(second.peer.id));
    askPhone.repeat(second);
    expect(kindsTo('Tablet')).toEqual([]);
    agreed.set(toHex(second.peer.id), speaks(2));
    askPhone.repeat(second);
    expect(kindsTo('Tablet')).toEqual(['ask']);
  });

  test('are absent only when all that have the key are', () => {
    void askBoth();
    askPhone.absent(pairing);
    expect(askPhone.waiting()[0]?.phones).toEqual(['Tablet']);
    clock.advance(2_000);
    expect(notices).toEqual([{ is: 'unreceived', absent: false }]);
    void askBoth({}, [pairing]);
    askPhone.absent(pairing);
    clock.advance(2_000);
    expect(notices.at(-1)).toEqual({ is: 'unreceived', absent: true });
  });

  test('one that is unpaired is out, its approval too, and the others go on', async () => {
    const result = askBoth();
    askPhone.decided(id, hashFor('Pixel'), approve);
    const first = verified;
    askPhone.forget(pairing, 'unpaired');
    first(true);
    await new Promise(setImmediate);
    expect(askPhone.waiting()).toHaveLength(1);
    askPhone.decided(second.peer.id, hashFor('Tablet'), approve);
    verified(true);
    expect(await result).toMatchObject({ outcome: 'approved', by: 'Tablet' });
  });

  test('when the last that can answer is taken out of the account, that is what is said', async () => {
    const result = askBoth();
    askPhone.forget(second, 'revoked');
    askPhone.forget(pairing, 'revoked');
    askPhone.decided(id, hashFor('Pixel'), approve);
    expect(await result).toMatchObject({ outcome: 'failed', by: null, code: 'revoked', signature: null });
  });

  test('one of version 1 gets a login of version 1, answers by its hash, and hears withdrawn for passed', async () => {
    agreed.set(toHex(id), speaks(1));
    const origin = { sure: 'claimed', programs: ['ssh'], terminal: null, directory: '/src' } as const;
    const result = askBoth({ origin });
    const [old, young] = ['Pixel', 'Tablet'].map(hashFor);
    expect(old).not.toEqual(young);
    const request = sentTo.flatMap(([to, c]) => (to === 'Pixel' && c.kind === 'ask' ? [parseRequest(c.request)] : []));
    expect(request).toMatchObject([{ origin: { sure: 'claimed', programs: ['ssh'], terminal: null } }]);
    expect(JSON.stringify(request)).not.toContain('directory');
    askPhone.decided(second.peer.id, hashFor('Tablet'), { is: 'pass' });
    expect(await result).toMatchObject({ outcome: 'passed' });
    const told = sentTo.flatMap(([to, c]) => (c.kind === 'settled' ? [[to, c.hash, c.outcome]] : []));
    expect(told).toEqual([
      ['Pixel', old, 'withdrawn'],
      ['Tablet', young, 'passed'],
    ]);
  });

  test('one that has not said what it speaks gets what both versions know, and the same again when it has', () => {
    agreed.delete(toHex(id));
    void askBoth({ origin: { sure: 'claimed', programs: [], terminal: null, directory: '/src' } });
    agreed.set(toHex(id), speaks(2));
    askPhone.repeat(pairing);
    const asks = sentTo.filter(([to]) => to === 'Pixel').map(([, content]) => content);
    expect(asks).toHaveLength(2);
    expect(asks[1]).toEqual(asks[0]);
  });

  test.each([
    [speaks(1), 'phone-too-old'],
    [{ is: 'update-us' } as const, 'update-us'],
    [{ is: 'update-peer' } as const, 'update-phone'],
  ])('a commit is not asked of one that cannot know it: %o', async (how, code) => {
    agreed.set(toHex(id), how);
    const result = git({ is: 'whole', bytes: Uint8Array.of(1) }, [pairing]);
    expect(await result).toMatchObject({ outcome: 'failed', code, signature: null });
    expect(kindsTo('Pixel')).toEqual([]);
  });

  test('a commit goes to one that has not said what it speaks, and fails once it turns out to be too old', async () => {
    agreed.delete(toHex(id));
    const result = git({ is: 'whole', bytes: Uint8Array.of(1) }, [pairing]);
    expect(kindsTo('Pixel')).toEqual(['ask']);
    agreed.set(toHex(id), speaks(1));
    askPhone.repeat(pairing);
    expect(await result).toMatchObject({ outcome: 'failed', code: 'phone-too-old' });
  });

  test('parts are served as they are wanted, only of an open request, only to who was asked, and not without end', async () => {
    const text = new Uint8Array(2 * MAX_PART_BYTES + 5).fill(7);
    const object = { is: 'parts', size: text.length, sha256: new Uint8Array(32) } as const;
    const result = git(object, [pairing], text);
    const hash = hashFor('Pixel');
    const parts = () => sentTo.flatMap(([, c]) => (c.kind === 'part' ? [[c.from, c.bytes.length]] : []));
    askPhone.wanted(id, hash, 0);
    askPhone.wanted(id, hash, 2 * MAX_PART_BYTES);
    askPhone.wanted(id, hash, text.length);
    askPhone.wanted(stranger.device.id, hash, 0);
    expect(parts()).toEqual([
      [0, MAX_PART_BYTES],
      [2 * MAX_PART_BYTES, 5],
    ]);
    for (let i = 0; i < 1000; i += 1) askPhone.wanted(id, hash, 1);
    expect(parts().length).toBeLessThan(40);
    askPhone.decided(id, hash, { is: 'reject' });
    await result;
    const before = parts().length;
    askPhone.wanted(second.peer.id, hash, 0);
    expect(parts()).toHaveLength(before);
  });

  test('what one says that is not understood is told to who waits', () => {
    void askBoth();
    askPhone.notUnderstood(second);
    expect(notices).toEqual([{ is: 'not-understood', by: 'Tablet' }]);
  });
});

describe('a phone that does not answer', () => {
  const turn = () => new Promise<void>((resolve) => setImmediate(resolve));
  const preview = { what: 'login', user: 'deploy', server: { name: 'x'.repeat(200), port: 22 } } as const;
  const speaks = (protocol: number): Agreed => ({ is: 'speaking', protocol });
  const askWith = (change: Partial<Parameters<AskPhone['ask']>[0]> = {}) =>
    askPhone.ask({
      holders: [pairing],
      question,
      preview,
      about,
      verify: () => Promise.resolve(true),
      onNotice: (notice) => notices.push(notice),
      signal: gone.signal,
      ...change,
    });
  const askedHash = () => {
    const asked = sent.find(({ kind }) => kind === 'ask');
    if (asked?.kind !== 'ask') throw new Error('nothing was asked');
    return requestHash(asked.request);
  };

  test('is woken with a preview that names the request, and the person hears it', async () => {
    agreed.set(toHex(id), speaks(3));
    void askWith();
    askPhone.absent(pairing);
    await turn();
    const [[name, content, lifetimeMs] = ['', null, 0]] = pushed;
    expect([name, lifetimeMs]).toEqual(['Pixel', 90_000]);
    const server = { name: `${'x'.repeat(127)}…`, port: 22 };
    expect(content).toEqual({ kind: 'preview', hash: askedHash(), of: { what: 'login', user: 'deploy', server } });
    clock.advance(2_000);
    expect(notices).toEqual([{ is: 'woken', by: 'Pixel', woken: 'handed' }]);
  });

  test('is woken after 2 s where its relay does not say that it is away', async () => {
    clock.advance(0.25);
    clock.setWall(1_800_000_000_000);
    void askWith();
    clock.advance(2_000.5);
    await turn();
    expect(notices.map(({ is }) => is)).toEqual(['unreceived', 'woken']);
    expect(pushed).toMatchObject([['Pixel', { kind: 'preview' }, 88_000]]);
    clock.advance(20_000);
    await turn();
    expect(pushed.at(-1)?.[2]).toBe(67_999);
  });

  test('is not woken once it has the request, and the end says what came of it', async () => {
    const result = askWith();
    askPhone.absent(pairing);
    await turn();
    askPhone.received(id, askedHash());
    clock.advance(60_000);
    expect(pushed).toHaveLength(1);
    askPhone.decided(id, askedHash(), { is: 'reject' });
    expect(await result).toMatchObject({ outcome: 'rejected', woken: 'handed' });
    expect(clock.timers).toBe(1);
  });

  test.each([
    ['has said nothing yet', null, 1],
    ['speaks version 3', speaks(3), 1],
    ['speaks version 2', speaks(2), 0],
    ['is too new', { is: 'update-us' } as const, 0],
  ])('and %s', async (_, spoken, pushes) => {
    if (spoken !== null) agreed.set(toHex(id), spoken);
    void askWith();
    clock.advance(2_000);
    await turn();
    expect(pushed).toHaveLength(pushes);
  });

  test('and has not the key is not woken, nor is anybody for a ping', async () => {
    const tablet = new TestPhone('Tablet').pairing();
    agreed.set(toHex(id), speaks(3)).set(toHex(tablet.peer.id), speaks(3));
    void askWith({ others: [tablet] });
    void askWith({ question: { kind: 'ping' }, preview: null, about: null });
    for (const each of [pairing, tablet]) askPhone.absent(each);
    await turn();
    expect(pushed.map(([name]) => name)).toEqual(['Pixel']);
  });
});
