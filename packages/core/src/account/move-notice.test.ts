import type { ChainState, SignedLink } from '@palmkey/chain';
import { equal, fromHex, parseAccountId, toHex } from '@palmkey/envelope';
import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { readPage } from '../../../../vectors/page.ts';
import { FormatError, OpenError, webPrimitives } from '../crypto/index.ts';
import type { DeviceKeys } from '../devices/index.ts';
import { type FixedAccount, fixedAccount, memberLinks, nextLink, stateOf } from '../testing/fixed-account.ts';
import { fixedDevice } from '../testing/fixed-keys.ts';
import { headOf } from '../testing/memory-chain.ts';
import {
  checkMove,
  MAX_MOVE_NOTICE_BYTES,
  openMoveRecord,
  parseMove,
  sealAccountData,
  sealMoveRecord,
  signMove,
} from './index.ts';

interface Page {
  move: {
    account: string;
    relay: string;
    n: number;
    head: { seqno: number; hash: string };
    by: string;
    notice: string;
  };
  movesOnLoopback: string[];
  invalidMoves: { name: string; notice: string }[];
}
const page = readPage('members') as Page;
const relay = 'https://relay.example.org';

let account: FixedAccount;
let member: DeviceKeys;
let links: readonly SignedLink[];
let state: ChainState;

beforeAll(async () => {
  account = await fixedAccount('moving', 1);
  member = await fixedDevice('moving member');
  links = [...account.links, ...(await memberLinks(account.links, account.owner, member))];
  state = await stateOf(links);
});

const notice = (by: DeviceKeys, change: { readonly n?: number; readonly head?: ChainState['head'] } = {}) =>
  signMove(by, { account: state.account, relay, n: 1, head: state.head, ...change });

describe('vectors/members.json, moves', () => {
  it('reads a notice as it was signed', () => {
    const { account, by, head, n, relay } = parseMove(fromHex(page.move.notice));
    expect({ account: toHex(account), by: toHex(by), n, relay, head: { ...head, hash: toHex(head.hash) } }).toEqual({
      account: page.move.account,
      by: page.move.by,
      n: page.move.n,
      relay: page.move.relay,
      head: page.move.head,
    });
  });

  it.each(page.movesOnLoopback)('reads one to loopback', (bytes) => {
    expect(parseMove(fromHex(bytes)).relay).toMatch(/^http:/);
  });

  it.each(page.invalidMoves)('refuses $name', ({ notice: bytes }) => {
    expect(() => parseMove(fromHex(bytes))).toThrow(FormatError);
  });

  it('refuses a notice that is cut anywhere, or has a byte more', () => {
    const whole = fromHex(page.move.notice);
    for (let end = 0; end < whole.length; end++) expect(() => parseMove(whole.slice(0, end))).toThrow(FormatError);
    expect(() => parseMove(Uint8Array.of(...whole, 0))).toThrow(FormatError);
  });
});

describe('checkMove', () => {
  it('takes any active member’s word', async () => {
    for (const by of [account.owner, member]) {
      expect(await checkMove(webPrimitives, state, await notice(by), 0)).toMatchObject({ relay, n: 1, by: by.id });
    }
  });

  it('takes a head that is not here yet, and one from before', async () => {
    const early = await notice(member, { head: headOf(links.slice(0, 1)) });
    expect(await checkMove(webPrimitives, state, early, 0)).toMatchObject({ head: { seqno: 1 } });
    const before = await stateOf(account.links);
    expect(await checkMove(webPrimitives, before, await notice(account.owner), 0)).toMatchObject({ n: 1 });
  });

  it('refuses a head that stands against the chain', async () => {
    const other = await notice(member, { head: { seqno: 1, hash: state.head.hash } });
    await expect(checkMove(webPrimitives, state, other, 0)).rejects.toMatchObject({ code: 'forked' });
  });

  it('refuses a move that is told again, and one from before the last', async () => {
    const told = await notice(member, { n: 2 });
    expect(await checkMove(webPrimitives, state, told, 1)).toMatchObject({ n: 2 });
    for (const last of [2, 3]) {
      await expect(checkMove(webPrimitives, state, told, last)).rejects.toMatchObject({ code: 'not-newer' });
    }
  });

  it('refuses a number that would bar every later move', async () => {
    expect(await checkMove(webPrimitives, state, await notice(member, { n: 1_007 }), 7)).toMatchObject({ n: 1_007 });
    for (const n of [1_008, Number.MAX_SAFE_INTEGER]) {
      const far = await notice(member, { n });
      await expect(checkMove(webPrimitives, state, far, 7)).rejects.toMatchObject({ code: 'too-far' });
    }
  });

  it('refuses a stranger, a computer, and a member that was revoked', async () => {
    const stranger = await fixedDevice('moving stranger');
    await expect(checkMove(webPrimitives, state, await notice(stranger), 0)).rejects.toMatchObject({
      code: 'not-a-member',
    });
    const revoke = await nextLink(links, account.owner, { type: 'revoke', body: { devices: [member.id] } });
    const { agreementKey, generation, signingKey } = (await fixedAccount('moving', 2)).perUserKeys[1]!;
    const puk = await nextLink([revoke], account.owner, {
      type: 'puk',
      body: { puk: { agreementKey, generation, signingKey } },
    });
    const after = await stateOf([...links, revoke, puk]);
    await expect(checkMove(webPrimitives, after, await notice(member), 0)).rejects.toMatchObject({
      code: 'not-a-member',
    });
  });

  it('refuses another account’s', async () => {
    const other = await signMove(member, {
      account: parseAccountId(new Uint8Array(16)),
      relay,
      n: 1,
      head: state.head,
    });
    await expect(checkMove(webPrimitives, state, other, 0)).rejects.toMatchObject({ code: 'other-account' });
  });

  it('believes nothing that was changed', async () => {
    const whole = await notice(member);
    await fc.assert(
      fc.asyncProperty(fc.nat(whole.length - 1), fc.integer({ min: 1, max: 255 }), async (at, by) => {
        const changed = whole.map((byte, i) => (i === at ? byte ^ by : byte));
        await expect(checkMove(webPrimitives, state, changed, 0)).rejects.toThrow();
      }),
    );
  });
});

describe('a record of a move', () => {
  it('is opened by members alone, and only under its name', async () => {
    const [key] = account.perUserKeys;
    const bytes = await notice(member);
    const sealed = await sealMoveRecord(webPrimitives, state, key!, bytes);
    const opened = await openMoveRecord(webPrimitives, state, account.perUserKeys, sealed);
    expect(equal(opened, bytes)).toBe(true);
    const misnamed = await sealAccountData(webPrimitives, state.account, key!, 'facts/00', bytes);
    await expect(openMoveRecord(webPrimitives, state, account.perUserKeys, misnamed)).rejects.toThrow(OpenError);
    await expect(openMoveRecord(webPrimitives, state, [], sealed)).rejects.toThrow(OpenError);
  });

  it('holds the longest notice', async () => {
    const longest = `https://${'a'.repeat(246)}`.slice(0, 255);
    const bytes = await signMove(member, { account: state.account, relay: longest, n: 2 ** 53 - 1, head: state.head });
    expect(bytes.length).toBeLessThanOrEqual(MAX_MOVE_NOTICE_BYTES);
  });
});
