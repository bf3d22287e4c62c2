import { encodeRequest, parseRequestId, requestHash } from '@palmkey/core/requests';
import { toHex } from '@palmkey/envelope';
import { beforeEach, describe, expect, test } from 'vitest';
import { until } from './testing/fake-browser.ts';
import { FakeHost } from './testing/fake-host.ts';
import { FakeServer } from './testing/login-request.ts';
import { PairedPhone } from './testing/paired-phone.ts';

const HOUR_MS = 60 * 60 * 1000;
let phone: PairedPhone;

beforeEach(async () => {
  phone = await PairedPhone.create();
});

describe('refused without asking', () => {
  test.each([
    ['unparsable', (r: Awaited<ReturnType<PairedPhone['login']>>) => ({ ...r, data: new Uint8Array([1, 2, 3]) })],
    ['unparsable', (r) => ({ ...r, data: new Uint8Array([...r.data, 0]) })],
    ['unparsable', (r) => ({ ...r, key: new Uint8Array(51) })],
    ['bad-bind', (r) => ({ ...r, binds: r.binds.map((bind) => ({ ...bind, sessionId: new Uint8Array(32) })) })],
    ['bad-bind', (r) => ({ ...r, binds: r.binds.map((bind) => ({ ...bind, forwarding: true })) })],
  ] as [string, (r: Awaited<ReturnType<PairedPhone['login']>>) => Awaited<ReturnType<PairedPhone['login']>>][])(
    'as %s',
    async (code, spoil) => {
      const hash = await phone.host.ask(spoil(await phone.login()));
      expect(await phone.answer(hash)).toEqual({ is: 'refuse', code, skew: null });
      expect(phone.snapshot.waiting).toEqual([]);
      expect(phone.line(hash)).toMatchObject({ outcome: 'refused', refusal: code });
    },
  );

  test('as unknown-key', async () => {
    const key = (await FakeServer.create()).blob;
    const hash = await phone.host.ask(await phone.login({ key }));
    expect(await phone.answer(hash)).toMatchObject({ is: 'refuse', code: 'unknown-key' });
    expect(phone.line(hash)).toMatchObject({ user: 'deploy', refusal: 'unknown-key' });
  });

  test('as expired when it was sent after its own end', async () => {
    const request = await phone.login();
    phone.browser.clock.advance(90_000);
    const hash = await phone.host.ask(request);
    expect(await phone.answer(hash)).toMatchObject({ is: 'refuse', code: 'expired' });
  });

  test('as unparsable when it is no request at all', async () => {
    const bytes = new Uint8Array([0x81, 0xa1, 0x61, 0x01]);
    await phone.host.say({ kind: 'ask', request: bytes });
    expect(await phone.answer(toHex(requestHash(bytes)))).toMatchObject({ is: 'refuse', code: 'unparsable' });
  });

  test('and nothing but an answer for a ping', async () => {
    const now = phone.browser.clock.now();
    const id = parseRequestId(new Uint8Array(16).fill(1));
    const hash = await phone.host.ask({ kind: 'ping', id, issued: now, expires: now + 60_000 });
    expect(await phone.answer(hash)).toEqual({ is: 'approve', signature: new Uint8Array() });
    expect(phone.snapshot.history).toEqual([]);
    await phone.host.settle(hash, 'approved');
    await phone.asked();
    expect(phone.snapshot.history).toEqual([]);
    // Not even a row: any number of pings takes no place from requests.
    expect(phone.browser.tables.tables.get('requests')?.size).toBe(1);
  });
});

describe('a clock that is wrong', () => {
  test.each([
    ['ahead', HOUR_MS],
    ['behind', -HOUR_MS],
  ])('%s by an hour is refused with its skew, not shown, and a known request is left alone', async (_, skewMs) => {
    const phoneNow = phone.browser.clock.now();
    const hostClock = { now: () => phoneNow + skewMs };
    const host = await FakeHost.create(phone.browser.relay(), hostClock);
    await phone.addComputer(host);
    const hash = await host.ask(await phone.login({ now: hostClock.now() }));
    await until('refused', () => phone.line(hash) !== undefined);
    expect(phone.line(hash)).toMatchObject({ outcome: 'refused', refusal: 'clock-skew', skewMs: -skewMs });
    expect(phone.snapshot.waiting).toEqual([]);
    // The computer finds the answer outside its own time window: that is how it learns its skew.
    await until('answered', () => host.faults.includes('clock-skew'));
  });

  test('is set, and what was refused for it comes again: it is refused as before, and not shown', async () => {
    const right = { now: () => began + HOUR_MS };
    const began = phone.browser.clock.now();
    const host = await FakeHost.create(phone.browser.relay(), right);
    await phone.addComputer(host);
    const hash = await host.ask(await phone.login({ now: right.now() }));
    await until('refused', () => phone.line(hash) !== undefined);
    const carried = phone.browser.relay().carried.filter(({ from }) => toHex(from) === host.id);
    phone.browser.clock.advance(HOUR_MS);
    for (const { from, to, body } of carried) phone.browser.relay().carry(from, to, body);
    await until('answered', () => host.decisions(hash).length === 1);
    expect(host.decisions(hash)[0]?.answer).toEqual({ is: 'refuse', code: 'clock-skew', skew: -HOUR_MS });
    expect(phone.snapshot.waiting).toEqual([]);
    expect(phone.line(hash)).toMatchObject({ outcome: 'refused', refusal: 'clock-skew' });
  });

  test('does not let an old message repaint what became of its request', async () => {
    const hash = await phone.asked();
    await phone.tab.engine.decide(hash, 'approve');
    await phone.host.settle(hash, 'approved');
    await until('confirmed', () => phone.line(hash)?.confirmed === true);
    const carried = phone.browser.relay().carried.filter(({ from }) => toHex(from) === phone.host.id);
    phone.browser.clock.advance(24 * HOUR_MS);
    for (const { from, to, body } of carried) phone.browser.relay().carry(from, to, body);
    await phone.asked();
    expect(phone.line(hash)).toMatchObject({ outcome: 'approved', confirmed: true });
    expect(phone.host.decisions(hash)).toHaveLength(1);
  });
});

describe('garbage', () => {
  test('does not stop what comes after it', async () => {
    phone.host.garble(new Uint8Array());
    phone.host.garble(crypto.getRandomValues(new Uint8Array(600)));
    const [last] = phone.browser.relay().carried.slice(-1);
    const real = phone.browser.relay().carried.find(({ from }) => toHex(from) !== phone.host.id);
    // The phone's own greeting come back to it.
    if (real && last) phone.browser.relay().carry(last.from, last.to, real.body);
    const hash = await phone.asked();
    expect(phone.snapshot.waiting.map((view) => view.hash)).toEqual([hash]);
  });

  test('encoded requests of a login are what the hash is over', async () => {
    const request = await phone.login();
    expect(await phone.host.ask(request)).toBe(toHex(requestHash(encodeRequest(request))));
  });
});
