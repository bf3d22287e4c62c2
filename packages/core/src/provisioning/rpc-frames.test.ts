import { concat, fromHex } from '@palmkey/envelope';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { encodeCanonical } from '../crypto/index.ts';
import { encodeFrame, FrameReader, MAX_FRAME_BYTES, parseFrameBody, type RpcFrame } from './rpc-frames.ts';

const frames: readonly RpcFrame[] = [
  { is: 'call', seqid: 0, method: 'palmkey.kex.hello2', arg: { a: 1 } },
  { is: 'answer', seqid: 0, failure: null, result: { ok: true } },
  { is: 'answer', seqid: 1, failure: { code: 'refused', message: 'by hand' }, result: null },
  { is: 'notify', method: 'palmkey.kex.start', arg: {} },
  { is: 'cancel', seqid: 0xffff_ffff, method: 'x' },
  { is: 'call', seqid: 200, method: 'long', arg: new Uint8Array(300) },
];
const stream = concat(...frames.map(encodeFrame));
const bad = expect.objectContaining({ name: 'KexError', code: 'bad-frame' }) as unknown;

describe('FrameReader', () => {
  it('gives the frames of a stream however it is cut', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(stream.length), { maxLength: 12 }), (cuts) => {
        const reader = new FrameReader();
        const read: RpcFrame[] = [];
        const ends = [...cuts.sort((a, b) => a - b), stream.length];
        for (const [i, end] of ends.entries()) read.push(...reader.push(stream.slice(ends[i - 1] ?? 0, end)));
        expect(read).toEqual(frames);
        expect(reader.isBetween).toBe(true);
      }),
    );
  });

  it('gives the frames of a stream that comes byte by byte', () => {
    const reader = new FrameReader();
    const short = concat(...frames.slice(0, 5).map(encodeFrame));
    const read = [...short].flatMap((byte) => [...reader.push(Uint8Array.of(byte))]);
    expect(read).toEqual(frames.slice(0, 5));
  });

  it('knows that it is inside a frame', () => {
    const reader = new FrameReader();
    reader.push(encodeFrame(frames[0]!).subarray(0, -1));
    expect(reader.isBetween).toBe(false);
  });

  it.each([
    ['no integer', '93'],
    ['a negative integer', 'ff'],
    ['a signed integer', 'd001'],
    ['a 64-bit integer', 'cf0000000000000005'],
    ['a float', 'ca40a00000'],
    ['nothing', '00'],
    ['a u8 that fits the first byte', 'cc7f'],
    ['a u16 that fits a u8', 'cd00ff'],
    ['a u32 that fits a u16', 'ce0000ffff'],
    ['more than 1 MiB', 'ce00100001'],
    ['4 GiB less one', 'ceffffffff'],
  ])('refuses a length that is %s, before anything else has come', (_, head) => {
    expect(() => new FrameReader().push(fromHex(head))).toThrow(bad);
  });

  it('waits for a frame of exactly 1 MiB, and holds no more than has come', () => {
    const reader = new FrameReader();
    expect(reader.push(fromHex('ce00100000'))).toEqual([]);
    expect(reader.push(fromHex('94'))).toEqual([]);
  });

  it.each(['92', '95', '80', 'c0', 'dc'])('refuses the first byte %s at once', (first) => {
    const reader = new FrameReader();
    reader.push(fromHex('ce00100000'));
    expect(() => reader.push(fromHex(first))).toThrow(bad);
  });
});

describe('parseFrameBody', () => {
  it.each([
    ['another kind', [4, 0, 'm', [null]]],
    ['a kind that is no number', ['0', 0, 'm', [null]]],
    ['a call of three', [0, 0, 'm']],
    ['a notify of four', [2, 0, 'm', [null]]],
    ['a negative seqid', [0, -1, 'm', [null]]],
    ['a seqid beyond 32 bits', [0, 2 ** 32, 'm', [null]]],
    ['an answer of three', [1, 0, null]],
    ['no argument', [0, 0, 'm', []]],
    ['two arguments', [0, 0, 'm', [1, 2]]],
    ['an argument that is in no list', [0, 0, 'm', 1]],
    ['no method', [0, 0, '', [null]]],
    ['a method of 65 characters', [2, 'm'.repeat(65), [null]]],
    ['a method with a space', [2, 'a b', [null]]],
    ['an error beside a result', [1, 0, { code: 'x', message: '' }, 1]],
    ['an error without a code', [1, 0, { message: '' }, null]],
    ['an error with more', [1, 0, { code: 'x', message: '', more: 1 }, null]],
    ['an error whose message moves the cursor', [1, 0, { code: 'x', message: '\u001b[A' }, null]],
  ])('refuses %s', (_, value) => {
    expect(() => parseFrameBody(encodeCanonical(value))).toThrow(bad);
  });

  it('refuses a frame that is not the shortest, not whole, or has more after it', () => {
    const body = encodeCanonical([3, 0, 'm']);
    expect(parseFrameBody(body)).toEqual({ is: 'cancel', seqid: 0, method: 'm' });
    for (let length = 0; length < body.length; length++)
      expect(() => parseFrameBody(body.subarray(0, length))).toThrow(bad);
    expect(() => parseFrameBody(concat(body, Uint8Array.of(0)))).toThrow(bad);
    expect(() => parseFrameBody(fromHex('9303cc00a16d'))).toThrow(bad);
  });
});

describe('encodeFrame', () => {
  it('refuses a frame beyond 1 MiB', () => {
    const ofBytes = (count: number) => () => encodeFrame({ is: 'notify', method: 'm', arg: new Uint8Array(count) });
    const overhead = encodeCanonical([2, 'm', [new Uint8Array(70_000)]]).length - 70_000;
    expect(ofBytes(MAX_FRAME_BYTES - overhead)().length).toBe(MAX_FRAME_BYTES + 5);
    expect(ofBytes(MAX_FRAME_BYTES - overhead + 1)).toThrow(RangeError);
  });
});
