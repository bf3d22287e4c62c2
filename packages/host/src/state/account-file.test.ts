import { readFileSync, writeFileSync } from 'node:fs';
import { parseLinkHash } from '@palmkey/chain';
import { parseAccountId, parseDeviceId, parseSignature } from '@palmkey/envelope';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { TestDisk } from '../testing/test-disk.ts';
import { tempFolder } from '../testing/temp-folder.ts';
import { AccountFile, type KeptAccount } from './account-file.ts';

const bytes = (length: number, value: number) => new Uint8Array(length).fill(value);
const account = parseAccountId(bytes(16, 1));
const other = parseAccountId(bytes(16, 2));
const relay = 'https://relay.example';
const hash = parseLinkHash(bytes(32, 3));
const link = (value: number) => ({ json: bytes(40, value), signature: parseSignature(bytes(64, value)) });
const chain: KeptAccount = {
  account,
  relay,
  links: [link(4), link(5)],
  pin: { seqno: 2, hash },
  signed: { seqno: 3, prev: hash, endsAt: null },
};

let folder: ReturnType<typeof tempFolder>;
let path: string;
beforeEach(() => {
  folder = tempFolder();
  path = folder.at('account.json');
});
afterEach(() => folder[Symbol.dispose]());

test('keeps links, pin, consents and the link by which this computer leaves over a restart', () => {
  const file = new AccountFile(path);
  file.consent({ account: other, relay });
  file.begin(chain);
  file.add([link(6)], { pin: { seqno: 3, hash }, signed: null });
  file.leave(bytes(10, 7));
  file.learn(new Map([['0'.repeat(32), 'Pixel']]));
  file.end();
  const kept = new AccountFile(path);
  expect(kept.chain).toEqual({ ...chain, links: [link(4), link(5), link(6)], pin: { seqno: 3, hash }, signed: null });
  expect(kept.consents).toEqual([{ account: other, relay }]);
  expect(kept.leaving).toEqual(bytes(10, 7));
  expect([[...kept.names], kept.isOver]).toEqual([[['0'.repeat(32), 'Pixel']], true]);
});

test('a consent is over once its chain is followed; of too many the oldest is forgotten', () => {
  const file = new AccountFile(path);
  for (let i = 0; i < 9; i++) file.consent({ account: parseAccountId(bytes(16, 10 + i)), relay });
  expect(file.consents).toHaveLength(8);
  file.begin({ ...chain, account: parseAccountId(bytes(16, 18)) });
  expect(new AccountFile(path).consents.map((each) => each.account[0])).toEqual([11, 12, 13, 14, 15, 16, 17]);
});

test('a full disk changes nothing, in memory or on itself', () => {
  const disk = new TestDisk();
  const file = new AccountFile(path, disk);
  file.begin(chain);
  disk.full = true;
  const more = () => file.add([link(6)], { pin: null, signed: null });
  for (const change of [more, () => file.consent({ account: other, relay }), () => file.leave(bytes(1, 1))]) {
    expect(change).toThrow(expect.objectContaining({ code: 'not-writable' }));
  }
  for (const kept of [file, new AccountFile(path)])
    expect([kept.chain, kept.consents, kept.leaving]).toEqual([chain, [], null]);
});

test.each([
  ['an account id that is too short', { account: 'AAAA' }],
  ['a relay with a path', { relay: 'https://relay.example/x' }],
  ['links that end within one', { links: 'AAA' }],
  ['a pin without a hash', { pin: { seqno: 2 } }],
  ['a pin whose hash is too short', { pin: { seqno: 2, hash: 'AAAA' } }],
  ['half a link number', { pin: { seqno: 0.5, hash: 'AAAA' } }],
  ['a field too many', { more: 1 }],
])('refuses a file with %s, and leaves it', (_, change) => {
  new AccountFile(path).begin(chain);
  const file = JSON.parse(readFileSync(path, 'utf8')) as { chain: object };
  const text = JSON.stringify({ ...file, chain: { ...file.chain, ...change } });
  writeFileSync(path, text);
  expect(() => new AccountFile(path)).toThrow(expect.objectContaining({ code: 'state-broken', path }));
  expect(readFileSync(path, 'utf8')).toBe(text);
});

test('keeps where the account is to be looked for, and where it is once it was found', () => {
  const file = new AccountFile(path);
  file.begin(chain);
  const moving = { n: 2, relay: 'https://new.example', by: parseDeviceId(bytes(16, 8)), head: { seqno: 2, hash } };
  file.plan(moving);
  expect(new AccountFile(path)).toMatchObject({ moved: null, moving });
  const moved = { n: 2, from: relay, isSame: false };
  file.move(moving.relay, moved, [link(6)], { pin: { seqno: 3, hash }, signed: null });
  const kept = new AccountFile(path);
  expect([kept.moved, kept.moving]).toEqual([moved, null]);
  expect(kept.chain).toMatchObject({ relay: moving.relay, links: [link(4), link(5), link(6)], pin: { seqno: 3 } });
});

test('reads a file of version 1, in which nothing had moved, and writes its own', () => {
  new AccountFile(path).begin(chain);
  const { moved: _, moving: __, ...first } = JSON.parse(readFileSync(path, 'utf8')) as Record<string, unknown>;
  writeFileSync(path, JSON.stringify({ ...first, v: 1 }));
  const file = new AccountFile(path);
  expect([file.chain, file.moved, file.moving]).toEqual([chain, null, null]);
  file.end();
  expect(JSON.parse(readFileSync(path, 'utf8'))).toMatchObject({ v: 2, moved: null });
});

test('refuses a file of version 3, and leaves it', () => {
  writeFileSync(path, JSON.stringify({ v: 3 }), { mode: 0o600 });
  expect(() => new AccountFile(path)).toThrow(expect.objectContaining({ code: 'newer-state', found: '3' }));
});
