import { ascii, concat, fromHex, toHex } from '@palmkey/envelope';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readPage } from '../../../../vectors/page.ts';
import { fixedRandom } from '../testing/fixed-keys.ts';
import { cpaceGenerator, type CpaceInputs, cpaceKey, CpaceSide, generatorString, lengthValues } from './cpace.ts';

/** The draft's vectors, and what libsodium's ristretto255 made of random ones. */
interface Page {
  draft: {
    prs: string;
    ci: string;
    sid: string;
    generatorString: string;
    generator: string;
    ya: string;
    ada: string;
    shareA: string;
    yb: string;
    adb: string;
    shareB: string;
    k: string;
    isk: string;
    scalarMult: { s: string; x: string; result: string };
    invalidShares: string[];
  };
  libsodium: {
    prs: string;
    ci: string;
    sid: string;
    generator: string;
    scalar: string;
    share: string;
    peer: string;
    k: string;
  }[];
}
const page = readPage('cpace') as Page;
const { draft } = page;
const inputsOf = ({ prs, ci, sid }: { prs: string; ci: string; sid: string }): CpaceInputs => ({
  secret: fromHex(prs),
  channel: fromHex(ci),
  sessionId: fromHex(sid),
});
const inputs = inputsOf(draft);
/** A side whose scalar is these bytes. */
const sideOf = (scalar: string, of: CpaceInputs = inputs) => new CpaceSide(of, () => fromHex(scalar));

describe('CPace', () => {
  it('gives the generator of the draft', () => {
    expect(toHex(generatorString(inputs))).toBe(draft.generatorString);
    expect(toHex(cpaceGenerator(inputs).toBytes())).toBe(draft.generator);
  });

  it('gives the shares, the element and the key of the draft', () => {
    const [a, b] = [sideOf(draft.ya), sideOf(draft.yb)];
    expect([toHex(a.share), toHex(b.share)]).toEqual([draft.shareA, draft.shareB]);
    expect(toHex(a.agree(b.share))).toBe(draft.k);
    expect(toHex(b.agree(a.share))).toBe(draft.k);
    const messageA = { share: a.share, associatedData: fromHex(draft.ada) };
    const messageB = { share: b.share, associatedData: fromHex(draft.adb) };
    expect(toHex(cpaceKey(inputs.sessionId, fromHex(draft.k), messageA, messageB))).toBe(draft.isk);
  });

  it('multiplies as the draft does', () => {
    const { s, x, result } = draft.scalarMult;
    expect(toHex(sideOf(s).agree(fromHex(x)))).toBe(result);
  });

  it.each(page.libsodium)('is what libsodium makes of it: $share', ({ generator, scalar, share, peer, k, ...rest }) => {
    const of = inputsOf(rest);
    expect(toHex(cpaceGenerator(of).toBytes())).toBe(generator);
    const side = sideOf(scalar, of);
    expect(toHex(side.share)).toBe(share);
    expect(toHex(side.agree(fromHex(peer)))).toBe(k);
  });

  it.each(draft.invalidShares)('refuses the share %s', (share) => {
    const agree = () => sideOf(draft.ya).agree(fromHex(share));
    expect(agree).toThrow(expect.objectContaining({ name: 'ShareError', code: 'bad-share' }));
  });

  it('refuses a share of another length', () => {
    const { share } = sideOf(draft.yb);
    for (const bytes of [share.subarray(0, 31), concat(share, Uint8Array.of(0)), new Uint8Array(0)]) {
      expect(() => sideOf(draft.ya).agree(bytes)).toThrow(expect.objectContaining({ code: 'bad-share' }));
    }
  });

  it('draws again for a scalar of zero, and uses 252 bits of 32 bytes', () => {
    const draws = [new Uint8Array(32), new Uint8Array(32).fill(255)];
    const side = new CpaceSide(inputs, () => draws.shift()!);
    expect(draws).toEqual([]);
    expect(side.share).toEqual(sideOf(`${'ff'.repeat(31)}0f`).share);
  });

  it('agrees only on the same secret, channel and session', () => {
    const randomBytes = fixedRandom('cpace');
    const variants = [
      inputs,
      ...(['secret', 'channel', 'sessionId'] as const).map((key) => ({ ...inputs, [key]: ascii('x') })),
    ];
    const one = new CpaceSide(inputs, randomBytes);
    const agreed = variants.map((variant) => {
      const other = new CpaceSide(variant, randomBytes);
      return toHex(one.agree(other.share)) === toHex(other.agree(one.share));
    });
    expect(agreed).toEqual([true, false, false, false]);
  });
});

describe('lengthValues', () => {
  it('prepends LEB128, as the draft has it', () => {
    const headOf = (length: number) => toHex(lengthValues(new Uint8Array(length)).slice(0, 2));
    expect([headOf(1), headOf(127), headOf(128), headOf(255), headOf(256)]).toEqual([
      '0100',
      '7f00',
      '8001',
      'ff01',
      '8002',
    ]);
    expect(toHex(lengthValues())).toBe('');
  });

  it('can be read back: no two lists of parts give the same bytes', () => {
    const parts = fc.array(fc.uint8Array({ maxLength: 200 }), { maxLength: 4 });
    fc.assert(
      fc.property(parts, parts, (a, b) => {
        const same = toHex(lengthValues(...a)) === toHex(lengthValues(...b));
        expect(same).toBe(a.length === b.length && a.every((part, i) => toHex(part) === toHex(b[i]!)));
      }),
    );
  });
});
