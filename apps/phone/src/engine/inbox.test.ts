import { encodeRequest, parseRequestHash, parseRequestId, requestHash } from '@palmkey/core/requests';
import { parseDeviceName } from '@palmkey/core/devices';
import { parseSshSignature } from '@palmkey/core/ssh';
import { fromHex, toHex } from '@palmkey/envelope';
import { beforeEach, describe, expect, test } from 'vitest';
import { quiet, until } from './testing/fake-browser.ts';
import { FakeHost } from './testing/fake-host.ts';
import { FakeServer } from './testing/login-request.ts';
import { PairedPhone } from './testing/paired-phone.ts';

const HOUR_MS = 60 * 60 * 1000;
let phone: PairedPhone;

beforeEach(async () => {
  phone = await PairedPhone.create();
});

const hashBytes = (hash: string) => parseRequestHash(fromHex(hash));
const settle = (hash: string, outcome: 'approved' | 'rejected' | 'withdrawn' | 'expired' | 'failed') =>
  phone.host.say({ kind: 'settled', hash: hashBytes(hash), outcome, by: null });

async function verifies(request: { data: Uint8Array; key: Uint8Array }, signature: Uint8Array): Promise<boolean> {
  const raw = request.key.slice(-32);
  const key = await crypto.subtle.importKey('raw', raw, { name: 'Ed25519' }, false, ['verify']);
  const parsed = parseSshSignature(signature);
  return crypto.subtle.verify({ name: 'Ed25519' }, key, parsed.signature, new Uint8Array(request.data));
}

describe('a login', () => {
  test('is answered received, shown, signed over the very bytes, and confirmed', async () => {
    const request = await phone.login();
    const hash = await phone.host.ask(request);
    await until('waiting', () => phone.waits(hash));
    const [view] = phone.snapshot.waiting;
    expect(view).toMatchObject({
      user: 'deploy', host: { name: 'prod.example.org', port: 22 }, hostKey: { is: 'new' }, unusual: ['new-host'],
      programs: ['zsh', 'ssh'], computer: { name: 'laptop' }, key: { name: 'Work' }, hops: [],
    }); // prettier-ignore
    expect(view!.endsAt - view!.receivedAt).toBe(90_000);
    await until('received', () => phone.host.received.length > 0);
    expect(phone.host.received).toEqual([hash]);
    await phone.tab.engine.decide(hash, 'approve');
    expect(phone.snapshot.waiting).toEqual([]);
    expect(phone.snapshot.aftermath).toMatchObject({ hash, state: 'sending', title: 'deploy@prod.example.org' });
    const answer = await phone.answer(hash);
    expect(answer.is === 'approve' && (await verifies(request, answer.signature))).toBe(true);
    expect(phone.line(hash)).toMatchObject({ outcome: 'approved', confirmed: false, host: 'prod.example.org' });
    await settle(hash, 'approved');
    await until('confirmed', () => phone.snapshot.aftermath?.state === 'confirmed');
    expect(phone.line(hash)).toMatchObject({ outcome: 'approved', confirmed: true });
  });

  test('rejected sends a reject and pins nothing', async () => {
    const hash = await phone.asked();
    await phone.tab.engine.decide(hash, 'reject');
    expect(await phone.answer(hash)).toEqual({ is: 'reject' });
    const again = await phone.asked();
    expect(phone.logins.find((view) => view.hash === again)?.hostKey.is).toBe('new');
  });

  test('asked again while it waits is shown once and received twice', async () => {
    const request = await phone.login();
    const hash = await phone.host.ask(request);
    await until('waiting', () => phone.waits(hash));
    await phone.host.ask(request);
    await until('received again', () => phone.host.received.length === 2);
    await quiet();
    expect(phone.snapshot.waiting).toHaveLength(1);
  });

  test('asked again after the answer gets the same answer', async () => {
    const request = await phone.login();
    const hash = await phone.host.ask(request);
    await until('waiting', () => phone.waits(hash));
    await phone.tab.engine.decide(hash, 'approve');
    const first = await phone.answer(hash);
    await phone.host.ask(request);
    await until('answered again', () => phone.host.decisions(hash).length === 2);
    expect(phone.host.decisions(hash)[1]?.answer).toEqual(first);
    expect(phone.snapshot.waiting).toEqual([]);
  });

  test('decided twice is signed and sent once', async () => {
    const hash = await phone.asked();
    await Promise.all([phone.tab.engine.decide(hash, 'approve'), phone.tab.engine.decide(hash, 'reject')]);
    await phone.tab.engine.decide(hash, 'reject');
    await phone.answer(hash);
    await quiet();
    expect(phone.host.decisions(hash).map(({ answer }) => answer.is)).toEqual(['approve']);
  });

  test('with the id of another is refused, and the other stays', async () => {
    const id = parseRequestId(new Uint8Array(16).fill(9));
    const hash = await phone.asked({ id });
    const other = await phone.host.ask(await phone.login({ id, user: 'root' }));
    expect(await phone.answer(other)).toEqual({ is: 'refuse', code: 'id-reuse', skew: null });
    expect(phone.waits(hash)).toBe(true);
    expect(phone.snapshot.waiting).toHaveLength(1);
  });

  test('that another computer copies is refused', async () => {
    const request = await phone.login();
    const hash = await phone.host.ask(request);
    await until('waiting', () => phone.waits(hash));
    const other = await FakeHost.create(phone.browser.relay(), phone.browser.clock);
    await phone.addComputer(other);
    await other.ask(request);
    await until('refused', () => other.decisions(hash).length > 0);
    expect(other.decisions(hash)[0]?.answer).toMatchObject({ is: 'refuse', code: 'id-reuse' });
    expect(phone.snapshot.waiting).toHaveLength(1);
  });

  test('that ends on the screen leaves it and is not signed', async () => {
    const hash = await phone.asked();
    phone.browser.clock.advance(90_000);
    await until('expired', () => phone.line(hash)?.outcome === 'expired');
    expect(phone.snapshot.waiting).toEqual([]);
    await phone.tab.engine.decide(hash, 'approve');
    await quiet();
    expect(phone.host.decisions(hash)).toEqual([]);
  });

  test('decided at its end, before the alarm, is not signed', async () => {
    const hash = await phone.asked();
    phone.browser.clock.set(phone.browser.clock.now() + 90_000);
    await phone.tab.engine.decide(hash, 'approve');
    expect(phone.snapshot.aftermath).toMatchObject({ hash, state: 'unconfirmed', outcome: 'expired' });
    expect(phone.line(hash)?.outcome).toBe('expired');
    await quiet();
    expect(phone.host.decisions(hash)).toEqual([]);
  });

  test('gains no time when the clock is set back', async () => {
    const hash = await phone.asked();
    phone.browser.clock.set(phone.browser.clock.now() - 10 * 60_000);
    phone.browser.clock.advance(90_000);
    await until('expired', () => phone.line(hash)?.outcome === 'expired');
  });

  test('settled without this phone leaves the screen', async () => {
    const hash = await phone.asked();
    await settle(hash, 'withdrawn');
    await until('withdrawn', () => phone.line(hash)?.outcome === 'withdrawn');
    expect(phone.snapshot.waiting).toEqual([]);
    expect(phone.line(hash)?.confirmed).toBe(false);
  });

  test('settled otherwise than it was answered here tells what became of it', async () => {
    const hash = await phone.asked();
    await phone.tab.engine.decide(hash, 'approve');
    await settle(hash, 'rejected');
    await until('confirmed', () => phone.snapshot.aftermath?.state === 'confirmed');
    expect(phone.snapshot.aftermath?.outcome).toBe('rejected');
    // A signature that has left is not taken back by the computer's word.
    expect(phone.line(hash)).toMatchObject({ outcome: 'rejected', confirmed: true, signed: true });
  });

  test.each([20, 30])('of %i at once are all shown, and the 31st is one too many', async (count) => {
    const hashes = await Promise.all(
      Array.from({ length: count }, async (_, i) => phone.host.ask(await phone.login({ user: `user${i}` }))),
    );
    await until('all waiting', () => phone.snapshot.waiting.length === count);
    expect(new Set(phone.snapshot.waiting.map(({ hash }) => hash))).toEqual(new Set(hashes));
    const next = await phone.host.ask(await phone.login());
    if (count < 30) return until('one more', () => phone.waits(next));
    expect(await phone.answer(next)).toMatchObject({ is: 'refuse', code: 'busy' });
    expect(phone.snapshot.waiting).toHaveLength(30);
    expect(phone.snapshot.computers[0]?.flooded).toMatchObject({ refused: 1 });
  });
});

describe('an answer', () => {
  test('is sent again on here and on reconnect until it is settled', async () => {
    const hash = await phone.asked();
    phone.host.disconnect();
    await phone.tab.engine.decide(hash, 'approve');
    await quiet();
    expect(phone.host.decisions(hash)).toEqual([]);
    phone.host.connect();
    await phone.host.here();
    await until('repeated on here', () => phone.host.decisions(hash).length === 1);
    phone.browser.relay().goDown();
    phone.browser.relay().comeUp();
    phone.host.connect();
    await until('repeated on reconnect', () => phone.host.decisions(hash).length === 2);
    await settle(hash, 'approved');
    await until('confirmed', () => phone.snapshot.aftermath?.state === 'confirmed');
    await phone.host.here();
    await quiet();
    expect(phone.host.decisions(hash)).toHaveLength(2);
  });

  test('that nobody confirmed by the end is unconfirmed and no longer sent', async () => {
    const hash = await phone.asked();
    await phone.tab.engine.decide(hash, 'approve');
    await phone.answer(hash);
    phone.browser.clock.advance(90_000);
    await until('unconfirmed', () => phone.snapshot.aftermath?.state === 'unconfirmed');
    await phone.host.here();
    await quiet();
    expect(phone.host.decisions(hash)).toHaveLength(1);
    await settle(hash, 'approved');
    await until('confirmed late', () => phone.line(hash)?.confirmed === true);
  });

  test('given before a reload is repeated after it', async () => {
    const hash = await phone.asked();
    phone.host.disconnect();
    await phone.tab.engine.decide(hash, 'approve');
    phone.host.connect();
    await phone.reload();
    expect((await phone.answer(hash)).is).toBe('approve');
  });
});

describe('a reload', () => {
  test('in the middle brings the screen back with the time that is left', async () => {
    const hash = await phone.asked();
    const before = phone.snapshot.waiting[0]!;
    phone.browser.clock.advance(30_000);
    await phone.reload();
    expect(phone.snapshot.waiting[0]).toMatchObject({ hash, receivedAt: before.receivedAt, endsAt: before.endsAt });
    await phone.tab.engine.decide(hash, 'approve');
    expect((await phone.answer(hash)).is).toBe('approve');
  });

  test('after the end shows it expired, and the same request again is refused', async () => {
    const request = await phone.login();
    const hash = await phone.host.ask(request);
    await until('waiting', () => phone.waits(hash));
    phone.tab.engine.close();
    phone.browser.clock.advance(91_000);
    await phone.open();
    await until('expired', () => phone.line(hash)?.outcome === 'expired');
    await phone.host.ask(request);
    expect(await phone.answer(hash)).toEqual({ is: 'refuse', code: 'expired', skew: null });
  });

  test('does not open a message again that came before', async () => {
    const hash = await phone.asked();
    const carried = phone.browser.relay().carried.filter(({ from }) => toHex(from) === phone.host.id);
    await settle(hash, 'withdrawn');
    await until('withdrawn', () => phone.line(hash) !== undefined);
    await phone.reload();
    for (const { from, to, body } of carried) phone.browser.relay().carry(from, to, body);
    const fence = await phone.asked();
    expect(phone.snapshot.waiting.map((view) => view.hash)).toEqual([fence]);
    await until('received', () => phone.host.received.includes(fence));
    expect(phone.host.received).toHaveLength(2);
  });
});

describe('the server', () => {
  async function approve(options = {}) {
    const hash = await phone.asked(options);
    await phone.tab.engine.decide(hash, 'approve');
    await phone.answer(hash);
  }

  test('is pinned by an approval, under name and port', async () => {
    await approve();
    await phone.asked();
    expect(phone.snapshot.waiting[0]).toMatchObject({ hostKey: { is: 'pinned' }, unusual: [] });
    const other = await phone.asked({ host: { name: 'prod.example.org', port: 2222 } });
    expect(phone.logins.find(({ hash }) => hash === other)?.hostKey.is).toBe('new');
  });

  test('that one computer had pinned is new from another, and says from where it is known', async () => {
    await approve();
    const other = await FakeHost.create(phone.browser.relay(), phone.browser.clock);
    await phone.addComputer(other);
    const mine = `laptop (${phone.host.id.slice(0, 8)})`;
    const ask = async () => {
      const hash = await other.ask(await phone.login());
      await until('waiting', () => phone.waits(hash));
      return { hash, view: phone.snapshot.waiting.find((each) => each.hash === hash) };
    };
    const first = await ask();
    expect(first.view).toMatchObject({
      hostKey: { is: 'new', knownAs: [{ name: 'prod.example.org', port: 22, by: [mine] }] },
      unusual: ['new-host'],
    });
    await phone.tab.engine.decide(first.hash, 'approve');
    expect((await ask()).view).toMatchObject({ hostKey: { is: 'pinned' }, unusual: [] });
  });

  test('that one computer had pinned is changed for every other', async () => {
    const other = await FakeHost.create(phone.browser.relay(), phone.browser.clock);
    await phone.addComputer(other);
    const hash = await other.ask(await phone.login({ servers: [await FakeServer.create()] }));
    await until('waiting', () => phone.waits(hash));
    await phone.tab.engine.decide(hash, 'approve');
    const theirs = `laptop (${other.id.slice(0, 8)})`;
    await phone.asked();
    expect(phone.logins[0]?.hostKey).toMatchObject({ is: 'changed', pinnedBy: [theirs] });
  });

  test('that is pinned as one says so when a computer calls it another, or nothing', async () => {
    await approve();
    const view = async (host: { name: string; port: number } | null) => {
      const hash = await phone.asked({ host });
      return phone.logins.find((each) => each.hash === hash);
    };
    const knownAs = [{ name: 'prod.example.org', port: 22, by: ['laptop'] }];
    const renamed = await view({ name: 'git.example.org', port: 22 });
    expect(renamed).toMatchObject({ hostKey: { is: 'new', knownAs }, unusual: ['new-host', 'other-name'] });
    expect((await view(null))?.hostKey).toMatchObject({ is: 'unnamed', knownAs });
  });

  test('that changed cannot be approved, before and after a reload, until its pin is forgotten', async () => {
    await approve();
    const hash = await phone.asked({ servers: [await FakeServer.create()] });
    expect(phone.logins[0]?.hostKey.is).toBe('changed');
    await expect(phone.tab.engine.decide(hash, 'approve')).rejects.toMatchObject({ code: 'host-key-changed' });
    await phone.reload();
    await expect(phone.tab.engine.decide(hash, 'approve')).rejects.toMatchObject({ code: 'host-key-changed' });
    expect(phone.host.decisions(hash)).toEqual([]);
    await phone.tab.engine.forgetPin({ name: 'prod.example.org', port: 22 });
    expect(phone.logins[0]?.hostKey.is).toBe('new');
    await phone.tab.engine.decide(hash, 'approve');
    expect((await phone.answer(hash)).is).toBe('approve');
  });

  test('that became another one while its screen was open cannot be approved', async () => {
    const second = await phone.asked({ servers: [await FakeServer.create()] });
    expect(phone.logins[0]?.hostKey.is).toBe('new');
    await approve();
    await expect(phone.tab.engine.decide(second, 'approve')).rejects.toMatchObject({ code: 'host-key-changed' });
    await phone.tab.engine.decide(second, 'reject');
    expect(await phone.answer(second)).toEqual({ is: 'reject' });
  });

  test('without a name, without binds, or behind another is said to be unusual', async () => {
    const unnamed = await phone.asked({ host: null });
    const unbound = await phone.asked({ servers: [], programs: [] });
    const forwarded = await phone.asked({ servers: [await FakeServer.create(), phone.server] });
    const view = (hash: string) => phone.logins.find((each) => each.hash === hash);
    expect(view(unnamed)).toMatchObject({ hostKey: { is: 'unnamed' }, unusual: ['unnamed-host'] });
    expect(view(unbound)).toMatchObject({ hostKey: { is: 'unbound' }, unusual: ['unbound', 'unknown-program'] });
    expect(view(forwarded)?.hops).toHaveLength(1);
    expect(view(forwarded)?.unusual).toEqual(['new-host', 'forwarded']);
  });
});

describe('two computers', () => {
  test('name a server on the way each by its own word', async () => {
    const other = await FakeHost.create(phone.browser.relay(), phone.browser.clock);
    await phone.addComputer(other);
    const hop = await FakeServer.create();
    const claimed = await other.ask(await phone.login({ servers: [hop], host: { name: 'bastion', port: 22 } }));
    await until('waiting', () => phone.waits(claimed));
    await phone.tab.engine.decide(claimed, 'approve');
    const options = { servers: [hop, phone.server] };
    const forwarded = await phone.asked(options);
    expect(phone.view(forwarded)).toMatchObject({ hops: [{ name: null }] });
    const own = await phone.asked({ servers: [hop], host: { name: 'jump', port: 22 } });
    await phone.tab.engine.decide(own, 'approve');
    expect(phone.view(forwarded)).toMatchObject({ hops: [{ name: 'jump' }] });
  });

  test('that are called alike, as far as eyes can tell, are told apart', async () => {
    const other = await FakeHost.create(phone.browser.relay(), phone.browser.clock);
    await phone.addComputer(other);
    const names = () => phone.snapshot.computers.map(({ name }) => name).sort();
    const ids = [phone.host.id, other.id].map((id) => id.slice(0, 8)).sort();
    expect(names()).toEqual(ids.map((id) => `laptop (${id})`));
    await other.say({ kind: 'here', name: parseDeviceName('Lap\u200btop'), software: 'palmkey/0.1.0', keys: null });
    await until('renamed', () => names().some((name) => name.startsWith('Lap')));
    expect(names().every((name) => ids.some((id) => name.includes(id)))).toBe(true);
    await phone.tab.engine.renameComputer(other.id, 'build');
    expect(names()).toEqual(['build', 'laptop']);
  });
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
    await settle(hash, 'approved');
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
    await settle(hash, 'approved');
    await until('confirmed', () => phone.line(hash)?.confirmed === true);
    const carried = phone.browser.relay().carried.filter(({ from }) => toHex(from) === phone.host.id);
    phone.browser.clock.advance(24 * HOUR_MS);
    for (const { from, to, body } of carried) phone.browser.relay().carry(from, to, body);
    await phone.asked();
    expect(phone.line(hash)).toMatchObject({ outcome: 'approved', confirmed: true });
    expect(phone.host.decisions(hash)).toHaveLength(1);
  });
});

describe('unpairing', () => {
  test('from here takes effect at once and tells the computer', async () => {
    const hash = await phone.asked();
    await phone.tab.engine.unpair(phone.host.id);
    expect(phone.snapshot.computers).toEqual([]);
    expect(phone.snapshot.waiting).toEqual([]);
    await until('told', () => phone.host.heard.some(({ kind }) => kind === 'unpair'));
    await phone.tab.engine.decide(hash, 'approve');
    await phone.host.ask(await phone.login());
    await quiet();
    expect(phone.snapshot.waiting).toEqual([]);
    expect(phone.host.decisions(hash)).toEqual([]);
    await phone.reload();
    expect(phone.snapshot.computers).toEqual([]);
  });

  test('from the computer takes effect at once', async () => {
    const hash = await phone.asked();
    await phone.host.say({ kind: 'unpair' });
    await until('gone', () => phone.snapshot.computers.length === 0);
    expect(phone.snapshot.waiting).toEqual([]);
    expect(phone.line(hash)?.outcome).toBe('withdrawn');
    await phone.tab.engine.decide(hash, 'approve');
    await quiet();
    expect(phone.host.decisions(hash)).toEqual([]);
  });

  test('while the relay is down forgets the computer all the same, and tells it when the relay is back', async () => {
    const told = () => phone.host.heard.some(({ kind }) => kind === 'unpair');
    phone.browser.relay().goDown();
    await phone.tab.engine.unpair(phone.host.id);
    expect(phone.snapshot.computers).toEqual([]);
    await phone.reload();
    expect(told()).toBe(false);
    phone.host.connect();
    phone.browser.relay().comeUp();
    await until('told', told);
    // It stays connected: the relay keeps the account's chain.
    await until('kept', () => phone.browser.relay().present === 2);
    await phone.reload();
    await quiet();
    expect(phone.host.heard.filter(({ kind }) => kind === 'unpair')).toHaveLength(1);
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
