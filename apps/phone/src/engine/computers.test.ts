import { parseDeviceName } from '@palmkey/core/devices';
import { parseRequestHash } from '@palmkey/core/requests';
import { fromHex } from '@palmkey/envelope';
import { beforeEach, describe, expect, test } from 'vitest';
import { MemoryStore } from '../store/memory-store.ts';
import { quiet, until } from './testing/fake-browser.ts';
import { FakeHost, newDeviceKeys } from './testing/fake-host.ts';
import { FakeServer } from './testing/login-request.ts';
import { PairedPhone } from './testing/paired-phone.ts';
import { gitRequest } from './testing/sign-request.ts';

const HOUR_MS = 3_600_000;
let phone: PairedPhone;

beforeEach(async () => {
  phone = await PairedPhone.createNew();
});

const computer = () => phone.snapshot.computers[0];
const hashBytes = (hash: string) => parseRequestHash(fromHex(hash));

test('a computer is there, or not, as its relay says', async () => {
  const reach = () => computer()?.reach;
  phone.browser.relay().sayPresence(phone.host.device.id, false);
  await until('away', () => reach() === 'relay-only');
  phone.browser.relay().sayPresence(phone.host.device.id, true);
  await until('there', () => reach() === 'here');
});

test('two computers that are called alike, as far as eyes can tell, are told apart', async () => {
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

describe('a computer that asks too often', () => {
  test('is shown 30 times at once and then once each ten seconds; the rest is refused and counted', async () => {
    const hashes: string[] = [];
    for (let n = 0; n < 33; n += 1) hashes.push(await phone.host.ask(await phone.login({ user: `u${n}` })));
    await until('all judged', () => phone.host.received.length === 33);
    await until('refused', () => phone.host.decisions(hashes[32] ?? '').length > 0);
    expect(phone.snapshot.waiting).toHaveLength(30);
    expect(await phone.answer(hashes[30] ?? '')).toEqual({ is: 'refuse', code: 'too-many', skew: null });
    expect(computer()?.flooded).toEqual({ refused: 3, since: phone.browser.clock.now() });
    expect(phone.snapshot.history).toEqual([]);
    for (const hash of hashes.slice(0, 5)) await phone.tab.engine.decide(hash, 'reject');
    phone.browser.clock.advance(10_000);
    await phone.asked();
    expect(await phone.answer(await phone.host.ask(await phone.login()))).toMatchObject({ code: 'too-many' });
    expect(computer()?.flooded?.refused).toBe(4);
  });

  test('is no flood any more after a while, and does not begin anew by a reload', async () => {
    for (let n = 0; n < 31; n += 1) await phone.host.ask(await phone.login({ lifetimeMs: 600_000 }));
    await until('flooded', () => computer()?.flooded !== null);
    await phone.reload();
    const hash = await phone.host.ask(await phone.login());
    expect(await phone.answer(hash)).toMatchObject({ code: 'too-many' });
    phone.browser.clock.advance(11 * 60_000);
    await until('ended', () => phone.snapshot.waiting.length === 0);
    expect(computer()?.flooded).toBeNull();
  });

  test('is not held up where a permission answers', async () => {
    const first = await phone.asked();
    await phone.tab.engine.decide(first, 'approve', { scope: 'computer', minutes: 30 });
    for (let n = 0; n < 40; n += 1) {
      const hash = await phone.host.ask(await phone.login());
      expect((await phone.answer(hash)).is).toBe('approve');
    }
    expect(computer()?.flooded).toBeNull();
  });
});

describe('a muted computer', () => {
  test('shows nothing after a reload that came between the mute and what it refuses', async () => {
    const hash = await phone.asked();
    phone.tab.engine.close();
    const store = new MemoryStore(phone.browser.tables);
    await store.transact('write', ['pairings'], async (transaction) => {
      const row = await transaction.get('pairings', phone.host.id);
      if (row !== undefined) await transaction.put('pairings', { ...row, mutedUntil: Infinity });
    });
    await phone.open();
    expect(phone.snapshot.waiting).toEqual([]);
    await phone.host.greet();
    expect(await phone.answer(hash)).toMatchObject({ code: 'muted' });
  });

  test('writes no line, whatever it asks', async () => {
    await phone.tab.engine.muteComputer(phone.host.id, HOUR_MS);
    const lines = phone.snapshot.history.length;
    const odd = await phone.host.ask(await phone.login({ user: '' }));
    expect(await phone.answer(odd)).toMatchObject({ is: 'refuse', code: 'muted' });
    await phone.host.say({ kind: 'ask', request: new Uint8Array([0x81, 0xa1, 0x61, 0x01]) });
    await phone.host.ask(await phone.login({ now: phone.browser.clock.now() - 20 * 60_000 }));
    await quiet();
    expect(phone.snapshot.history).toHaveLength(lines);
  });

  test('is repeated no answer that a permission gave', async () => {
    const first = await phone.asked();
    await phone.tab.engine.decide(first, 'approve', { scope: 'server', minutes: 30 });
    const request = await phone.login();
    const hash = await phone.host.ask(request);
    await phone.answer(hash);
    await phone.tab.engine.muteComputer(phone.host.id, HOUR_MS);
    await phone.host.ask(request);
    await until('answered again', () => phone.host.decisions(hash).length === 2);
    expect(phone.host.decisions(hash)[1]?.answer).toMatchObject({ is: 'refuse', code: 'muted' });
  });

  test('is refused what waits and what comes, permissions or not, until the mute ends', async () => {
    const first = await phone.asked();
    await phone.tab.engine.decide(first, 'approve', { scope: 'computer', minutes: 720 });
    const waiting = await phone.host.ask(await phone.login({ servers: [] }));
    await until('shown', () => phone.waits(waiting));
    await phone.tab.engine.muteComputer(phone.host.id, HOUR_MS);
    expect(await phone.answer(waiting)).toEqual({ is: 'refuse', code: 'muted', skew: null });
    expect(phone.snapshot.waiting).toEqual([]);
    expect(phone.line(waiting)).toMatchObject({ outcome: 'refused', refusal: 'muted' });
    expect(computer()?.mutedUntil).toBe(phone.browser.clock.now() + HOUR_MS);
    await phone.reload();
    expect(await phone.answer(await phone.host.ask(await phone.login()))).toMatchObject({ code: 'muted' });
    phone.browser.clock.advance(HOUR_MS);
    expect((await phone.answer(await phone.host.ask(await phone.login()))).is).toBe('approve');
  });

  test('for ever is muted until it is switched on', async () => {
    await phone.tab.engine.muteComputer(phone.host.id, Infinity);
    expect(computer()?.mutedUntil).toBe(Infinity);
    await phone.reload();
    expect(await phone.answer(await phone.host.ask(await phone.login()))).toMatchObject({ code: 'muted' });
    await phone.tab.engine.unmuteComputer(phone.host.id);
    await phone.asked();
    expect(computer()?.mutedUntil).toBeNull();
  });

  test('of version 1 hears busy', async () => {
    phone = await PairedPhone.create();
    await phone.tab.engine.muteComputer(phone.host.id, HOUR_MS);
    expect(await phone.answer(await phone.host.ask(await phone.login()))).toMatchObject({ code: 'busy' });
  });
});

describe('several phones', () => {
  test('a key of another phone is shown, and cannot be used here; reject and pass go', async () => {
    const key = (await FakeServer.create()).blob;
    const hash = await phone.asked({ key });
    expect(phone.view(hash)).toMatchObject({
      key: { here: false, name: '', type: 'ssh-ed25519' },
      offers: [],
      canPass: true,
    });
    await expect(phone.tab.engine.decide(hash, 'approve')).rejects.toMatchObject({ code: 'not-here' });
    expect(phone.host.decisions(hash)).toEqual([]);
    await phone.tab.engine.decide(hash, 'pass');
    expect(await phone.answer(hash)).toEqual({ is: 'pass' });
    expect(phone.line(hash)).toMatchObject({ outcome: 'passed', by: 'person', signed: false });
    const other = await phone.asked({ key });
    await phone.tab.engine.decide(other, 'reject');
    expect(await phone.answer(other)).toEqual({ is: 'reject' });
  });

  test('what another phone decided leaves the screen, and is told so', async () => {
    const other = (await newDeviceKeys()).id;
    const hash = await phone.asked();
    await phone.host.say({ kind: 'settled', hash: hashBytes(hash), outcome: 'approved', by: other });
    await until('gone', () => !phone.waits(hash));
    expect(phone.line(hash)).toMatchObject({ outcome: 'approved', by: 'other-phone', signed: false, confirmed: false });
  });

  test('that answered differently: what counted is told, and what left here is not forgotten', async () => {
    const other = (await newDeviceKeys()).id;
    const hash = await phone.asked();
    await phone.tab.engine.decide(hash, 'approve');
    await phone.host.say({ kind: 'settled', hash: hashBytes(hash), outcome: 'rejected', by: other });
    await until('told', () => phone.line(hash)?.outcome === 'rejected');
    expect(phone.line(hash)).toMatchObject({ by: 'other-phone', signed: true, confirmed: true });
  });

  test('pass is for a login, and for a computer that knows it', async () => {
    const git = await phone.host.ask(await gitRequest({ key: phone.key, now: phone.browser.clock.now() }));
    await until('shown', () => phone.waits(git));
    await expect(phone.tab.engine.decide(git, 'pass')).rejects.toMatchObject({ code: 'not-offered' });
    phone = await PairedPhone.create();
    const old = await phone.asked();
    expect(phone.view(old)?.canPass).toBe(false);
    await expect(phone.tab.engine.decide(old, 'pass')).rejects.toMatchObject({ code: 'not-offered' });
  });

  test('a key that was just taken away is not taken for another phone’s', async () => {
    const next = await phone.login();
    const hash = await phone.asked();
    await phone.tab.engine.removeKey(phone.snapshot.keys[0]?.id ?? '');
    expect(await phone.answer(hash)).toMatchObject({ is: 'refuse', code: 'unknown-key' });
    expect(phone.snapshot.keys).toEqual([]);
    const late = await phone.host.ask(next);
    expect(await phone.answer(late)).toMatchObject({ is: 'refuse', code: 'unknown-key' });
    await until('told', () => phone.host.heard.findLast((content) => content.kind === 'here')?.keys?.length === 0);
    await phone.reload();
    expect(phone.snapshot.keys).toEqual([]);
  });
});

describe('versions', () => {
  test('are said before each here', () => {
    const kinds = phone.host.heard.map(({ kind }) => kind).filter((kind) => kind === 'speaks' || kind === 'here');
    expect(kinds.slice(0, 2)).toEqual(['speaks', 'here']);
    expect(phone.host.heard.find(({ kind }) => kind === 'speaks')).toMatchObject({ from: 1, to: 5 });
  });

  test('that have nothing in common: nothing is asked or answered, and who is to be updated is said', async () => {
    await phone.host.greet({ from: 6, to: 7 });
    await until('too new', () => computer()?.update === 'phone');
    const hash = await phone.host.ask(await phone.login());
    await quiet();
    expect([phone.snapshot.waiting, phone.host.received]).toEqual([[], []]);
    expect(phone.host.decisions(hash)).toEqual([]);
    await phone.reload();
    expect(computer()?.update).toBe('phone');
    await phone.host.greet();
    await until('fine', () => computer()?.update === null);
    await phone.asked();
  });

  test('a computer that went back to version 1 is spoken to in it', async () => {
    await phone.host.say({ kind: 'here', name: phone.host.name, software: 'palmkey/0.0.9', keys: null });
    await until('older', () => computer()?.software === 'palmkey/0.0.9');
    expect(phone.view(await phone.asked())?.canPass).toBe(false);
  });
});

test('a phone that was off for a week shows nothing old and lets nothing old through', async () => {
  const first = await phone.asked();
  await phone.tab.engine.decide(first, 'approve', { scope: 'computer', minutes: 720 });
  await phone.answer(first);
  const waiting = await phone.host.ask(await phone.login({ servers: [] }));
  await until('shown', () => phone.waits(waiting));
  phone.tab.engine.close();
  const old = await phone.login();
  phone.browser.clock.advance(7 * 24 * HOUR_MS);
  const carried = phone.browser.relay().carried.slice();
  await phone.open();
  for (const { from, to, body } of carried) phone.browser.relay().carry(from, to, body);
  const stale = await phone.host.ask(old);
  expect(await phone.answer(stale)).toMatchObject({ is: 'refuse', code: 'expired' });
  expect(phone.snapshot.waiting).toEqual([]);
  expect(phone.snapshot.permissions).toEqual([]);
  await phone.host.greet();
  await phone.asked();
});
