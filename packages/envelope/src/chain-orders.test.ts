import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { readPage } from '../../../vectors/page.ts';
import { concat, fromHex, toHex } from './bytes.ts';
import * as chain from './chain-orders.ts';
import { MAX_BODY_BYTES } from './frame.ts';
import { parseRelayError } from './relay-error.ts';

interface Vectors {
  bodies: {
    chainPost: {
      prev: { seqno: number; hash: string } | null;
      links: string;
      boxes: string[];
      seeds: string[];
      bytes: string;
    }[];
    chainPart: { prev: { seqno: number; hash: string } | null; links: string; seeds: string[]; bytes: string }[];
    chainHead: { account: string; seqno: number; hash: string; bytes: string };
    chainBoxes: { box: string | null; seeds: string[]; bytes: string }[];
    chainGrant: { hash: string; bytes: string };
    chainBoxesAsk: { generation: number; bytes: string }[];
    chainWrite: { name: string; revision: number; record: string; bytes: string }[];
    chainWritten: { revision: number; bytes: string };
    chainReadAsk: { after: number; bytes: string }[];
    accountRecords: {
      latest: number;
      records: { name: string; revision: number; bytes: string }[];
      bytes: string;
    };
    accountData: { account: string; revision: number; bytes: string };
  };
  invalidBodies: { of: string; name: string; code: string; bytes: string }[];
}
const { bodies, invalidBodies } = readPage('frame') as Vectors;
const refused = (code = 'bad-frame'): unknown => expect.objectContaining({ name: 'FrameError', code });

/** Every body with its parser; a parser refuses each of them cut short or with a byte more. */
const parsers: [string, (body: Uint8Array) => unknown, Uint8Array][] = [
  ['chain-post that begins', chain.parseChainPost, fromHex(bodies.chainPost[0]!.bytes)],
  ['chain-post', chain.parseChainPost, fromHex(bodies.chainPost[1]!.bytes)],
  ['chain-part', chain.parseChainPart, fromHex(bodies.chainPart[1]!.bytes)],
  ['chain-grant', chain.parseChainGrant, new Uint8Array(32)],
  ['chain-head', chain.parseChainHead, fromHex(bodies.chainHead.bytes)],
  ['chain-boxes, asked', chain.parseChainBoxesAsk, chain.encodeChainBoxesAsk(7)],
  ['chain-boxes', chain.parseChainBoxes, fromHex(bodies.chainBoxes[0]!.bytes)],
  ['chain-read, asked', chain.parseChainReadAsk, fromHex(bodies.chainReadAsk[1]!.bytes)],
  ['account records', chain.parseAccountRecords, fromHex(bodies.accountRecords.bytes)],
  ['chain-write, answered', chain.parseChainWritten, fromHex(bodies.chainWritten.bytes)],
  ['account-data', chain.parseAccountDataWord, fromHex(bodies.accountData.bytes)],
  ['head of a box', chain.chainBoxHead, new Uint8Array(chain.CHAIN_BOX_BYTES)],
  ['generation of a seed', chain.chainSeedGeneration, new Uint8Array(chain.CHAIN_SEED_BYTES)],
];

describe('bodies about chains', () => {
  test.each(parsers)('%s is refused cut at any byte, and with one more', (_, parse, body) => {
    expect(() => parse(body)).not.toThrow();
    for (let length = 0; length < body.length; length++) {
      expect(() => parse(body.subarray(0, length))).toThrow(refused());
    }
    expect(() => parse(Uint8Array.of(...body, 0))).toThrow(refused());
  });

  test('they are those of the vectors', () => {
    for (const { bytes, ...vector } of bodies.chainPost) {
      const post = chain.parseChainPost(fromHex(bytes));
      expect({
        prev: post.prev && { seqno: post.prev.seqno, hash: toHex(post.prev.hash) },
        links: toHex(post.links),
        boxes: post.boxes.map(toHex),
        seeds: post.seeds.map(toHex),
      }).toEqual(vector);
      expect(toHex(chain.encodeChainPost(post))).toBe(bytes);
    }
    for (const { bytes, ...vector } of bodies.chainPart) {
      const part = chain.parseChainPart(fromHex(bytes));
      expect({
        prev: part.prev && { seqno: part.prev.seqno, hash: toHex(part.prev.hash) },
        links: toHex(part.links),
        seeds: part.seeds.map(toHex),
      }).toEqual(vector);
      expect(toHex(chain.encodeChainPart(part))).toBe(bytes);
    }
    const head = chain.parseChainHead(fromHex(bodies.chainHead.bytes));
    expect({ account: toHex(head.account), seqno: head.seqno, hash: toHex(head.hash) }).toEqual({
      account: bodies.chainHead.account,
      seqno: bodies.chainHead.seqno,
      hash: bodies.chainHead.hash,
    });
    expect(toHex(chain.encodeChainHead(head))).toBe(bodies.chainHead.bytes);
    expect(chain.parseChainAnswer(fromHex(bodies.chainHead.bytes))).toEqual(head);
    expect(chain.parseChainAnswer(new Uint8Array(0))).toBeNull();
    for (const { box, seeds, bytes } of bodies.chainBoxes) {
      const parsed = chain.parseChainBoxes(fromHex(bytes));
      expect([parsed.box && toHex(parsed.box), parsed.seeds.map(toHex)]).toEqual([box, seeds]);
      expect(toHex(chain.encodeChainBoxes(parsed))).toBe(bytes);
    }
    for (const { name, revision, record, bytes } of bodies.chainWrite) {
      const write = chain.parseChainWrite(fromHex(bytes));
      expect([write.name, write.revision, toHex(write.bytes)]).toEqual([name, revision, record]);
      expect(toHex(chain.encodeChainWrite(write))).toBe(bytes);
    }
    expect(toHex(chain.parseChainGrant(fromHex(bodies.chainGrant.bytes)))).toBe(bodies.chainGrant.hash);
    for (const { generation, bytes } of bodies.chainBoxesAsk) {
      expect(chain.parseChainBoxesAsk(fromHex(bytes))).toBe(generation);
      expect(toHex(chain.encodeChainBoxesAsk(generation))).toBe(bytes);
    }
    for (const { after, bytes } of bodies.chainReadAsk) {
      expect(chain.parseChainReadAsk(fromHex(bytes))).toBe(after);
      expect(toHex(chain.encodeChainReadAsk(after))).toBe(bytes);
    }
    expect(chain.parseChainWritten(fromHex(bodies.chainWritten.bytes))).toBe(bodies.chainWritten.revision);
    expect(toHex(chain.encodeChainWritten(bodies.chainWritten.revision))).toBe(bodies.chainWritten.bytes);
    const answer = chain.parseAccountRecords(fromHex(bodies.accountRecords.bytes));
    expect(answer.latest).toBe(bodies.accountRecords.latest);
    expect(answer.records.map((each) => ({ ...each, bytes: toHex(each.bytes) }))).toEqual(
      bodies.accountRecords.records,
    );
    expect(toHex(chain.encodeAccountRecords(answer))).toBe(bodies.accountRecords.bytes);
    const word = chain.parseAccountDataWord(fromHex(bodies.accountData.bytes));
    expect([toHex(word.account), word.revision]).toEqual([bodies.accountData.account, bodies.accountData.revision]);
    expect(toHex(chain.encodeAccountDataWord(word))).toBe(bodies.accountData.bytes);
  });

  const readers: Record<string, (body: Uint8Array) => unknown> = {
    chainPost: chain.parseChainPost,
    chainGrant: chain.parseChainGrant,
    chainPart: chain.parseChainPart,
    chainHead: chain.parseChainHead,
    chainBoxesAsk: chain.parseChainBoxesAsk,
    chainBoxes: chain.parseChainBoxes,
    chainReadAsk: chain.parseChainReadAsk,
    accountRecords: chain.parseAccountRecords,
    chainWrite: chain.parseChainWrite,
    chainWritten: chain.parseChainWritten,
    accountData: chain.parseAccountDataWord,
    refusal: parseRelayError,
  };
  // A chain-ask has no body to be read: the relay refuses one (packages/relay).
  test.each(invalidBodies.filter(({ of }) => of !== 'chainAsk'))('$of is refused: $name', ({ of, code, bytes }) => {
    expect(() => readers[of]!(fromHex(bytes))).toThrow(refused(code));
  });

  test('any bytes are refused as a post, or encode to themselves', () => {
    const body = fromHex(bodies.chainPost[1]!.bytes);
    fc.assert(
      fc.property(fc.nat(body.length - 1), fc.integer({ min: 0, max: 255 }), (at, byte) => {
        const changed = body.slice().fill(byte, at, at + 1);
        let post;
        try {
          post = chain.parseChainPost(changed);
        } catch (error) {
          expect(error).toMatchObject({ code: 'bad-frame' });
          return;
        }
        expect(chain.encodeChainPost(post)).toEqual(changed);
      }),
    );
  });
});

describe('a post', () => {
  const head = { seqno: 1, hash: new Uint8Array(32).fill(1) };
  const post = { prev: head, links: Uint8Array.of(1), boxes: [], seeds: [] };

  test('goes on from a head or from nothing, and from nothing between', () => {
    const body = chain.encodeChainPost(post);
    expect(() => chain.parseChainPost(body.slice().fill(0, 0, 4))).toThrow(refused());
    expect(() => chain.parseChainPost(body.slice().fill(0, 4, 36))).toThrow(refused());
    expect(chain.parseChainPost(body.slice().fill(0, 0, 36)).prev).toBeNull();
  });

  test('with boxes is no part', () => {
    expect(() => chain.parseChainPart(fromHex(bodies.chainPost[1]!.bytes))).toThrow(refused());
    expect(chain.parseChainPart(chain.encodeChainPost(post))).toEqual({ prev: head, links: post.links, seeds: [] });
  });

  test('has a link, and boxes and seeds of their lengths', () => {
    for (const wrong of [
      { links: new Uint8Array(0) },
      { boxes: [new Uint8Array(107)] },
      { boxes: [new Uint8Array(109)] },
      { seeds: [new Uint8Array(75)] },
      { prev: { seqno: 2 ** 32, hash: head.hash } },
      { prev: { seqno: 1, hash: new Uint8Array(31) } },
    ]) {
      expect(() => chain.encodeChainPost({ ...post, ...wrong })).toThrow(refused());
    }
  });

  test('of as many bytes as a frame holds is taken, and of one more not', () => {
    const most = MAX_BODY_BYTES - 4 - 32 - 4 - 2 - 2;
    for (const length of [most - 1, most]) {
      const links = new Uint8Array(length);
      expect(chain.parseChainPost(chain.encodeChainPost({ ...post, links })).links).toHaveLength(length);
    }
    expect(() => chain.encodeChainPost({ ...post, links: new Uint8Array(most + 1) })).toThrow(refused('too-large'));
  });
});

describe('account records', () => {
  const record = { name: 'facts/1', revision: 0, bytes: Uint8Array.of(1) };

  test('have a name of 1 to 64 printable characters and 1 to 4,096 bytes', () => {
    for (const name of ['a', 'x'.repeat(63), 'x'.repeat(64)]) {
      expect(chain.parseChainWrite(chain.encodeChainWrite({ ...record, name })).name).toBe(name);
    }
    for (const name of ['', 'x'.repeat(65), 'a b', 'a\n']) {
      expect(() => chain.encodeChainWrite({ ...record, name })).toThrow(refused());
    }
    for (const length of [1, chain.MAX_RECORD_BYTES - 1, chain.MAX_RECORD_BYTES]) {
      const bytes = new Uint8Array(length);
      expect(chain.parseChainWrite(chain.encodeChainWrite({ ...record, bytes })).bytes).toEqual(bytes);
    }
    for (const length of [0, chain.MAX_RECORD_BYTES + 1]) {
      expect(() => chain.encodeChainWrite({ ...record, bytes: new Uint8Array(length) })).toThrow(refused());
    }
    const body = chain.encodeChainWrite(record);
    for (let length = 0; length < body.length; length++) {
      expect(() => chain.parseChainWrite(body.subarray(0, length))).toThrow(refused());
    }
  });

  test('of no bytes takes the record of that revision away, and there is none to take away before the first', () => {
    const gone = { ...record, revision: 3, bytes: new Uint8Array(0) };
    expect(chain.parseChainWrite(chain.encodeChainWrite(gone))).toEqual(gone);
    expect(() => chain.encodeChainWrite({ ...gone, revision: 0 })).toThrow(refused());
  });

  test('are as many as one answer holds, and no more', () => {
    const bytes = new Uint8Array(chain.MAX_RECORD_BYTES);
    const many = Array.from({ length: 20 }, (_, i) => ({ name: `n${10 + i}`, revision: 1 + i, bytes }));
    const body = chain.encodeAccountRecords({ latest: 20, records: many });
    expect(body.length).toBeLessThanOrEqual(MAX_BODY_BYTES);
    expect(chain.parseAccountRecords(body)).toEqual({ latest: 20, records: many.slice(0, 15) });
  });

  test('rise by revision, and none is later than the latest', () => {
    const [a, b] = [
      { ...record, revision: 1 },
      { ...record, revision: 2 },
    ];
    for (const wrong of [
      { latest: 2, records: [b, a] },
      { latest: 2, records: [a, a] },
      { latest: 1, records: [a, b] },
      { latest: 2, records: [{ ...a, revision: 0 }] },
    ]) {
      expect(() => chain.parseAccountRecords(chain.encodeAccountRecords(wrong))).toThrow(refused());
    }
  });

  test('of an answer with two boxes none is taken', () => {
    const box = new Uint8Array(chain.CHAIN_BOX_BYTES);
    const body = concat(Uint8Array.of(0, 2), box, box, Uint8Array.of(0, 0));
    expect(() => chain.parseChainBoxes(body)).toThrow(refused());
  });
});
