import { decodeLinks, replay } from '@palmkey/chain';
import {
  encodeChainPost,
  encodeChainReadAsk,
  encodeChainWrite,
  encodeControlFrame,
  FrameType,
  NOBODY,
  parseAccountDataWord,
  parseAccountRecords,
  parseChainAnswer,
  parseChainBoxes,
  parseChainHead,
  parseChainWritten,
  parseGrant,
  parseRelayError,
  toHex,
  type ChainPost,
  type Frame,
} from '@palmkey/envelope';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { expect, onTestFinished, test } from 'vitest';
import { chainPrimitives } from './chain/primitives.ts';
import { limits } from './limits.ts';
import { RealNats } from './testing/real-nats.ts';
import { postgresPrograms, RealPostgres } from './testing/real-postgres.ts';
import { TestPeople } from './testing/test-chain.ts';
import { TestClock } from './testing/test-clock.ts';
import type { TestSocket } from './testing/test-device.ts';
import { codeOf, testRelay } from './testing/test-relay.ts';

const grant = parseGrant(new Uint8Array(32).fill(5));
const grantHash = new Uint8Array(createHash('sha256').update(grant).digest());
const nothing = new Uint8Array(0);

/** The next frame that is none about who is there. */
async function nextWord(socket: TestSocket): Promise<Frame> {
  for (;;) {
    const frame = await socket.next();
    if (frame.type !== FrameType.presence) return frame;
  }
}

/** Posts and waits for the answer. */
async function post(socket: TestSocket, number: number, links: ChainPost): Promise<Frame> {
  socket.control(FrameType.chainPost, number, encodeChainPost(links));
  return nextWord(socket);
}

/** A relay with ada, whose chain has begun over the socket. */
async function begun(options: Parameters<typeof testRelay>[0] = {}) {
  const relay = await testRelay(options);
  onTestFinished(() => relay.close());
  const people = new TestPeople();
  const ada = people.device('ada');
  await relay.admit(ada);
  const socket = await ada.read(relay.url);
  const chain = await people.begin('ada');
  expect(await post(socket, 1, chain.post({ boxes: ['ada'] }))).toMatchObject({ type: FrameType.done, number: 1 });
  return { relay, people, ada, socket, chain };
}

test('a chain is begun, asked for, and fetched by whoever knows its id', async () => {
  const { relay, socket, chain, ada } = await begun();
  socket.control(FrameType.chainAsk, 2, nothing);
  const asked = parseChainAnswer((await nextWord(socket)).body);
  expect(asked).toEqual({ account: chain.account, ...chain.head });
  const url = `${relay.url}/v1/accounts/${toHex(chain.account)}/links`;
  const answer = await fetch(`${url}?after=0`, { headers: { origin: 'https://app.example.org' } });
  expect(answer.status).toBe(200);
  expect(answer.headers.get('content-type')).toBe('application/octet-stream');
  expect(answer.headers.get('palmkey-head')).toBe(`1 ${toHex(chain.head.hash)}`);
  expect(answer.headers.get('access-control-allow-origin')).toBe('*');
  expect(answer.headers.get('access-control-expose-headers')).toBe('palmkey-head');
  const links = decodeLinks(new Uint8Array(await answer.arrayBuffer()));
  expect((await replay(chainPrimitives, links, null)).head).toEqual(chain.head);
  expect(new Uint8Array(await (await fetch(`${url}?after=1`)).arrayBuffer())).toHaveLength(0);
  const statusOf = async (path: string) => (await fetch(`${relay.url}/v1/accounts/${path}`)).status;
  expect(await statusOf(`${toHex(ada.id)}/links?after=0`)).toBe(404);
  for (const path of ['zz/links?after=0', `${toHex(chain.account)}/links`, `${toHex(chain.account)}/links?after=01`]) {
    expect(await statusOf(path)).toBe(400);
  }
  expect(await relay.operator.accounts()).toMatchObject([{ chain: { id: chain.account, links: 1 }, devices: 1 }]);
});

test('an address fetches links so many times a minute', async () => {
  const { relay, chain } = await begun();
  const url = `${relay.url}/v1/accounts/${toHex(chain.account)}/links?after=1`;
  for (let n = 0; n < limits.chainFetchesPerMinute; n++) expect((await fetch(url)).status).toBe(200);
  expect(await (await fetch(url)).json()).toMatchObject({ error: 'rate-limited' });
});

test('a refused post says which link and why, and the connection goes on', async () => {
  const { socket, chain } = await begun();
  const other = chain.fork();
  await other.maker.host('eve', 'host');
  const refused = await post(socket, 7, other.post());
  expect([refused.type, refused.number]).toEqual([FrameType.error, 7]);
  expect(parseRelayError(refused.body)).toMatchObject({
    code: 'bad-chain',
    refusal: { reason: 'unknown-signer', seqno: 2 },
  });
  await chain.maker.host('ada', 'host');
  expect((await post(socket, 8, chain.post())).type).toBe(FrameType.done);
});

test('all of the account who are there hear of a new head, but whoever posted it', async () => {
  const { relay, people, socket, chain } = await begun();
  await chain.maker.host('ada', 'host');
  expect((await post(socket, 2, chain.post())).type).toBe(FrameType.done);
  const host = await people.device('host').read(relay.url);
  await chain.maker.host('ada', 'tower');
  expect((await post(socket, 3, chain.post())).type).toBe(FrameType.done);
  const heard = await nextWord(host);
  expect(heard.type).toBe(FrameType.chainHead);
  expect(parseChainHead(heard.body)).toEqual({ account: chain.account, ...chain.head });
  // The next thing that ada hears is the answer to this, and no head.
  socket.control(FrameType.chainAsk, 4, nothing);
  expect(await nextWord(socket)).toMatchObject({ type: FrameType.done, number: 4 });
});

test('the members who are there hear that account data was written, but neither its writer nor a computer', async () => {
  const { relay, people, socket, chain } = await begun();
  await chain.maker.member('ada', 'bob');
  expect((await post(socket, 2, chain.post({ boxes: ['bob'], sender: 'ada' }))).type).toBe(FrameType.done);
  await chain.maker.host('ada', 'host');
  expect((await post(socket, 3, chain.post())).type).toBe(FrameType.done);
  const bob = await people.device('bob').read(relay.url);
  const host = await people.device('host').read(relay.url);
  const record = { name: 'facts/00', revision: 0, bytes: Uint8Array.of(1) };
  socket.control(FrameType.chainWrite, 4, encodeChainWrite(record));
  const written = await nextWord(socket);
  expect([written.type, parseChainWritten(written.body)]).toEqual([FrameType.done, 1]);
  const heard = await nextWord(bob);
  expect([heard.type, parseAccountDataWord(heard.body)]).toEqual([
    FrameType.accountData,
    { account: chain.account, revision: 1 },
  ]);
  bob.control(FrameType.chainRead, 5, encodeChainReadAsk(0));
  const read = parseAccountRecords((await nextWord(bob)).body);
  expect(read).toEqual({ latest: 1, records: [{ ...record, revision: 1 }] });
  bob.control(FrameType.chainWrite, 6, encodeChainWrite({ ...record, revision: 1, bytes: nothing }));
  expect(parseChainWritten((await nextWord(bob)).body)).toBe(0);
  // The next thing that the others hear is the answer to this.
  for (const other of [socket, host]) {
    other.control(FrameType.chainAsk, 7, nothing);
    expect(await nextWord(other)).toMatchObject({ type: FrameType.done, number: 7 });
  }
});

test('a device that a chain revokes is told so, then and when it comes again', async () => {
  const { relay, people, socket, chain } = await begun();
  await chain.maker.host('ada', 'host');
  await post(socket, 2, chain.post());
  const host = people.device('host');
  const there = await host.read(relay.url);
  await chain.maker.revoke('ada', 'host');
  expect((await post(socket, 3, chain.post())).type).toBe(FrameType.done);
  expect(codeOf(await nextWord(there))).toBe('removed');
  expect(await there.closed).toBe(1008);
  expect(codeOf(await (await host.connect(relay.url)).next())).toBe('removed');
  socket.unicast(host.id, 4, Uint8Array.of(1));
  expect(codeOf(await nextWord(socket))).toBe('absent');
});

test('a device that was another account’s connects again, as one of this', async () => {
  const { relay, people, socket, chain } = await begun();
  const host = people.device('host');
  await relay.admit(host);
  const there = await host.read(relay.url);
  await chain.maker.host('ada', 'host');
  expect((await post(socket, 2, chain.post())).type).toBe(FrameType.done);
  expect(codeOf(await nextWord(there))).toBe('draining');
  const again = await host.read(relay.url);
  expect(await again.next()).toMatchObject({ type: FrameType.presence, number: 1 });
  expect((await relay.operator.accounts()).map(({ devices }) => devices)).toEqual([2]);
});

test('a device with a grant can do nothing but join, and then everything', async () => {
  const { relay, people, socket, chain, ada } = await begun();
  socket.control(FrameType.chainGrant, 2, grantHash);
  expect((await nextWord(socket)).type).toBe(FrameType.done);
  const bob = people.device('bob');
  const joining = await bob.enter(relay.url, { grant });
  joining.unicast(ada.id, 1, Uint8Array.of(1));
  expect(codeOf(await joining.next())).toBe('absent');
  for (const [type, body] of [
    [FrameType.rendezvousOpen, new Uint8Array(32)],
    [FrameType.pushRegister, nothing],
    [FrameType.invite, new Uint8Array(36)],
    [FrameType.forgetDevice, ada.id],
    [FrameType.deleteAccount, nothing],
    [FrameType.chainRead, new Uint8Array(4)],
    [FrameType.chainGrant, new Uint8Array(32)],
  ] as const) {
    joining.control(type, 3, body);
    expect(codeOf(await joining.next()), String(type)).toBe('no-chain');
  }
  // Nobody reaches it, and nobody sees it.
  socket.unicast(bob.id, 9, Uint8Array.of(1));
  expect(codeOf(await nextWord(socket))).toBe('absent');
  expect(relay.connections()).toBe(1);
  // Nobody else joins by the grant; the same device does, as often as it connects.
  expect(codeOf(await (await people.device('eve').connect(relay.url, { grant })).next())).toBe('not-admitted');
  const second = await bob.enter(relay.url, { grant });
  second.control(FrameType.resume, 0, new Uint8Array(16));
  second.control(FrameType.chainAsk, 4, nothing);
  expect(parseChainAnswer((await second.next()).body)).toEqual({ account: chain.account, ...chain.head });
  second.control(FrameType.chainBoxes, 5, new Uint8Array(4));
  expect(parseChainBoxes((await second.next()).body)).toEqual({ box: null, seeds: [] });
  await chain.maker.member('ada', 'bob');
  const links = chain.post({ boxes: ['bob'], sender: 'ada' });
  expect(await post(second, 6, links)).toMatchObject({ type: FrameType.done, number: 6 });
  expect((await nextWord(socket)).type).toBe(FrameType.chainHead);
  // It has resumed with what it sent before, and is reached.
  socket.mail(bob.id, 10, Uint8Array.of(2));
  expect(await nextWord(second)).toMatchObject({ type: FrameType.unicast, number: 10 });
  second.control(FrameType.chainBoxes, 7, new Uint8Array(4));
  expect(parseChainBoxes((await nextWord(second)).body).box).toEqual(links.boxes[0]);
  expect(relay.connections()).toBe(2);
});

test('a device that the relay knows joins another account by a grant', async () => {
  const { relay, people, socket, chain, ada } = await begun();
  const bob = people.device('bob');
  await relay.admit(bob);
  const ordinary = await bob.read(relay.url);
  socket.control(FrameType.chainGrant, 2, grantHash);
  await nextWord(socket);
  const joining = await bob.enter(relay.url, { grant });
  await chain.maker.member('ada', 'bob');
  expect((await post(joining, 3, chain.post({ boxes: ['bob'] }))).type).toBe(FrameType.done);
  expect(codeOf(await nextWord(ordinary))).toBe('draining');
  joining.unicast(ada.id, 4, Uint8Array.of(1));
  for (;;) {
    const frame = await nextWord(socket);
    if (frame.type === FrameType.chainHead) continue;
    expect(frame).toMatchObject({ type: FrameType.unicast, number: 4 });
    break;
  }
  expect((await relay.operator.devices()).map(({ account }) => toHex(account))).toEqual([ada.id, ada.id].map(toHex));
});

test('a device that has not joined goes when its grant is over', async () => {
  const clock = new TestClock();
  const { relay, people, socket } = await begun({ clock });
  socket.control(FrameType.chainGrant, 2, grantHash);
  await nextWord(socket);
  const joining = await people.device('bob').enter(relay.url, { grant });
  // The relay pings every half minute, and wants its answers.
  for (let passed = limits.pingEveryMs; passed < limits.chainGrantLifetimeMs; passed += limits.pingEveryMs) {
    clock.advance(limits.pingEveryMs);
    joining.ws.ping();
    await once(joining.ws, 'pong');
  }
  clock.advance(limits.pingEveryMs);
  expect(codeOf(await joining.next())).toBe('timed-out');
  expect(codeOf(await (await people.device('bob').connect(relay.url, { grant })).next())).toBe('not-admitted');
});

test('a paper key that nobody has seen connects, and learns which account it is of', async () => {
  const { relay, people, socket, chain } = await begun();
  await chain.maker.paper('ada', 'words');
  await post(socket, 2, chain.post({ boxes: ['words'] }));
  const words = await people.device('words').enter(relay.url);
  words.control(FrameType.chainAsk, 1, nothing);
  expect(parseChainAnswer((await words.next()).body)).toEqual({ account: chain.account, ...chain.head });
});

test('what is no order about a chain ends the connection', async () => {
  for (const [type, body] of [
    [FrameType.chainPost, new Uint8Array(36)],
    [FrameType.chainGrant, new Uint8Array(31)],
    [FrameType.chainAsk, Uint8Array.of(1)],
    [FrameType.chainBoxes, nothing],
    [FrameType.chainRead, nothing],
    [FrameType.chainWrite, nothing],
    [FrameType.chainHead, nothing],
    [FrameType.accountData, nothing],
  ] as const) {
    const { socket } = await begun();
    socket.ws.send(encodeControlFrame(type, 2, body));
    const answer = await nextWord(socket);
    expect([codeOf(answer), answer.peer], String(type)).toEqual(['bad-frame', NOBODY]);
  }
});

test('metrics count what came of posts', async () => {
  const { relay, socket, chain } = await begun();
  const again = chain.postOf(0, chain.maker.links, { boxes: ['ada'] });
  await post(socket, 2, again);
  await post(socket, 3, { ...again, links: again.links.subarray(1) });
  const text = await (await fetch(`${relay.url}/metrics`)).text();
  for (const [outcome, count] of [
    ['posted', 1],
    ['repeated', 1],
    ['bad-chain', 1],
    ['conflict', 0],
  ]) {
    expect(text).toContain(`palmkey_chain_posts_total{outcome="${outcome}"} ${count}\n`);
  }
});

test.runIf(RealNats.isInstalled() && postgresPrograms !== undefined)(
  'devices at another node hear of a head, are told that they were revoked, and connect again when they moved',
  async () => {
    const postgres = await RealPostgres.start({ settings: ['fsync=off'] });
    onTestFinished(() => postgres[Symbol.asyncDispose]());
    const nats = await RealNats.start();
    onTestFinished(() => nats[Symbol.asyncDispose]());
    const near = await begun({ store: postgres.url(), bus: nats.url });
    const far = await testRelay({ store: postgres.url(), bus: nats.url });
    onTestFinished(() => far.close());
    const { people, chain, socket } = near;
    const [host, guest] = [people.device('host'), people.device('guest')];
    await chain.maker.host('ada', 'host');
    expect((await post(socket, 2, chain.post())).type).toBe(FrameType.done);
    await near.relay.admit(guest);
    const [there, other] = [await host.read(far.url), await guest.read(far.url)];
    await chain.maker.host('ada', 'guest');
    expect((await post(socket, 3, chain.post())).type).toBe(FrameType.done);
    const heard = await nextWord(there);
    expect(parseChainHead(heard.body)).toEqual({ account: chain.account, ...chain.head });
    expect(codeOf(await nextWord(other))).toBe('draining');
    await chain.maker.member('ada', 'bob');
    expect((await post(socket, 10, chain.post({ boxes: ['bob'], sender: 'ada' }))).type).toBe(FrameType.done);
    expect((await nextWord(there)).type).toBe(FrameType.chainHead);
    const bob = await people.device('bob').read(far.url);
    const record = { name: 'facts/00', revision: 0, bytes: Uint8Array.of(1) };
    socket.control(FrameType.chainWrite, 11, encodeChainWrite(record));
    expect((await nextWord(socket)).type).toBe(FrameType.done);
    expect(parseAccountDataWord((await nextWord(bob)).body)).toEqual({ account: chain.account, revision: 1 });
    await chain.maker.revoke('ada', 'host');
    expect((await post(socket, 4, chain.post())).type).toBe(FrameType.done);
    expect(codeOf(await nextWord(there))).toBe('removed');
  },
  60_000,
);
