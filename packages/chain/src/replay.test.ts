import { equal, fromHex, type Signature, type SigningPublicKey, toHex } from '@palmkey/envelope';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { accountKit, accountPrimitives as primitives } from '../../../vectors/account-kit.ts';
import { consent, isConsented } from './consent.ts';
import { ChainError } from './errors.ts';
import { MAX_CHAIN_LINKS, type SignedLink } from './link.ts';
import { decodeLinks, encodeLinks } from './link-codec.ts';
import { parseLink } from './link-json.ts';
import { placeOfHead } from './pin.ts';
import { replay } from './replay.ts';
import { ChainState } from './state.ts';
import { AccountMaker } from './testing/account-maker.ts';

const kit = accountKit();
const none = { sha256: primitives.sha256, verify: () => true };

async function everyType(): Promise<AccountMaker> {
  const chain = new AccountMaker(kit);
  await chain.eldest('phone');
  await chain.paper('phone', 'words');
  await chain.member('phone', 'tablet');
  await chain.host('tablet', 'laptop');
  await chain.revoke('tablet', 'phone');
  await chain.puk('tablet');
  return chain.revoke('laptop', 'laptop');
}

/** All that a state tells, to be compared. */
function told(state: ChainState): unknown {
  return {
    account: state.account,
    head: state.head,
    headTime: state.headTime,
    active: state.active,
    revoked: state.revoked,
    generations: Array.from({ length: state.perUserKey.generation }, (_, i) => state.perUserKeyOf(i + 1)),
    hashes: Array.from({ length: state.head.seqno }, (_, i) => state.hashAt(i + 1)),
    used: [...state.parts.used.entries()].map(([name]) => name),
  };
}

/** What replay says, as a text. */
async function verdict(links: readonly SignedLink[], from: ChainState | null): Promise<string> {
  try {
    return toHex((await replay(primitives, links, from)).head.hash);
  } catch (error) {
    if (error instanceof ChainError) return `${error.code} at ${error.seqno}`;
    throw error;
  }
}

/** A number chooses what happens next to an account; what it chooses is always allowed. */
async function history(choices: readonly number[]): Promise<AccountMaker> {
  const chain = new AccountMaker(kit);
  await chain.eldest('phone');
  const members = ['phone'];
  const hosts: string[] = [];
  let words: string | null = null;
  let made = 0;
  for (const choice of choices) {
    const pick = (of: readonly string[]) => of[Math.floor(choice / 8) % of.length]!;
    const by = pick(members);
    const name = `device ${made++}`;
    const kind = choice % 8;
    if (kind <= 1) {
      await chain.host(words ?? by, name);
      hosts.push(name);
    } else if (kind === 2) {
      await chain.member(by, name);
      members.push(name);
    } else if (kind === 3 && words === null) {
      await chain.paper(by, name);
      words = name;
    } else if (kind === 3 && words !== null) {
      await chain.revoke(by, words);
      await chain.puk(by);
      words = name;
      await chain.paper(by, words);
    } else if (kind === 4 && members.length > 1) {
      const ended = members.splice(
        members.findIndex((member) => member !== by),
        1,
      );
      await chain.revoke(by, ...ended, ...hosts.splice(0, 1));
      await chain.puk(by);
    } else if (kind === 5 && hosts.length > 0) {
      const host = pick(hosts);
      hosts.splice(hosts.indexOf(host), 1);
      await chain.revoke(host, host);
    } else if (kind === 6 && hosts.length > 0) await chain.revoke(by, ...hosts.splice(0));
    else await chain.puk(by);
  }
  return chain;
}

describe('replay', () => {
  it('tells of every device what it is, by whom and when it was added and revoked', async () => {
    const { links } = await everyType();
    const state = await replay(primitives, links, null);
    const [phone, words, tablet, laptop, stranger] = await Promise.all(
      ['phone', 'words', 'tablet', 'laptop', 'stranger'].map(async (name) => kit.device(name)),
    );
    expect(state.head.seqno).toBe(8);
    expect(state.members.map(({ id, kind }) => [id, kind])).toEqual([
      [words!.id, 'paper'],
      [tablet!.id, 'member'],
    ]);
    expect([phone, words, tablet, laptop, stranger].map((device) => state.standingOf(device!.id))).toEqual([
      'revoked',
      'active',
      'active',
      'revoked',
      'unknown',
    ]);
    expect(state.find(phone!.id)).toBeUndefined();
    expect(state.findEver(phone!.id)).toMatchObject({
      signingKey: phone!.signer.publicKey,
      agreementKey: phone!.agreement.publicKey,
      added: { by: phone!.id, seqno: 1 },
      revoked: { by: tablet!.id, seqno: 6 },
    });
    expect(state.find(tablet!.id)?.added).toMatchObject({ by: phone!.id, seqno: 3 });
    expect(state.perUserKey).toMatchObject({ generation: 2, added: { by: tablet!.id, seqno: 7 } });
    expect(state.perUserKeyOf(3)).toBeUndefined();
    expect(state.hashAt(9)).toBeUndefined();
  });

  it('says the same of a history whole and cut anywhere, and leaves the state it began with as it was', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.nat(1000), { maxLength: 8 }), async (choices) => {
        const { links } = await history(choices);
        const whole = told(await replay(none, links, null));
        for (let cut = 1; cut < links.length; cut++) {
          const from = await replay(none, links.slice(0, cut), null).catch((error: unknown) => {
            // Two that are posted together are not cut apart.
            expect(error).toMatchObject({ code: 'incomplete', seqno: cut + 1 });
            return null;
          });
          if (from === null) continue;
          const before = told(from);
          expect(told(await replay(none, links.slice(cut), from))).toEqual(whole);
          expect(told(from)).toEqual(before);
        }
      }),
      { numRuns: 15 },
    );
  });

  it('takes any history that the rules allow', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.nat(1000), { maxLength: 12 }), async (choices) => {
        const { links } = await history(choices);
        const state = await replay(primitives, links, null);
        expect(state.head.seqno).toBe(links.length);
        expect(decodeLinks(encodeLinks(links))).toEqual(links);
      }),
      { numRuns: 10 },
    );
  });

  it('goes on from one state in two ways, neither of which shows in the other', async () => {
    const begun = await everyType();
    const [one, two] = [begun.fork(), begun.fork()];
    await one.host('tablet', 'desktop');
    await two.puk('tablet');
    const from = await replay(primitives, begun.links, null);
    const [a, b] = await Promise.all([one, two].map(({ links }) => replay(primitives, links.slice(8), from)));
    expect(told(a!)).toEqual(told(await replay(primitives, one.links, null)));
    expect(told(b!)).toEqual(told(await replay(primitives, two.links, null)));
    expect(placeOfHead(a!, b!.head)).toBe('forked');
    expect(placeOfHead(a!, from.head)).toBe('behind');
    expect(placeOfHead(from, a!.head)).toBe('ahead');
  });

  it('is not led astray by a failure before it', async () => {
    const begun = await everyType();
    const from = await replay(primitives, begun.links, null);
    const wrong = (await begun.fork().host('tablet', 'desktop')).redoSignature((signature) => signature.with(0, 1));
    expect(await verdict(wrong.links.slice(8), from)).toBe('bad-signature at 9');
    const right = await begun.fork().host('tablet', 'desktop');
    expect(await verdict(right.links.slice(8), from)).toBe(await verdict(right.links, null));
  });

  it('gives the state back for no new links', async () => {
    const { links } = await everyType();
    const state = await replay(primitives, links, null);
    expect(told(await replay(primitives, [], state))).toEqual(told(state));
  });

  it('refuses any bit that is another, and any byte too few', { timeout: 60_000 }, async () => {
    const { links } = await everyType();
    const bytes = encodeLinks(links);
    const judge = async (changed: Uint8Array) => {
      let read: SignedLink[];
      try {
        read = decodeLinks(changed);
      } catch (error) {
        expect(error).toMatchObject({ code: 'bad-link' });
        return;
      }
      await expect(replay(primitives, read, null)).rejects.toBeInstanceOf(ChainError);
    };
    for (let at = 0; at < bytes.length; at++) await judge(bytes.with(at, bytes[at]! ^ (1 << (at % 8))));
    const ends = new Set(links.map((_, i) => encodeLinks(links.slice(0, i + 1)).length));
    // Where a link ends and nothing is owed, what is left is the chain as it was: that is what pins are for.
    for (let length = 0; length < bytes.length; length++) if (!ends.has(length)) await judge(bytes.slice(0, length));
  });

  it('refuses every bit of a short chain that is another', { timeout: 60_000 }, async () => {
    const { links } = await new AccountMaker(kit).eldest('phone');
    const [{ json, signature }] = links as [SignedLink];
    for (let bit = 0; bit < 8 * json.length; bit++) {
      const changed = json.with(bit >> 3, json[bit >> 3]! ^ (1 << (bit & 7)));
      await expect(replay(primitives, [{ json: changed, signature }], null)).rejects.toBeInstanceOf(ChainError);
    }
    for (let bit = 0; bit < 512; bit++) {
      const changed = signature.with(bit >> 3, signature[bit >> 3]! ^ (1 << (bit & 7))) as Signature;
      const expected = { code: 'bad-signature', seqno: 1 };
      await expect(replay(primitives, [{ json, signature: changed }], null)).rejects.toMatchObject(expected);
    }
  });

  it('has room for 256 active devices and not one more', async () => {
    const chain = new AccountMaker(kit);
    await chain.eldest('phone');
    for (let i = 1; i < 256; i++) await chain.host('phone', `host ${i}`);
    const full = await replay(none, chain.links, null);
    expect(full.active).toHaveLength(256);
    const [host, member, words] = await Promise.all([
      chain.fork().host('phone', 'host 256'),
      chain.fork().sibkey('phone', 'tablet'),
      chain.fork().paper('phone', 'words'),
    ]);
    for (const { links } of [host, member, words])
      expect(await verdict(links.slice(256), full)).toBe('too-many-devices at 257');
    await chain.revoke('host 1', 'host 1');
    await chain.member('phone', 'tablet');
    expect((await replay(primitives, chain.links.slice(256), full)).active).toHaveLength(256);
  });

  it('takes no link after the last that a chain may have', async () => {
    const chain = new AccountMaker(kit);
    const { parts } = await replay(primitives, (await chain.eldest('phone')).links, null);
    const longest = new ChainState({ ...parts, head: { ...parts.head, seqno: MAX_CHAIN_LINKS } });
    await chain.puk('phone');
    expect(await verdict(chain.links.slice(1), longest)).toBe(`too-long at ${MAX_CHAIN_LINKS + 1}`);
  });

  it('asks the library of no more signatures than a few after the first that is wrong', async () => {
    const chain = await history(Array.from({ length: 120 }, () => 7));
    const asked: SigningPublicKey[] = [];
    const refusing = {
      sha256: primitives.sha256,
      verify: (key: SigningPublicKey) => {
        asked.push(key);
        return false;
      },
    };
    await expect(replay(refusing, chain.links, null)).rejects.toMatchObject({ code: 'bad-signature', seqno: 1 });
    expect(asked).toHaveLength(64);
  });

  it('tells of the first that is wrong, whichever the library answers first', async () => {
    const chain = await history(Array.from({ length: 120 }, () => 7));
    const answers: (() => void)[] = [];
    const slow = {
      sha256: primitives.sha256,
      verify: () => new Promise<boolean>((resolve) => answers.push(() => resolve(false))),
    };
    const replayed = expect(replay(slow, chain.links, null)).rejects.toMatchObject({ code: 'bad-signature', seqno: 1 });
    await Promise.resolve();
    expect(answers).toHaveLength(64);
    for (const answer of answers.reverse()) answer();
    await replayed;
  });

  it('passes on what the library throws', async () => {
    const { links } = await new AccountMaker(kit).eldest('phone');
    const broken = { sha256: primitives.sha256, verify: () => Promise.reject(new Error('no library')) };
    await expect(replay(broken, links, null)).rejects.toThrow('no library');
  });
});

describe('decodeLinks', () => {
  it('names the link that is cut, counted from where the reader stands', () => {
    const link = { json: Uint8Array.of(1), signature: new Uint8Array(64) as Signature };
    const bytes = encodeLinks([link, link]);
    expect(decodeLinks(bytes)).toHaveLength(2);
    expect(() => decodeLinks(bytes.slice(0, -1))).toThrow(expect.objectContaining({ code: 'bad-link', seqno: 2 }));
    expect(() => decodeLinks(bytes.slice(0, 1), 7)).toThrow(expect.objectContaining({ code: 'bad-link', seqno: 7 }));
    expect(decodeLinks(new Uint8Array(0))).toEqual([]);
  });
});

describe('consent', () => {
  it('is over the whole link, and seen by isConsented to be another thing if anything differs', async () => {
    const chain = await new AccountMaker(kit).eldest('phone');
    const [{ id }, laptop] = await Promise.all([kit.device('phone'), kit.device('laptop')]);
    const addition = { type: 'host', device: await chain.deviceOf('laptop') } as const;
    const link = await consent(laptop.signer, chain.place, { ctime: 5, signer: id }, addition);
    expect(await isConsented(primitives, link)).toBe(true);
    expect(await isConsented(primitives, { ...link, ctime: 6 })).toBe(false);
    expect(await isConsented(primitives, { ...link, seqno: 3 })).toBe(false);
    expect(await isConsented(primitives, { ...link, type: 'paper' } as typeof link)).toBe(false);
  });
});

describe('parseLink', () => {
  it('gives bytes of its own, and of the link exactly what is written', async () => {
    const { links } = await everyType();
    for (const { json } of links) {
      const parsed = parseLink(json);
      if (parsed.is !== 'link') throw new Error(parsed.code);
      const { signer } = JSON.parse(String.fromCharCode(...json)) as { signer: string };
      expect(equal(parsed.link.signer, fromHex(signer))).toBe(true);
      expect(parsed.link.signer.buffer).not.toBe(json.buffer);
    }
  });
});
