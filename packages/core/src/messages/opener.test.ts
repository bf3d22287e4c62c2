import { type ChainState, replay } from '@palmkey/chain';
import { concat, MAX_BODY_BYTES, parseAccountId } from '@palmkey/envelope';
import * as fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { encodeCanonical, sha256, webPrimitives } from '../crypto/index.ts';
import { parseDeviceName, type DeviceKeys, type Peer, type PublicDevice, type Role } from '../devices/index.ts';
import { parseRequestHash } from '../requests/index.ts';
import { fixedBytes, fixedDevice } from '../testing/fixed-keys.ts';
import { type Forgery, forgeMessage, publicOf } from '../testing/forge-message.ts';
import { newMaker } from '../testing/memory-chain.ts';
import { ManualClock } from '../testing/manual-clock.ts';
import { encodeContent, type Content } from './content.ts';
import { bodyLength, compareBytes } from './layout.ts';
import { ClockSkewError, MessageError, NotUnderstoodError } from './message-error.ts';
import { CLOCK_TOLERANCE_MS, Opener } from './opener.ts';
import { MemoryReplayStore } from './replay-store.ts';
import { DEFAULT_LIFETIME_MS, MAX_LIFETIME_MS, Sealer } from './sealer.ts';
import { encodeSignedMap, parseStreamId } from './signed-map.ts';

const MINUTE = 60_000;
const hash = parseRequestHash(fixedBytes('request'));
const ask: Content = { kind: 'ask', request: fixedBytes('a request') };
let host: DeviceKeys;
let phone: DeviceKeys;
let other: DeviceKeys;

beforeAll(async () => {
  [host, phone, other] = await Promise.all([fixedDevice('host'), fixedDevice('phone'), fixedDevice('other')]);
});

const peerOf = (device: DeviceKeys, role: Role): Peer => ({ ...publicOf(device), name: parseDeviceName('name'), role });
const directory = (...peers: readonly Peer[]) => ({
  find: (id: Uint8Array) => peers.find((peer) => compareBytes(peer.id, id) === 0),
});
const clock = new ManualClock();
const sealer = (device: DeviceKeys, at = clock) => new Sealer({ primitives: webPrimitives, device, clock: at });
const phoneOpener = (
  options: { role?: Role; at?: ManualClock; peers?: readonly Peer[]; replay?: MemoryReplayStore } = {},
) =>
  new Opener({
    primitives: webPrimitives,
    device: phone,
    role: options.role ?? 'decides',
    peers: directory(...(options.peers ?? [peerOf(host, 'asks')])),
    replay: options.replay ?? new MemoryReplayStore(),
    clock: options.at ?? clock,
  });
const fails = async (opening: Promise<unknown>, code: string) => {
  await expect(opening).rejects.toBeInstanceOf(MessageError);
  await expect(opening).rejects.toMatchObject({ code });
};

const forge = ({ recipients, ...forgery }: Forgery & { readonly recipients?: readonly PublicDevice[] }) =>
  forgeMessage(host, recipients ?? [publicOf(phone)], clock.now(), ask, forgery);

describe('Sealer and Opener', () => {
  it('carry every kind of content to every recipient', async () => {
    const fromHost: Content[] = [
      { kind: 'here', name: parseDeviceName('laptop'), software: 'palmkey 0.1.0', keys: null },
      ask,
      { kind: 'settled', hash, outcome: 'approved', by: phone.id },
      { kind: 'settled', hash, outcome: 'expired', by: null },
      { kind: 'preview', hash, of: { what: 'file', namespace: 'file' } },
      { kind: 'unpair' },
    ];
    const fromPhone: Content[] = [
      {
        kind: 'here',
        name: parseDeviceName('Pixel'),
        software: 'palmkey 0.1.0',
        keys: [{ blob: hash, comment: 'mine' }],
      },
      { kind: 'received', hash },
      { kind: 'decision', hash, answer: { is: 'approve', signature: new Uint8Array(83) } },
      { kind: 'decision', hash, answer: { is: 'reject' } },
      { kind: 'decision', hash, answer: { is: 'refuse', code: 'busy', skew: null } },
      { kind: 'decision', hash, answer: { is: 'refuse', code: 'clock-skew', skew: -3_600_000 } },
      { kind: 'unpair' },
    ];
    const seals = sealer(host);
    const opens = phoneOpener();
    for (const content of fromHost) {
      const opened = await opens.open(await seals.seal([publicOf(other), publicOf(phone)], content));
      expect(opened).toEqual({ sender: peerOf(host, 'asks'), content, sentAt: clock.now(), head: null, gaps: 0 });
    }
    const hostOpens = new Opener({
      primitives: webPrimitives,
      device: host,
      role: 'asks',
      peers: directory(peerOf(phone, 'decides')),
      replay: new MemoryReplayStore(),
      clock,
    });
    const phoneSeals = sealer(phone);
    for (const content of fromPhone) {
      expect((await hostOpens.open(await phoneSeals.seal([publicOf(host)], content))).content).toEqual(content);
    }
  });

  it('make bodies of the length that the page gives', async () => {
    for (const length of [1, 100, 1000, 10_000]) {
      const content: Content = { kind: 'ask', request: new Uint8Array(length) };
      const body = await sealer(host).seal([publicOf(phone), publicOf(other)], content);
      const signed = encodeSignedMap({
        v: 1,
        from: host.id,
        to: [phone, other].map(({ id }) => ({ id, n: 1 })),
        stream: parseStreamId(new Uint8Array(16)),
        sent: clock.now(),
        expires: clock.now() + DEFAULT_LIFETIME_MS,
        head: null,
        content: encodeContent(content),
      });
      expect(body).toHaveLength(bodyLength(2, signed.length));
    }
    const short = await sealer(host).seal([publicOf(phone)], { kind: 'unpair' });
    expect(short).toHaveLength(18 + 89 + 12 + 256 + 16);
  });

  it('number messages for each recipient alone, in the order of the calls', async () => {
    const seals = sealer(host);
    const opens = phoneOpener();
    await seals.seal([publicOf(other)], ask);
    const bodies = await Promise.all([1, 2, 3].map(() => seals.seal([publicOf(phone)], ask)));
    expect((await opens.open(bodies[0]!)).gaps).toBe(0);
    expect((await opens.open(bodies[2]!)).gaps).toBe(1);
    expect((await opens.open(bodies[1]!)).gaps).toBe(0);
    await fails(opens.open(bodies[1]!), 'replayed');
  });
});

describe('Sealer with a chain', () => {
  it('tells its head to devices of the account, and no head at all where one recipient is not on it', async () => {
    const maker = await newMaker().eldest('host');
    const { links } = await maker.member('host', 'phone');
    let chain: ChainState | null = null;
    const seals = new Sealer({ primitives: webPrimitives, device: host, clock, chain: () => chain });
    const opens = phoneOpener();
    const headTo = async (...recipients: readonly DeviceKeys[]) =>
      (await opens.open(await seals.seal(recipients.map(publicOf), ask))).head;
    expect(await headTo(phone)).toBeNull();
    const newest = await replay({ ...webPrimitives, sha256 }, links, null);
    chain = newest;
    expect(await headTo(phone)).toEqual(newest.head);
    expect(await headTo(phone, other)).toBeNull();
    await maker.revoke('host', 'phone');
    await maker.puk('host');
    chain = await replay({ ...webPrimitives, sha256 }, links, null);
    expect(await headTo(phone)).toBeNull();
  });
});

describe('Sealer', () => {
  it('refuses no recipient, the same one twice, and a 33rd', async () => {
    await fails(sealer(host).seal([], ask), 'bad-recipients');
    await fails(sealer(host).seal([publicOf(phone), publicOf(phone)], ask), 'bad-recipients');
    const many = await Promise.all(
      Array.from({ length: 33 }, async (_, i) => publicOf(await fixedDevice(`many ${i}`))),
    );
    await fails(sealer(host).seal(many, ask), 'bad-recipients');
    expect((await sealer(host).seal(many.slice(0, 32), ask)).length).toBeGreaterThan(32 * 89);
  });

  it('refuses a content that does not fit one frame', async () => {
    const large: Content = { kind: 'ask', request: new Uint8Array(60 * 1024) };
    const body = await sealer(host).seal([publicOf(phone)], large);
    expect(body.length).toBeLessThanOrEqual(MAX_BODY_BYTES);
    const many = await Promise.all(
      Array.from({ length: 32 }, async (_, i) => publicOf(await fixedDevice(`many ${i}`))),
    );
    await fails(sealer(host).seal(many, large), 'too-large');
  });

  it('seals for an hour at most', async () => {
    const body = await sealer(host).seal([publicOf(phone)], ask, { lifetimeMs: 2 * MAX_LIFETIME_MS });
    const late = new ManualClock(clock.now() + MAX_LIFETIME_MS + CLOCK_TOLERANCE_MS + 1);
    expect((await phoneOpener().open(body)).content).toEqual(ask);
    await fails(phoneOpener({ at: late }).open(body), 'clock-skew');
  });
});

describe('Opener', () => {
  it('refuses every truncation, every flipped byte and a byte too many as unopenable', async () => {
    const body = await sealer(host).seal([publicOf(phone)], { kind: 'unpair' });
    const opens = phoneOpener();
    for (let length = 0; length < body.length; length++)
      await fails(opens.open(body.subarray(0, length)), 'unopenable');
    await fails(opens.open(concat(body, Uint8Array.of(0))), 'unopenable');
    for (let at = 0; at < body.length; at++) {
      const changed = body.slice();
      changed[at] = (changed[at] ?? 0) ^ 0x40;
      const isSender = at >= 1 && at < 17;
      await fails(opens.open(changed), isSender ? 'unknown-sender' : 'unopenable');
    }
    expect((await opens.open(body)).content.kind).toBe('unpair');
  });

  it('never crashes on garbage', async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 600 }), async (garbage) => {
        await expect(phoneOpener().open(garbage)).rejects.toBeInstanceOf(MessageError);
      }),
    );
    await fails(phoneOpener().open(new Uint8Array(MAX_BODY_BYTES + 1).fill(1)), 'unopenable');
  });

  it('refuses a body for somebody else, and a sender who is no peer', async () => {
    await fails(phoneOpener().open(await sealer(host).seal([publicOf(other)], ask)), 'unopenable');
    await fails(phoneOpener().open(await sealer(other).seal([publicOf(phone)], ask)), 'unknown-sender');
  });

  it('refuses recipients that are out of order or named twice', async () => {
    const ordered = [publicOf(phone), publicOf(other)].sort((a, b) => compareBytes(a.id, b.id));
    await expect(phoneOpener().open(await forge({ recipients: ordered }))).resolves.toBeDefined();
    await fails(phoneOpener().open(await forge({ recipients: ordered.toReversed() })), 'unopenable');
    await fails(phoneOpener().open(await forge({ recipients: [publicOf(phone), publicOf(phone)] })), 'unopenable');
  });

  it.each<[string, Forgery]>([
    ['another sender inside', { map: (map) => ({ ...map, from: new Uint8Array(16) }) }],
    ['another recipient inside', { map: (map) => ({ ...map, to: [{ id: new Uint8Array(16), n: 1 }] }) }],
    [
      'a recipient more inside',
      { map: (map) => ({ ...map, to: [...map.to, { id: new Uint8Array(16).fill(255), n: 1 }] }) },
    ],
    ['number 0', { map: (map) => ({ ...map, to: map.to.map(({ id }) => ({ id, n: 0 })) }) }],
    ['another version', { map: (map) => ({ ...map, v: 2 }) }],
    ['a head', { map: (map) => ({ ...map, head: new Uint8Array(32) }) }],
    ['a key more', { map: (map) => ({ ...map, extra: 1 }) }],
    ['a signature in another context', { context: 'relay-connect' }],
    ['a signature with a flipped bit', { signature: (bytes) => bytes.with(5, (bytes[5] ?? 0) ^ 1) }],
    ['padding that is not zero', { plaintext: (bytes) => bytes.with(bytes.length - 1, 1) }],
    ['padding too short', { plaintext: (bytes) => bytes.subarray(0, bytes.length - 1) }],
    ['padding too long', { plaintext: (bytes) => concat(bytes, new Uint8Array(32)) }],
    ['a length beyond the end', { plaintext: (bytes) => bytes.with(0, 255) }],
    ['no plaintext', { plaintext: () => new Uint8Array(0) }],
  ])('refuses %s as unopenable', async (_, forgery) => {
    await fails(phoneOpener().open(await forge(forgery)), 'unopenable');
  });

  it.each<[string, unknown]>([
    ['that is no map', 7],
    ['of an unknown kind', { kind: 'shell' }],
    ['with a key more', { kind: 'unpair', extra: 1 }],
  ])('says whose content it does not understand: one %s', async (_, content) => {
    const error = await phoneOpener()
      .open(await forge({ content: encodeCanonical(content) }))
      .catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(NotUnderstoodError);
    expect(error).toMatchObject({ code: 'not-understood', sender: { id: host.id } });
  });

  it('says so once, and of no message of another time', async () => {
    const opener = phoneOpener();
    const strange = { content: encodeCanonical({ kind: 'shell' }) };
    const body = await forge(strange);
    await fails(opener.open(body), 'not-understood');
    await fails(opener.open(body), 'replayed');
    await fails(phoneOpener({ at: new ManualClock(0) }).open(await forge(strange)), 'clock-skew');
  });

  it('takes both edges of the time window and refuses one millisecond more', async () => {
    const body = await forge({});
    const at = (ms: number) => phoneOpener({ at: new ManualClock(clock.now() + ms) }).open(body);
    await expect(at(-CLOCK_TOLERANCE_MS)).resolves.toBeDefined();
    await fails(at(-CLOCK_TOLERANCE_MS - 1), 'clock-skew');
    await expect(at(MINUTE + CLOCK_TOLERANCE_MS)).resolves.toBeDefined();
    await fails(at(MINUTE + CLOCK_TOLERANCE_MS + 1), 'clock-skew');
    await expect(
      phoneOpener().open(await forge({ map: (map) => ({ ...map, expires: map.sent + MAX_LIFETIME_MS }) })),
    ).resolves.toBeDefined();
    await fails(
      phoneOpener().open(await forge({ map: (map) => ({ ...map, expires: map.sent + MAX_LIFETIME_MS + 1 }) })),
      'clock-skew',
    );
    await fails(phoneOpener().open(await forge({ map: (map) => ({ ...map, expires: map.sent - 1 }) })), 'clock-skew');
  });

  it('says by how much the clocks differ, whose message it was and what it said', async () => {
    const body = await sealer(host).seal([publicOf(phone)], ask);
    const ahead = phoneOpener({ at: new ManualClock(clock.now() + 60 * MINUTE) });
    const error: unknown = await ahead.open(body).catch((caught: unknown) => caught);
    expect(error).toBeInstanceOf(ClockSkewError);
    expect(error).toMatchObject({ code: 'clock-skew', skewMs: 60 * MINUTE, content: ask, sender: { id: host.id } });
    const behind = phoneOpener({ at: new ManualClock(clock.now() - 60 * MINUTE) });
    await expect(behind.open(body)).rejects.toMatchObject({ skewMs: -60 * MINUTE });
  });

  it('keeps every kind to its roles: a host neither decides nor commands a host', async () => {
    const contents: Content[] = [
      { kind: 'here', name: parseDeviceName('a'), software: '1', keys: null },
      ask,
      { kind: 'received', hash },
      { kind: 'decision', hash, answer: { is: 'reject' } },
      { kind: 'settled', hash, outcome: 'expired', by: null },
      { kind: 'unpair' },
      { kind: 'enlist', account: parseAccountId(new Uint8Array(16)), link: new Uint8Array(1) },
      { kind: 'consent', link: new Uint8Array(32), reverseSig: null },
    ];
    const allowed = new Set([
      'ask asks decides',
      'settled asks decides',
      'received decides asks',
      'decision decides asks',
      'enlist decides asks',
      'consent asks decides',
    ]);
    for (const content of contents) {
      for (const sender of ['asks', 'decides'] as const) {
        for (const role of ['asks', 'decides'] as const) {
          const opening = phoneOpener({ role, peers: [peerOf(host, sender)] }).open(
            await sealer(host).seal([publicOf(phone)], content),
          );
          if (
            content.kind === 'here' ||
            content.kind === 'unpair' ||
            allowed.has(`${content.kind} ${sender} ${role}`)
          ) {
            await expect(opening).resolves.toBeDefined();
          } else await fails(opening, 'not-allowed');
        }
      }
    }
  });

  it('opens a body once, also with a new opener on the same store, and a refused one leaves no trace', async () => {
    const replay = new MemoryReplayStore();
    const body = await sealer(host).seal([publicOf(phone)], ask);
    await fails(phoneOpener({ replay, role: 'asks' }).open(body), 'not-allowed');
    await fails(phoneOpener({ replay, at: new ManualClock(0) }).open(body), 'clock-skew');
    expect(replay.size).toBe(0);
    await expect(phoneOpener({ replay }).open(body)).resolves.toBeDefined();
    await fails(phoneOpener({ replay }).open(body), 'replayed');
  });

  it('opens one of two that come at once', async () => {
    const body = await sealer(host).seal([publicOf(phone)], ask);
    const opens = phoneOpener();
    const results = await Promise.allSettled([opens.open(body), opens.open(body)]);
    expect(results.map((result) => result.status).sort()).toEqual(['fulfilled', 'rejected']);
  });
});
