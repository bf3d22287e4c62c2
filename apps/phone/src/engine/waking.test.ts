import { fromBase64Url, toBase64Url } from '@palmkey/envelope';
import { describe, expect, test } from 'vitest';
import { parseRelayFacts } from './relay-facts.ts';
import { quiet, until } from './testing/fake-browser.ts';
import { PairedPhone } from './testing/paired-phone.ts';

const pushKey = new Uint8Array(65).fill(4);
const otherKey = new Uint8Array(65).fill(5);

async function withPush() {
  const phone = await PairedPhone.createNew();
  const relay = phone.browser.relay();
  relay.facts = { admission: ['open'], own: false, pushKey };
  return { phone, relay, push: phone.browser.push };
}

describe('notifications', () => {
  test('are off until they are switched on, and nobody is asked before', async () => {
    const { phone, relay, push } = await withPush();
    await phone.reload();
    await quiet();
    expect([push.asked, relay.registrations, phone.snapshot.notices.on]).toEqual([0, [], false]);
  });

  test('are offered while they are off, where the relay of a computer wakes devices', async () => {
    const { phone, relay } = await withPush();
    relay.facts = { admission: ['open'], own: false, pushKey: null };
    await phone.reload();
    await quiet();
    expect(phone.snapshot.notices.offered).toBe(false);
    relay.facts = { admission: ['open'], own: false, pushKey };
    await phone.reload();
    await until('offered', () => phone.snapshot.notices.offered);
    expect(phone.snapshot.notices.standing).toBe('unasked');
    await phone.tab.engine.switchNoticesOn();
    expect(phone.snapshot.notices.offered).toBe(false);
    await phone.tab.engine.switchNoticesOff();
    await phone.tab.engine.unpair(phone.snapshot.computers[0]?.id ?? '');
    expect(phone.snapshot.notices.offered).toBe(false);
  });

  test('switched on, then blocked in the browser: said without being asked for', async () => {
    const { phone, push } = await withPush();
    await phone.tab.engine.switchNoticesOn();
    push.before = 'denied';
    await phone.reload();
    await until('said', () => phone.snapshot.notices.standing === 'denied');
    expect(phone.snapshot.notices.on).toBe(true);
  });

  test('a subscription that is gone and not made anew is said, and so is a relay that wakes nobody any more', async () => {
    const { phone, relay, push } = await withPush();
    await phone.tab.engine.switchNoticesOn();
    await push.end();
    push.refuses = true;
    await phone.reload();
    await until('said', () => phone.snapshot.notices.wakes === 'lost');
    relay.facts = { admission: ['open'], own: false, pushKey: null };
    await phone.reload();
    await until('said', () => phone.snapshot.notices.wakes === 'no-key');
  });

  test('switched on: the relay is told how this phone is woken, and again on each connection', async () => {
    const { phone, relay, push } = await withPush();
    await phone.tab.engine.switchNoticesOn();
    const registration = await push.current();
    expect(relay.registrations).toEqual([registration]);
    expect(phone.snapshot.notices).toMatchObject({ on: true, relay: 'http://localhost:7210', standing: 'allowed' });
    await phone.reload();
    await until('told again', () => relay.registrations.length === 2);
    expect(relay.registrations[1]).toEqual(registration);
    expect(phone.snapshot.notices).toMatchObject({ on: true, wakes: 'fine' });
  });

  test('switched off: the relay is told, and the subscription is gone', async () => {
    const { phone, relay, push } = await withPush();
    await phone.tab.engine.switchNoticesOn();
    await phone.tab.engine.switchNoticesOff();
    expect(relay.registrations.at(-1)).toBeNull();
    expect([await push.current(), phone.snapshot.notices.on]).toEqual([null, false]);
    await phone.reload();
    await quiet();
    expect(relay.registrations).toHaveLength(2);
  });

  test('a subscription that the browser took away is made anew for the same relay', async () => {
    const { phone, relay, push } = await withPush();
    await phone.tab.engine.switchNoticesOn();
    await push.end();
    await phone.reload();
    await until('told anew', () => relay.registrations.length === 2);
    expect(relay.registrations[1]).toEqual(await push.current());
  });

  test.each([
    ['unsupported', 'unsupported'],
    ['install-first', 'install-first'],
    ['denied', 'denied'],
  ] as const)('a browser whose standing is %s leaves them off, and says %s', async (before, code) => {
    const { phone, relay, push } = await withPush();
    push.before = before;
    await expect(phone.tab.engine.switchNoticesOn()).rejects.toMatchObject({ code });
    expect([phone.snapshot.notices.on, relay.registrations]).toEqual([false, []]);
    expect(phone.snapshot.notices.standing).toBe(before);
  });

  test('a person who does not answer the browser leaves them off', async () => {
    const { phone, push } = await withPush();
    push.afterwards = 'unasked';
    await expect(phone.tab.engine.switchNoticesOn()).rejects.toMatchObject({ code: 'denied' });
  });

  test('a relay without a key, one out of reach, and a push service that takes none are each named', async () => {
    const { phone, relay, push } = await withPush();
    push.refuses = true;
    await expect(phone.tab.engine.switchNoticesOn()).rejects.toMatchObject({ code: 'failed' });
    relay.facts = { admission: [], own: false, pushKey: null };
    await expect(phone.tab.engine.switchNoticesOn()).rejects.toMatchObject({ code: 'no-key' });
    relay.up = false;
    await expect(phone.tab.engine.switchNoticesOn()).rejects.toMatchObject({ code: 'unreachable' });
    expect(phone.snapshot.notices.on).toBe(false);
  });

  test('a relay that does not speak to the browser’s push service is said', async () => {
    const { phone, relay } = await withPush();
    relay.pushFault = 'push-refused';
    await phone.tab.engine.switchNoticesOn();
    expect(phone.snapshot.notices.wakes).toBe('refused');
  });

  test('a relay with a new key gets a subscription for it', async () => {
    const { phone, relay, push } = await withPush();
    await phone.tab.engine.switchNoticesOn();
    relay.facts = { admission: ['open'], own: false, pushKey: otherKey };
    await phone.reload();
    await until('told anew', () => relay.registrations.at(-1)?.endpoint.includes('05050505') === true);
    expect(relay.registrations.at(-1)).toEqual(await push.current());
  });
});

describe('parseRelayFacts', () => {
  const key = toBase64Url(pushKey);

  test('reads what a relay says, and leaves out ways that it does not know', () => {
    const facts = { version: '1', protocol: 2, admission: ['open', 'github', 'oracle'], push: { key } };
    const read = { admission: ['open', 'github'], own: false, pushKey: fromBase64Url(key) };
    expect(parseRelayFacts(facts)).toEqual(read);
    expect(parseRelayFacts({ ...facts, own: true })).toEqual({ ...read, own: true });
    expect(parseRelayFacts({ ...facts, push: null })?.pushKey).toBeNull();
  });

  test.each([
    null,
    'x',
    {},
    { admission: 'open', push: null },
    { admission: [], push: { key: 'short' } },
    { admission: [], own: 'yes', push: null },
    { admission: [], push: { key: 'B'.repeat(87) } },
  ])('takes %j for none', (value) => expect(parseRelayFacts(value)).toBeNull());
});
