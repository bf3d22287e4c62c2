/** What becomes of a message that a phone, or somebody else, sends to a computer. */
import type { Content } from '@palmkey/core/messages';
import { PROTOCOLS, requestHash } from '@palmkey/core/requests';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { ChainGate } from '../account/chain-gate.ts';
import type { HostAccount } from '../account/host-account.ts';
import { StateError } from '../state/errors.ts';
import { LinesStage } from '../testing/lines-stage.ts';
import { TestPhone } from '../testing/test-phone.ts';
import type { PhoneLinesOptions } from './phone-lines-options.ts';

const hash = requestHash(Uint8Array.of(1));
const received: Content = { kind: 'received', hash };

let stage: LinesStage;
beforeEach(async () => (stage = await LinesStage.begin()));
afterEach(async () => {
  await stage[Symbol.asyncDispose]();
  expect(stage.clock.timers).toBe(0);
});

test('a message that waits for its turn while another head is heard of waits for that one too', async () => {
  const gate = new ChainGate();
  let [isOpen, passes] = [true, 0];
  let second: () => void = () => undefined;
  let third: () => void = () => undefined;
  const isBehind = new Promise<void>((resolve) => (second = resolve));
  const isHeldBack = new Promise<void>((resolve) => (third = resolve));
  const passing: Partial<PhoneLinesOptions['account']> = {
    mayPass: () => isOpen,
    pass: () => {
      passes += 1;
      if (passes === 2) second();
      if (passes === 3) third();
      return gate.pass(() => isOpen);
    },
    // The first takes until the second has been let in behind it.
    meet: () => isBehind.then(() => true),
  };
  await stage.lines[Symbol.asyncDispose]();
  stage.lines = stage.open({ account: new Proxy(stage.account(), { get: passingOr }) });
  await stage.start();
  await stage.arrive();
  stage.onMessage = () => (isOpen = false);
  await stage.phone.say(stage.host, received);
  await stage.phone.say(stage.host, { kind: 'want', hash, from: 0 });
  await isHeldBack;
  expect(stage.events.some((event) => event[2] === 'want')).toBe(false);
  stage.onMessage = () => undefined;
  isOpen = true;
  gate.look();
  await stage.happened('message', 'want');

  function passingOr(of: HostAccount, name: string | symbol): unknown {
    if (Object.hasOwn(passing, name)) return Reflect.get(passing, name);
    const own: unknown = Reflect.get(of, name, of);
    return typeof own === 'function' ? own.bind(of) : own;
  }
});

describe('a message', () => {
  beforeEach(() => stage.meet());

  test('is handed on with its pairing', async () => {
    await stage.phone.say(stage.host, received);
    await stage.happened('message', 'received');
  });

  test('that comes several times, by whatever ways, is handed on once', async () => {
    await stage.phone.say(stage.host, received, 3);
    await stage.phone.say(stage.host, { kind: 'want', hash, from: 0 });
    await stage.happened('message', 'want');
    expect(stage.events.filter((event) => event[2] === 'received')).toHaveLength(1);
  });

  test.each(['ask', 'settled'] as const)('that only a host may send is not: %s', async (kind) => {
    const request = Uint8Array.of(1);
    const content: Content =
      kind === 'ask' ? { kind, request } : { kind, hash, outcome: 'approved', by: stage.phone.device.id };
    await stage.phone.say(stage.host, content);
    await stage.phone.say(stage.host, received);
    await stage.happened('message', 'received');
    expect(stage.events.some((event) => event[2] === kind)).toBe(false);
  });

  test('of a stranger is not', async () => {
    using stranger = new TestPhone('Stranger');
    await stranger.connect(stage.relay.url, stage.host, () => stage.clock.now());
    await stranger.say(stage.host, stranger.here());
    await stranger.say(stage.host, received);
    await stage.phone.say(stage.host, received);
    await stage.happened('message', 'received');
    expect(stage.events.some((event) => event[1] === 'Stranger')).toBe(false);
  });

  test('that came through another relay than the pairing’s is not', async () => {
    const tablet = new TestPhone('Tablet');
    // Not on loopback by name, so that it is no moved home relay.
    stage.pairings.put(tablet.pairing('https://other.example'));
    await tablet.connect(stage.relay.url, stage.host, () => stage.clock.now());
    await tablet.say(stage.host, tablet.here());
    await stage.phone.say(stage.host, received);
    await stage.happened('message', 'received');
    expect(stage.events.some((event) => event[1] === 'Tablet')).toBe(false);
    tablet.leave();
  });

  test('far from this clock is told as such, and of nobody else', async () => {
    stage.clock.setWall(stage.clock.now() + 40 * 60_000);
    using late = new TestPhone();
    await late.connect(stage.relay.url, stage.host, () => Date.now());
    await late.say(stage.host, received);
    stage.phone.leave();
    await stage.phone.connect(stage.relay.url, stage.host, () => Date.now());
    await stage.phone.say(stage.host, received);
    await stage.happened('skew');
    expect(stage.told('skew')).toMatchObject([['skew', 'Pixel', ['received', 40]]]);
  });

  test('far from this clock that greets is answered once in two seconds, so that the phone can tell how far', async () => {
    stage.phone.leave();
    using late = new TestPhone('Pixel', stage.phone.device);
    let lateMs = 40 * 60_000;
    await late.connect(stage.relay.url, stage.host, () => stage.clock.now() - lateMs);
    const speaks: Content = { kind: 'speaks', ...PROTOCOLS };
    await late.say(stage.host, speaks);
    await late.say(stage.host, speaks);
    // What comes back is opened by the right time.
    lateMs = 0;
    await late.told('here');
    await late.say(stage.host, speaks);
    await late.say(stage.host, late.here());
    await expect.poll(() => late.heard.filter(({ kind }) => kind === 'here').length).toBe(2);
    expect(late.heard.map(({ kind }) => kind)).toEqual(['speaks', 'here', 'speaks', 'here']);
    expect(stage.told('skew')).toHaveLength(2);
  });

  test('that cannot be acted on is told as a fault, and the next one is heard', async () => {
    const fault = new StateError('not-writable', 'x');
    stage.onMessage = () => {
      throw fault;
    };
    await stage.phone.say(stage.host, stage.phone.here());
    await stage.happened('fault', fault);
    expect(stage.told('here')).toHaveLength(2);
    stage.onMessage = () => undefined;
    await stage.phone.say(stage.host, received);
    await stage.happened('message', 'received');
  });

  test('that cannot be made is a fault too, and nothing is sent', async () => {
    const request = new Uint8Array(70_000);
    expect(await stage.send({ kind: 'ask', request })).toBe(false);
    await stage.happened('fault');
  });
});
