/** Which lines there are, and what they say of the phones that are there and gone. */
import type { Content } from '@palmkey/core/messages';
import { requestHash } from '@palmkey/core/requests';
import { parseRendezvousId } from '@palmkey/envelope';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { nodePrimitives } from '../keys/node-primitives.ts';
import { LinesStage } from '../testing/lines-stage.ts';
import { TestPhone } from '../testing/test-phone.ts';

const hash = requestHash(Uint8Array.of(1));
const received: Content = { kind: 'received', hash };

let stage: LinesStage;
beforeEach(async () => (stage = await LinesStage.begin()));
afterEach(async () => {
  await stage[Symbol.asyncDispose]();
  expect(stage.clock.timers).toBe(0);
});

describe('a phone', () => {
  test('that is not connected is absent; once it says here, it is here and is told so', async () => {
    await stage.start();
    await stage.happened('absent');
    expect(stage.reach).toBe('absent');
    await stage.arrive();
    await stage.phone.say(stage.host, stage.phone.here());
    expect(await stage.phone.told('here')).toMatchObject({ name: 'laptop', keys: null });
    expect(stage.lines.reachOf(stage.phone.device.id)).toMatchObject({
      reach: 'here',
      lastSeenAt: stage.clock.now(),
      software: 'test 1',
    });
  });

  test('that begins anew a moment after it was told, unseen by the relay, is told again', async () => {
    await stage.meet();
    await stage.phone.told('here');
    // Another page of the same phone, which takes its place at the relay.
    using page = new TestPhone('Pixel', stage.phone.device);
    await page.connect(stage.relay.url, stage.host, () => stage.clock.now());
    await page.say(stage.host, { kind: 'speaks', from: 1, to: 5 });
    await page.say(stage.host, page.here());
    expect(await page.told('speaks')).toMatchObject({ answer: true });
    expect(await page.told('here')).toMatchObject({ name: 'laptop' });
  });

  test('that answers what it was told is not answered', async () => {
    await stage.meet();
    await stage.phone.told('here');
    await stage.phone.say(stage.host, { kind: 'speaks', from: 1, to: 5, answer: true });
    await stage.phone.say(stage.host, stage.phone.here());
    await stage.until(() => stage.told('here').length === 2);
    const before = stage.phone.heard.length;
    // In order, so that nothing else was sent before it.
    await stage.send({
      kind: 'settled',
      hash,
      outcome: 'withdrawn',
      by: null,
    });
    await stage.phone.told('settled');
    expect(stage.phone.heard.slice(before).map(({ kind }) => kind)).toEqual(['settled']);
  });

  test('that was connected before and says nothing is here all the same', async () => {
    await stage.arrive();
    await stage.start();
    await stage.phone.told('here');
    expect(stage.reach).toBe('unknown');
    stage.clock.advance(500);
    expect(stage.lines.reachOf(stage.phone.device.id)).toMatchObject({ reach: 'here', lastSeenAt: null });
  });

  test('that has vanished shows as absent at the next look, a minute later', async () => {
    await stage.meet();
    stage.phone.leave();
    await stage.lines.check();
    expect(stage.reach).toBe('here');
    stage.clock.advance(60_000);
    stage.events = [];
    while (stage.relay.connections() > 1) await new Promise(setImmediate);
    await stage.lines.check();
    expect(stage.reach).toBe('absent');
    expect(stage.events.map(([name]) => name)).toContain('change');
  });

  test('is unknown while there is no connection to its relay', async () => {
    await stage.meet();
    await stage.lost();
    expect(stage.reach).toBe('unknown');
    expect(await stage.send(received)).toBe(false);
    await stage.lines.check();
  });
});

test('a phone of the same account is here and gone as the relay says', async () => {
  await stage.openRelay(0, 'members');
  const { signer, agreement } = stage.device;
  await stage.relay.admit({ signingKey: signer.publicKey, agreementKey: agreement.publicKey });
  stage.pairings.put(stage.phone.pairing('https://members.example'));
  await using other = stage.open({ homeRelay: stage.relay.url, publicUrl: 'https://members.example' });
  other.sync();
  const held = other.hold(stage.relay.url);
  await held.client.connected();
  const grant = parseRendezvousId(nodePrimitives.randomBytes(32));
  await held.client.openRendezvous(grant);
  await stage.phone.connect(stage.relay.url, stage.host, () => stage.clock.now(), grant);
  // It has said nothing.
  await stage.until(() => other.reachOf(stage.phone.device.id).reach === 'here');
  expect(stage.phone.heard).toEqual([]);
  stage.phone.leave();
  await stage.until(() => other.reachOf(stage.phone.device.id).reach === 'absent');
});

describe('lines', () => {
  test('a relay on loopback is the home relay, whatever its port was; so is its public name', () => {
    expect(stage.lines.dialled('http://localhost:1')).toBe(stage.relay.url);
    expect(stage.lines.dialled('https://relay.example')).toBe(stage.relay.url);
    expect(stage.lines.dialled('https://other.example')).toBe('https://other.example');
  });

  test('one is held as long as somebody needs it, and closed after', async () => {
    await stage.start();
    const held = stage.lines.hold('https://relay.invalid');
    const again = stage.lines.hold('https://relay.invalid');
    stage.lines.sync();
    expect(stage.lines.relays()).toHaveLength(2);
    held.release();
    held.release();
    expect(stage.lines.relays()).toHaveLength(2);
    again.release();
    expect(stage.lines.relays().map(({ url }) => url)).toEqual([stage.relay.url]);
    expect(held.client.state.is).toBe('closed');
  });

  test('one to a relay that is gone says that it is unreachable', async () => {
    await stage.start();
    await stage.relay.close();
    await stage.until(() => stage.home?.problem === 'unreachable');
    expect(stage.home).toMatchObject({ url: stage.relay.url, state: 'waiting' });
  });

  test('none is opened once they are disposed', async () => {
    await stage.lines[Symbol.asyncDispose]();
    stage.lines.sync();
    expect(stage.lines.relays()).toEqual([]);
    expect(() => stage.lines.hold(stage.relay.url)).toThrow();
  });
});
