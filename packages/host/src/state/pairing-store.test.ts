import { readFileSync, writeFileSync } from 'node:fs';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { TestDisk } from '../testing/test-disk.ts';
import { tempFolder } from '../testing/temp-folder.ts';
import { TestPhone } from '../testing/test-phone.ts';
import { PairingStore } from './pairing-store.ts';

const phone = new TestPhone();
const other = new TestPhone('Tablet');
const third = new TestPhone('Third');
let folder: ReturnType<typeof tempFolder>;
let path: string;
beforeEach(() => {
  folder = tempFolder();
  path = folder.at('pairings.json');
});
afterEach(() => folder[Symbol.dispose]());

test('keeps everything of a pairing over a restart', () => {
  const store = new PairingStore(path);
  const pairings = [phone.pairing(), other.pairing('https://relay.example'), third.onChain()];
  for (const pairing of pairings) store.put(pairing);
  expect(new PairingStore(path).list()).toEqual(pairings);
  expect(new PairingStore(path).find(phone.device.id)).toEqual(pairings[0]?.peer);
});

test('a pairing anew takes the place of the old one; removed it is gone, once', () => {
  const store = new PairingStore(path);
  store.put(phone.pairing());
  store.put(phone.pairing('https://relay.example'));
  expect(store.list()).toHaveLength(1);
  expect(new PairingStore(path).get(phone.device.id)?.relay).toBe('https://relay.example');
  expect([store.remove(phone.device.id), store.remove(phone.device.id)]).toEqual([true, false]);
  expect(new PairingStore(path).list()).toEqual([]);
});

test('a full disk changes nothing, in memory or on itself', () => {
  const disk = new TestDisk();
  const store = new PairingStore(path, disk);
  store.put(phone.pairing());
  disk.full = true;
  expect(() => store.put(other.pairing())).toThrow(expect.objectContaining({ code: 'not-writable' }));
  expect(() => store.remove(phone.device.id)).toThrow(expect.objectContaining({ code: 'not-writable' }));
  for (const kept of [store, new PairingStore(path)]) expect(kept.list()).toEqual([phone.pairing()].map(samePeer));
});
const samePeer = () => expect.objectContaining({ peer: phone.pairing().peer }) as unknown;

test('a user key that is none is not kept', () => {
  const store = new PairingStore(path);
  const good = { blob: phone.key, comment: 'Work' };
  const bad = [Uint8Array.of(1), phone.key.subarray(0, -1), new Uint8Array(0)].map((blob) => ({ blob, comment: 'x' }));
  store.put(phone.pairing(undefined, { userKeys: [...bad, good] }));
  expect(store.get(phone.device.id)?.userKeys).toEqual([good]);
});

test.each([
  ['a relay that is no origin', { relay: 'nowhere' }],
  ['a relay with a path', { relay: 'https://relay.example/x' }],
  ['a name that is none', { name: ' ' }],
  ['a key that is too short', { signingKey: 'AAAA' }],
  ['text that is not base64url', { transcript: '+' }],
  ['another role', { role: 'asks' }],
  ['half a millisecond', { pairedAt: 0.5 }],
  ['a time before 1970', { pairedAt: -1 }],
  ['a field too many', { more: 1 }],
  ['a phone that is known in another way', { by: 'hearsay' }],
  ['a pairing without its proof', { transcript: undefined }],
  ['a phone of the chain with a proof', { by: 'chain' }],
])('refuses a file with %s, and leaves it', (_, change) => {
  new PairingStore(path).put(phone.pairing());
  const file = JSON.parse(readFileSync(path, 'utf8')) as { pairings: object[] };
  const text = JSON.stringify({ ...file, pairings: [{ ...file.pairings[0], ...change }] });
  writeFileSync(path, text);
  expect(() => new PairingStore(path)).toThrow(expect.objectContaining({ code: 'state-broken', path }));
  expect(readFileSync(path, 'utf8')).toBe(text);
});

test('reads a file of version 1, in which every phone was paired, and leaves it until something changes', () => {
  new PairingStore(path).put(phone.pairing());
  const { pairings } = JSON.parse(readFileSync(path, 'utf8')) as { pairings: Record<string, unknown>[] };
  const text = JSON.stringify({ v: 1, pairings: pairings.map(({ by: _, ...old }) => old) });
  writeFileSync(path, text);
  const store = new PairingStore(path);
  expect(store.list()).toEqual([expect.objectContaining({ by: 'pairing', peer: phone.pairing().peer })]);
  expect(readFileSync(path, 'utf8')).toBe(text);
  store.put(other.pairing());
  expect(JSON.parse(readFileSync(path, 'utf8'))).toMatchObject({ v: 2, pairings: [{ by: 'pairing' }, {}] });
  expect(new PairingStore(path).list()).toHaveLength(2);
});

test('refuses a file of version 3, and leaves it', () => {
  writeFileSync(path, JSON.stringify({ v: 3, pairings: [] }), { mode: 0o600 });
  expect(() => new PairingStore(path)).toThrow(expect.objectContaining({ code: 'newer-state', found: '3' }));
});

test('refuses a file with a time that no number holds, and leaves it', () => {
  new PairingStore(path).put(phone.pairing());
  const text = readFileSync(path, 'utf8').replace(/"pairedAt": ?\d+/, '"pairedAt": 1e999');
  expect(text).toContain('1e999');
  writeFileSync(path, text);
  expect(() => new PairingStore(path)).toThrow(expect.objectContaining({ code: 'state-broken', path }));
  expect(readFileSync(path, 'utf8')).toBe(text);
});
