import { MemoryReplayStore, type Content } from '@palmkey/core/messages';
import { PROTOCOLS, requestHash } from '@palmkey/core/requests';
import { parseRendezvousId } from '@palmkey/envelope';
import { type Relay, startRelay } from '@palmkey/relay';
import { systemTimers } from '@palmkey/relay-client';
import { pino } from 'pino';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { ChainGate } from '../account/chain-gate.ts';
import { HostAccount } from '../account/host-account.ts';
import { nodePrimitives } from '../keys/node-primitives.ts';
import { PhoneLines } from './phone-lines.ts';
import type { PhoneLinesEvents, PhoneLinesOptions } from './phone-lines-options.ts';
import { openRelay } from './relay-ports.ts';
import { type Pairing, PairingStore } from '../state/pairing-store.ts';
import { AccountFile } from '../state/account-file.ts';
import { StateError } from '../state/errors.ts';
import { tempFolder } from '../testing/temp-folder.ts';
import { TestClock } from '../testing/test-clock.ts';
import { peerOf, testDevice, TestPhone } from '../testing/test-phone.ts';

type Event = readonly [name: string, phone?: string, more?: unknown];

const device = testDevice();
const host = peerOf(device, 'laptop', 'asks');
const hash = requestHash(Uint8Array.of(1));
const received: Content = { kind: 'received', hash };

let closing: AsyncDisposable[];
let folder: ReturnType<typeof tempFolder>;
let relay: Relay;
let clock: TestClock;
let pairings: PairingStore;
let phone: TestPhone;
let lines: PhoneLines;
let account: HostAccount;
let options: (change?: Partial<PhoneLinesOptions>) => PhoneLinesOptions;
let listening: PhoneLinesEvents;
let events: Event[];
let look: () => void;
let onMessage: (pairing: Pairing, content: Content) => void;

async function openTestRelay(port = 0, admission: 'open' | 'members' = 'open'): Promise<Relay> {
  const relay = await startRelay({
    host: '127.0.0.1',
    port,
    origins: [],
    admission,
    store: ':memory:',
    logger: pino({ level: 'silent' }),
  });
  closing.push(relay);
  return relay;
}

beforeEach(async () => {
  [closing, events, look, onMessage] = [[], [], () => undefined, () => undefined];
  folder = tempFolder();
  relay = await openTestRelay();
  clock = new TestClock();
  clock.setWall(Date.now());
  pairings = new PairingStore(folder.at('pairings.json'));
  phone = new TestPhone();
  pairings.put(phone.pairing(relay.url));
  const tell = (...event: Event) => {
    events.push(event);
    look();
  };
  account = new HostAccount({
    device,
    file: new AccountFile(folder.at('account.json')),
    path: folder.at('account.json'),
    primitives: nodePrimitives,
    clock,
    timers: systemTimers,
    fetch,
    dialled: (origin) => lines.dialled(origin),
    lineTo: (origin) => lines.lineTo(origin),
    hold: (origin) => lines.hold(origin),
    isPaired: () => true,
    onState: () => undefined,
    onReady: () => lines.begin(),
    onAlarm: () => undefined,
    onChange: () => undefined,
    onFault: (error) => tell('fault', undefined, error),
  });
  options = (change = {}) => ({
    device,
    name: host.name,
    software: `palmkey ${'9'.repeat(100)}`,
    pairings,
    replay: new MemoryReplayStore(),
    primitives: nodePrimitives,
    clock,
    homeRelay: relay.url,
    publicUrl: 'https://relay.example',
    openRelay: (origin) => openRelay(device, origin),
    owed: () => [],
    account,
    ...change,
  });
  listening = {
    onMessage: (pairing, content) => {
      tell('message', pairing.peer.name, content.kind);
      onMessage(pairing, content);
    },
    onHere: (pairing) => tell('here', pairing.peer.name),
    onAbsent: (pairing) => tell('absent', pairing.peer.name),
    onSkew: (pairing, content, skewMs) => tell('skew', pairing.peer.name, [content.kind, Math.round(skewMs / 60_000)]),
    onNotUnderstood: (pairing) => tell('not-understood', pairing.peer.name),
    onChange: () => tell('change'),
    onFault: (error) => tell('fault', undefined, error),
  };
  lines = new PhoneLines(options(), listening);
});

afterEach(async () => {
  phone.leave();
  await lines[Symbol.asyncDispose]();
  expect(clock.timers).toBe(0);
  for (const each of closing) await each[Symbol.asyncDispose]();
  folder[Symbol.dispose]();
});

/** Resolves once `found` is so, looking whenever something happens. */
async function until(found: () => boolean): Promise<void> {
  while (!found()) await new Promise<void>((resolve) => (look = resolve));
}
const happened = (name: string, more?: unknown) =>
  until(() => events.some((event) => event[0] === name && (more === undefined || event[2] === more)));
const reach = () => lines.reachOf(phone.device.id).reach;
const connected = () => until(() => lines.relays()[0]?.state === 'connected');

async function start(): Promise<void> {
  lines.sync();
  await connected();
}

/** Both are connected, and have said so. */
async function meet(): Promise<void> {
  await start();
  await happened('absent');
  await phone.connect(relay.url, host, () => clock.now());
  await phone.say(host, phone.here());
  await happened('here');
}

describe('a phone', () => {
  test('that is not connected is absent; once it says here, it is here and is told so', async () => {
    await start();
    await happened('absent');
    expect(reach()).toBe('absent');
    await phone.connect(relay.url, host, () => clock.now());
    await phone.say(host, phone.here());
    expect(await phone.told('here')).toMatchObject({ name: 'laptop', keys: null });
    expect(lines.reachOf(phone.device.id)).toMatchObject({
      reach: 'here',
      lastSeenAt: clock.now(),
      software: 'test 1',
    });
  });

  test('that begins anew a moment after it was told, unseen by the relay, is told again', async () => {
    await meet();
    await phone.told('here');
    // Another page of the same phone, which takes its place at the relay.
    using page = new TestPhone('Pixel', phone.device);
    await page.connect(relay.url, host, () => clock.now());
    await page.say(host, { kind: 'speaks', from: 1, to: 5 });
    await page.say(host, page.here());
    expect(await page.told('speaks')).toMatchObject({ answer: true });
    expect(await page.told('here')).toMatchObject({ name: 'laptop' });
  });

  test('that answers what it was told is not answered', async () => {
    await meet();
    await phone.told('here');
    await phone.say(host, { kind: 'speaks', from: 1, to: 5, answer: true });
    await phone.say(host, phone.here());
    await until(() => events.filter(([name]) => name === 'here').length === 2);
    const before = phone.heard.length;
    // In order, so that nothing else was sent before it.
    await lines.send(phone.pairing(relay.url), { kind: 'settled', hash, outcome: 'withdrawn', by: null });
    await phone.told('settled');
    expect(phone.heard.slice(before).map(({ kind }) => kind)).toEqual(['settled']);
  });

  test('that was connected before and says nothing is here all the same', async () => {
    await phone.connect(relay.url, host, () => clock.now());
    await start();
    await phone.told('here');
    expect(reach()).toBe('unknown');
    clock.advance(500);
    expect(lines.reachOf(phone.device.id)).toMatchObject({ reach: 'here', lastSeenAt: null });
  });

  test('that has vanished shows as absent at the next look, a minute later', async () => {
    await meet();
    phone.leave();
    await lines.check();
    expect(reach()).toBe('here');
    clock.advance(60_000);
    events = [];
    while (relay.connections() > 1) await new Promise(setImmediate);
    await lines.check();
    expect(reach()).toBe('absent');
    expect(events.map(([name]) => name)).toContain('change');
  });

  test('is unknown while there is no connection to its relay', async () => {
    await meet();
    await relay.close();
    await until(() => lines.relays()[0]?.state !== 'connected');
    expect(reach()).toBe('unknown');
    expect(await lines.send(phone.pairing(relay.url), received)).toBe(false);
    await lines.check();
  });
});

test('a message that waits for its turn while another head is heard of waits for that one too', async () => {
  const gate = new ChainGate();
  let [isOpen, passes] = [true, 0];
  let second: () => void = () => undefined;
  const isBehind = new Promise<void>((resolve) => (second = resolve));
  const passing: Partial<PhoneLinesOptions['account']> = {
    mayPass: () => isOpen,
    pass: () => {
      passes += 1;
      if (passes === 2) second();
      look();
      return gate.pass(() => isOpen);
    },
    // The first takes until the second has been let in behind it.
    meet: () => isBehind.then(() => true),
  };
  await lines[Symbol.asyncDispose]();
  lines = new PhoneLines(
    options({ account: new Proxy(account, { get: (of, name) => passingOr(of, name) }) }),
    listening,
  );
  await start();
  await phone.connect(relay.url, host, () => clock.now());
  onMessage = () => (isOpen = false);
  await phone.say(host, received);
  await phone.say(host, { kind: 'want', hash, from: 0 });
  await until(() => passes === 3);
  expect(events.some((event) => event[2] === 'want')).toBe(false);
  onMessage = () => undefined;
  isOpen = true;
  gate.look();
  await happened('message', 'want');

  function passingOr(of: HostAccount, name: string | symbol): unknown {
    if (Object.hasOwn(passing, name)) return Reflect.get(passing, name);
    const own: unknown = Reflect.get(of, name, of);
    return typeof own === 'function' ? own.bind(of) : own;
  }
});

describe('a message', () => {
  beforeEach(meet);

  test('is handed on with its pairing', async () => {
    await phone.say(host, received);
    await happened('message', 'received');
  });

  test('that comes several times, by whatever ways, is handed on once', async () => {
    await phone.say(host, received, 3);
    await phone.say(host, { kind: 'want', hash, from: 0 });
    await happened('message', 'want');
    expect(events.filter((event) => event[2] === 'received')).toHaveLength(1);
  });

  test.each(['ask', 'settled'] as const)('that only a host may send is not: %s', async (kind) => {
    const request = Uint8Array.of(1);
    const content: Content =
      kind === 'ask' ? { kind, request } : { kind, hash, outcome: 'approved', by: phone.device.id };
    await phone.say(host, content);
    await phone.say(host, received);
    await happened('message', 'received');
    expect(events.some((event) => event[2] === kind)).toBe(false);
  });

  test('of a stranger is not', async () => {
    using stranger = new TestPhone('Stranger');
    await stranger.connect(relay.url, host, () => clock.now());
    await stranger.say(host, stranger.here());
    await stranger.say(host, received);
    await phone.say(host, received);
    await happened('message', 'received');
    expect(events.some((event) => event[1] === 'Stranger')).toBe(false);
  });

  test('that came through another relay than the pairing’s is not', async () => {
    const tablet = new TestPhone('Tablet');
    // Not on loopback by name, so that it is no moved home relay.
    pairings.put(tablet.pairing('https://other.example'));
    await tablet.connect(relay.url, host, () => clock.now());
    await tablet.say(host, tablet.here());
    await phone.say(host, received);
    await happened('message', 'received');
    expect(events.some((event) => event[1] === 'Tablet')).toBe(false);
    tablet.leave();
  });

  test('far from this clock is told as such, and of nobody else', async () => {
    clock.setWall(clock.now() + 40 * 60_000);
    using late = new TestPhone();
    await late.connect(relay.url, host, () => Date.now());
    await late.say(host, received);
    phone.leave();
    await phone.connect(relay.url, host, () => Date.now());
    await phone.say(host, received);
    await happened('skew');
    expect(events.filter(([name]) => name === 'skew')).toMatchObject([['skew', 'Pixel', ['received', 40]]]);
  });

  test('far from this clock that greets is answered once in two seconds, so that the phone can tell how far', async () => {
    phone.leave();
    using late = new TestPhone('Pixel', phone.device);
    let lateMs = 40 * 60_000;
    await late.connect(relay.url, host, () => clock.now() - lateMs);
    const speaks: Content = { kind: 'speaks', ...PROTOCOLS };
    await late.say(host, speaks);
    await late.say(host, speaks);
    // What comes back is opened by the right time.
    lateMs = 0;
    await late.told('here');
    await late.say(host, speaks);
    await late.say(host, late.here());
    await expect.poll(() => late.heard.filter(({ kind }) => kind === 'here').length).toBe(2);
    expect(late.heard.map(({ kind }) => kind)).toEqual(['speaks', 'here', 'speaks', 'here']);
    expect(events.filter(([name]) => name === 'skew')).toHaveLength(2);
  });

  test('that cannot be acted on is told as a fault, and the next one is heard', async () => {
    const fault = new StateError('not-writable', 'x');
    onMessage = () => {
      throw fault;
    };
    await phone.say(host, phone.here());
    await happened('fault', fault);
    expect(events.filter(([name]) => name === 'here')).toHaveLength(2);
    onMessage = () => undefined;
    await phone.say(host, received);
    await happened('message', 'received');
  });

  test('that cannot be made is a fault too, and nothing is sent', async () => {
    const request = new Uint8Array(70_000);
    expect(await lines.send(phone.pairing(relay.url), { kind: 'ask', request })).toBe(false);
    await happened('fault');
  });
});

describe('a message with a lifetime', () => {
  const ask: Content = { kind: 'ask', request: Uint8Array.of(1) };
  const settled: Content = { kind: 'settled', hash, outcome: 'withdrawn', by: null };
  const how = { lifetimeMs: 60_000, coalescingKey: 5 };
  const arrive = () => phone.connect(relay.url, host, () => clock.now());

  // The relay keeps mail for devices that it knows.
  beforeEach(async () => {
    await arrive();
    phone.leave();
    while (relay.connections() > 0) await new Promise(setImmediate);
  });

  test('waits for a phone that is away, which is said of it', async () => {
    await start();
    await happened('absent');
    events = [];
    expect(await lines.send(phone.pairing(relay.url), ask, how)).toBe(true);
    await happened('absent');
    await arrive();
    expect(await phone.told('ask')).toEqual(ask);
  });

  test('takes the place of the one before that the phone has not come for', async () => {
    await start();
    await lines.send(phone.pairing(relay.url), ask, how);
    await lines.send(phone.pairing(relay.url), settled, how);
    await arrive();
    await phone.told('settled');
    expect(phone.heard.some(({ kind }) => kind === 'ask')).toBe(false);
  });

  test('that found no connection has what is open repeated on the next', async () => {
    await start();
    const { port } = relay;
    await relay.close();
    await until(() => lines.relays()[0]?.state !== 'connected');
    expect(await lines.send(phone.pairing(relay.url), ask, how)).toBe(false);
    events = [];
    relay = await openTestRelay(port);
    await happened('here');
  });

  test('is kept on disk where it is durable, and brings the connection about', async () => {
    await start();
    const { port } = relay;
    await relay.close();
    await until(() => lines.relays()[0]?.state !== 'connected');
    const durable = { lifetimeMs: 600_000, durable: true };
    expect(await lines.send(phone.pairing(relay.url), { kind: 'unpair' }, durable)).toBe(true);
    relay = await openTestRelay(port);
    await connected();
    await arrive();
    expect(await phone.told('unpair')).toEqual({ kind: 'unpair' });
  });
});

test('a phone of the same account is here and gone as the relay says', async () => {
  relay = await openTestRelay(0, 'members');
  const { signer, agreement } = device;
  await relay.admit({ signingKey: signer.publicKey, agreementKey: agreement.publicKey });
  pairings.put(phone.pairing('https://members.example'));
  await using other = new PhoneLines(
    options({ homeRelay: relay.url, publicUrl: 'https://members.example' }),
    listening,
  );
  other.sync();
  const held = other.hold(relay.url);
  await held.client.connected();
  const grant = parseRendezvousId(nodePrimitives.randomBytes(32));
  await held.client.openRendezvous(grant);
  await phone.connect(relay.url, host, () => clock.now(), grant);
  // It has said nothing.
  await until(() => other.reachOf(phone.device.id).reach === 'here');
  expect(phone.heard).toEqual([]);
  phone.leave();
  await until(() => other.reachOf(phone.device.id).reach === 'absent');
});

describe('lines', () => {
  test('a relay on loopback is the home relay, whatever its port was; so is its public name', () => {
    expect(lines.dialled('http://localhost:1')).toBe(relay.url);
    expect(lines.dialled('https://relay.example')).toBe(relay.url);
    expect(lines.dialled('https://other.example')).toBe('https://other.example');
  });

  test('one is held as long as somebody needs it, and closed after', async () => {
    await start();
    const held = lines.hold('https://relay.invalid');
    const again = lines.hold('https://relay.invalid');
    lines.sync();
    expect(lines.relays()).toHaveLength(2);
    held.release();
    held.release();
    expect(lines.relays()).toHaveLength(2);
    again.release();
    expect(lines.relays().map(({ url }) => url)).toEqual([relay.url]);
    expect(held.client.state.is).toBe('closed');
  });

  test('one to a relay that is gone says that it is unreachable', async () => {
    await start();
    await relay.close();
    await until(() => lines.relays()[0]?.problem === 'unreachable');
    expect(lines.relays()[0]).toMatchObject({ url: relay.url, state: 'waiting' });
  });

  test('none is opened once they are disposed', async () => {
    await lines[Symbol.asyncDispose]();
    lines.sync();
    expect(lines.relays()).toEqual([]);
    expect(() => lines.hold(relay.url)).toThrow();
  });
});
