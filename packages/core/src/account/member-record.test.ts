import type { ChainState } from '@palmkey/chain';
import {
  type DeviceId,
  equal,
  fromHex,
  parseAccountId,
  parseDeviceId,
  parseSigningPublicKey,
  toHex,
} from '@palmkey/envelope';
import { beforeAll, describe, expect, test } from 'vitest';
import { readPage } from '../../../../vectors/page.ts';
import { FormatError, OpenError, webPrimitives } from '../crypto/index.ts';
import type { DeviceKeys } from '../devices/index.ts';
import { fixedAccount, type FixedAccount, memberLinks, stateOf } from '../testing/fixed-account.ts';
import { fixedBytes, fixedDevice } from '../testing/fixed-keys.ts';
import { sealAccountData } from './account-data.ts';
import {
  HISTORY_CHUNKS,
  MAX_MEMBER_BODY_BYTES,
  memberRecordName,
  openMemberRecord,
  parseMemberRecordName,
  sealMemberRecord,
} from './member-record.ts';
import { parsePerUserSeed, perUserKeyOf } from './per-user-key.ts';
import { encodeHistoryChunk, parseHistoryChunk } from './shared-history.ts';
import {
  encodeSharedEndings,
  encodeSharedPermissions,
  parseSharedEndings,
  parseSharedPermissions,
} from './shared-permissions.ts';

interface VectorPage {
  account: string;
  generation: number;
  by: { id: string; signingKey: string };
  records: { name: string; counter: number; body: string; sealed: string }[];
  invalid: { what: string; sealed: string }[];
}

let account: FixedAccount;
let state: ChainState;
let other: DeviceKeys;
let name: string;
const body = Uint8Array.of(1, 2, 3);

beforeAll(async () => {
  account = await fixedAccount('records', 2);
  other = await fixedDevice('records other');
  state = await stateOf([...account.links, ...(await memberLinks(account.links, account.owner, other))]);
  name = memberRecordName({ kind: 'permissions', device: account.owner.id, n: 0 });
});

const keyOf = (generation: number) => account.perUserKeys[generation - 1] ?? expect.unreachable();
const seal = (by = account.owner, named = name, counter = 7, content: Uint8Array = body) =>
  sealMemberRecord(webPrimitives, state, keyOf(2), by, named, { counter, body: content });
const open = (sealed: Uint8Array, named = name, keys = account.perUserKeys) =>
  openMemberRecord(webPrimitives, state, keys, named, sealed);

describe('a member’s record', () => {
  test('is opened as it was sealed, and always as long', async () => {
    expect(await open(await seal())).toEqual({ counter: 7, body, generation: 2 });
    for (const length of [0, 1, MAX_MEMBER_BODY_BYTES]) {
      const content = new Uint8Array(length).fill(9);
      const sealed = await seal(account.owner, name, Number.MAX_SAFE_INTEGER, content);
      expect(sealed).toHaveLength(4_096);
      expect(await open(sealed)).toEqual({ counter: Number.MAX_SAFE_INTEGER, body: content, generation: 2 });
    }
    await expect(seal(account.owner, name, 1, new Uint8Array(MAX_MEMBER_BODY_BYTES + 1))).rejects.toThrow(FormatError);
  });

  test('of one member cannot be made by another', async () => {
    await expect(open(await seal(other))).rejects.toThrow(OpenError);
    const stranger = memberRecordName({ kind: 'permissions', device: (await fixedDevice('nobody')).id, n: 0 });
    await expect(open(await seal(await fixedDevice('nobody'), stranger), stranger)).rejects.toThrow(OpenError);
  });

  test('does not stand for one of another name, nor under a key that is not here', async () => {
    const endings = memberRecordName({ kind: 'endings', device: account.owner.id, n: 0 });
    await expect(open(await seal(), endings)).rejects.toThrow(OpenError);
    await expect(open(await seal(), name, account.perUserKeys.slice(0, 1))).rejects.toThrow(OpenError);
  });

  test('that was changed or cut anywhere does not open', async () => {
    const sealed = await seal();
    for (const at of [5, 17, 40, 4_095]) {
      const changed = sealed.slice();
      changed[at] = (changed[at] ?? 0) ^ 1;
      await expect(open(changed)).rejects.toThrow(OpenError);
    }
    await expect(open(sealed.slice(0, 4_095))).rejects.toThrow(OpenError);
    await expect(open(sealed.slice(0, 32))).rejects.toThrow(FormatError);
  });

  test.each([
    ['without a counter', 0, (plain: Uint8Array) => plain],
    ['of a length that leads beyond its end', 1, (plain: Uint8Array) => plain.fill(255, 8, 10)],
    ['with something behind it', 1, (plain: Uint8Array) => plain.fill(1, plain.length - 1)],
  ])('%s does not open, by whomever it is', async (_, counter, change) => {
    const plain = new Uint8Array(4_096 - 33);
    const view = new DataView(plain.buffer);
    view.setBigUint64(0, BigInt(counter));
    const sealed = await sealAccountData(webPrimitives, state.account, keyOf(2), name, change(plain));
    await expect(open(sealed)).rejects.toThrow(OpenError);
  });
});

test('names say which member and which record, and no other name does', () => {
  const device = account.owner.id;
  for (const kind of ['permissions', 'endings'] as const) {
    const named = memberRecordName({ kind, device, n: 0 });
    expect(named).toBe(`${kind}/${toHex(device)}`);
    expect(parseMemberRecordName(named)).toEqual({ kind, device, n: 0 });
    expect(parseMemberRecordName(`${named}/0`)).toBeNull();
  }
  for (let n = 0; n < HISTORY_CHUNKS; n++) {
    const named = memberRecordName({ kind: 'history', device, n });
    expect(parseMemberRecordName(named)).toEqual({ kind: 'history', device, n });
  }
  for (const wrong of [
    '',
    'facts/00',
    `facts/${toHex(device)}`,
    `history/${toHex(device)}`,
    `history/${toHex(device)}/8`,
  ]) {
    expect(parseMemberRecordName(wrong)).toBeNull();
  }
});

describe('vectors/members.json: records of members', () => {
  const { memberRecords: page } = readPage('members') as { memberRecords: VectorPage };
  const writer = parseDeviceId(fromHex(page.by.id));
  const signingKey = parseSigningPublicKey(fromHex(page.by.signingKey));
  const writers = {
    account: parseAccountId(fromHex(page.account)),
    findEver: (id: DeviceId) => (equal(id, writer) ? { signingKey } : undefined),
  };
  const openVector = async (named: string, sealed: string) => {
    const seed = parsePerUserSeed(fixedBytes(`seed ${page.generation}`));
    const key = await perUserKeyOf(webPrimitives, seed, page.generation);
    return openMemberRecord(webPrimitives, writers, [key], named, fromHex(sealed));
  };

  test.each(page.records)(
    '$name opens to its counter and body',
    async ({ name: named, counter, body: hex, sealed }) => {
      const opened = await openVector(named, sealed);
      expect({ ...opened, body: toHex(opened.body) }).toEqual({ counter, body: hex, generation: page.generation });
      switch (parseMemberRecordName(named)?.kind) {
        case 'permissions':
          return expect(toHex(encodeSharedPermissions(parseSharedPermissions(opened.body)))).toBe(hex);
        case 'endings':
          return expect(toHex(encodeSharedEndings(parseSharedEndings(opened.body)))).toBe(hex);
        case 'history':
          return expect(toHex(encodeHistoryChunk(parseHistoryChunk(opened.body)))).toBe(hex);
        case undefined:
          return expect.unreachable(named);
      }
    },
  );

  test.each(page.invalid)('$what does not open', async ({ sealed }) => {
    const [own] = page.records;
    await expect(openVector(own?.name ?? '', sealed)).rejects.toThrow(OpenError);
  });
});
