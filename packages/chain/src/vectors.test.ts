import { fromHex, parseSignature, toHex } from '@palmkey/envelope';
import { describe, expect, it } from 'vitest';
import { accountPrimitives as primitives } from '../../../vectors/account-kit.ts';
import { readPage } from '../../../vectors/page.ts';
import { parseSibkeySkeleton, sibkeySkeleton } from './build.ts';
import { consentCheck, consentCheckIn } from './consent.ts';
import { chainErrorCodes } from './errors.ts';
import { type ConsentedLink, parseLinkHash, type SignedLink } from './link.ts';
import { decodeLinks, encodeLinks } from './link-codec.ts';
import { parseLink } from './link-json.ts';
import { replayPinned } from './pin.ts';
import { replay } from './replay.ts';

interface Written {
  json: string;
  signature: string;
}
interface Page {
  encoded: { name: string; bytes: string };
  valid: {
    name: string;
    account: string;
    head: { seqno: number; hash: string };
    active: { id: string; kind: string }[];
    revoked: string[];
    generation: number;
    links: Written[];
  }[];
  invalid: { name: string; code: string; seqno: number; links: Written[] }[];
  pins: {
    name: string;
    code?: string;
    seqno?: number;
    saved: Written[];
    links: Written[];
    pin: { seqno: number; hash: string };
  }[];
  skeleton: { bytes: string };
}
const page = readPage('account') as Page;
const read = (links: readonly Written[]): SignedLink[] =>
  links.map(({ json, signature }) => ({
    json: Uint8Array.from(json, (character) => character.charCodeAt(0)),
    signature: parseSignature(fromHex(signature)),
  }));

describe('vectors/account.json', () => {
  it.each(page.valid)('replays $name', async ({ links, account, head, active, revoked, generation }) => {
    const state = await replay(primitives, read(links), null);
    expect({
      account: toHex(state.account),
      head: { seqno: state.head.seqno, hash: toHex(state.head.hash) },
      active: state.active.map(({ id, kind }) => ({ id: toHex(id), kind })),
      revoked: state.revoked.map(({ id }) => toHex(id)),
      generation: state.perUserKey.generation,
    }).toEqual({ account, head, active, revoked, generation });
  });

  it.each(page.valid)('has in $name no consent that reads otherwise in the bytes than in the link', ({ links }) => {
    let consents = 0;
    for (const { json } of read(links)) {
      const parsed = parseLink(json);
      if (parsed.is === 'refused' || !('reverseSig' in parsed.link.body)) continue;
      expect(consentCheckIn(parsed.text, parsed.link as ConsentedLink)).toEqual(
        consentCheck(parsed.link as ConsentedLink),
      );
      consents += 1;
    }
    expect(consents).toBe(links.filter(({ json }) => json.includes('"reverseSig"')).length);
  });

  it.each(page.invalid)('refuses $name: $code', async ({ links, code, seqno }) => {
    await expect(replay(primitives, read(links), null)).rejects.toMatchObject({ name: 'ChainError', code, seqno });
  });

  it('has a chain for every code', () => {
    const codes = new Set([...page.invalid, ...page.pins].map(({ code }) => code));
    // One that is too long is made by the suites: it would fill the page.
    expect(chainErrorCodes.filter((code) => !codes.has(code))).toEqual(['too-long']);
  });

  it.each(page.pins)('judges by a pin: $name', async ({ saved, links, pin, code, seqno }) => {
    const from = saved.length === 0 ? null : await replay(primitives, read(saved), null);
    const head = { seqno: pin.seqno, hash: parseLinkHash(fromHex(pin.hash)) };
    const result = replayPinned(primitives, read(links), from, head);
    if (code === undefined) await expect(result).resolves.toMatchObject({ account: expect.any(Uint8Array) as unknown });
    else await expect(result).rejects.toMatchObject({ name: 'ChainError', code, seqno });
  });

  it('gives the bytes in which links are stored and sent', () => {
    const links = read(page.valid.find(({ name }) => name === page.encoded.name)!.links);
    expect(toHex(encodeLinks(links))).toBe(page.encoded.bytes);
    expect(decodeLinks(fromHex(page.encoded.bytes))).toEqual(links);
  });

  it('gives the skeleton that a member offers', () => {
    const { place, author } = parseSibkeySkeleton(fromHex(page.skeleton.bytes));
    expect(toHex(sibkeySkeleton(place, author))).toBe(page.skeleton.bytes);
  });
});
