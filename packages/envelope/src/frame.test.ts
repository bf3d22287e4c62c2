import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { readPage } from '../../../vectors/page.ts';
import { parseDeviceId } from './brand.ts';
import { fromHex, toHex } from './bytes.ts';
import {
  coalescingKeyOf,
  encodeFrame,
  faultOf,
  FrameType,
  HEADER_BYTES,
  isDurable,
  lifetimeOf,
  MAX_BODY_BYTES,
  numberOf,
  overwriteDelivery,
  overwritePeer,
  parseFrame,
  peerOf,
  type Frame,
} from './frame.ts';

interface Vectors {
  frames: (Omit<Frame, 'peer' | 'body'> & { name: string; peer: string; body: string; bytes: string })[];
  invalidFrames: { name: string; error: string; bytes: string }[];
}
const vectors = readPage('frame') as Vectors;

const messages: readonly number[] = [FrameType.unicast, FrameType.broadcast];
const frames = fc
  .record({
    type: fc.constantFrom(...Object.values(FrameType)),
    lifetimeS: fc.integer({ min: 0, max: 0xffff_ffff }),
    number: fc.maxSafeNat(),
    peer: fc.uint8Array({ minLength: 16, maxLength: 16 }).map(parseDeviceId),
    coalescingKey: fc.maxSafeNat(),
    durable: fc.boolean(),
    body: fc.uint8Array({ maxLength: 300 }),
  })
  .map((frame) => ({ ...frame, durable: frame.durable && frame.lifetimeS > 0 && messages.includes(frame.type) }));

describe('vectors', () => {
  test.each(vectors.frames)('$name', ({ name: _, peer, body, bytes, ...rest }) => {
    const frame = { ...rest, peer: parseDeviceId(fromHex(peer)), body: fromHex(body) };
    expect(toHex(encodeFrame(frame))).toBe(bytes);
    expect(parseFrame(fromHex(bytes))).toEqual(frame);
  });

  test.each(vectors.invalidFrames)('$name is refused', ({ error, bytes }) => {
    expect(faultOf(fromHex(bytes))).toBe(error);
    expect(() => parseFrame(fromHex(bytes))).toThrow(expect.objectContaining({ name: 'FrameError', code: error }));
  });
});

test('a frame comes back as it went, and its fields can be read in place', () => {
  fc.assert(
    fc.property(frames, fc.uint8Array({ minLength: 16, maxLength: 16 }), (frame, other) => {
      const bytes = encodeFrame(frame);
      expect(parseFrame(bytes)).toEqual(frame);
      expect(numberOf(bytes)).toBe(frame.number);
      expect(peerOf(bytes)).toEqual(frame.peer);
      expect(lifetimeOf(bytes)).toBe(frame.lifetimeS);
      expect(coalescingKeyOf(bytes)).toBe(frame.coalescingKey);
      expect(isDurable(bytes)).toBe(frame.durable);
      overwritePeer(bytes, parseDeviceId(other));
      expect(parseFrame(bytes)).toEqual({ ...frame, peer: other });
    }),
  );
});

test('a delivery takes the place of the coalescing key, whatever its number', () => {
  fc.assert(
    fc.property(frames, fc.maxSafeNat(), (frame, delivery) => {
      const bytes = encodeFrame(frame);
      overwriteDelivery(bytes, delivery);
      expect(parseFrame(bytes)).toEqual({ ...frame, coalescingKey: delivery });
    }),
  );
});

test('what cannot wait cannot be durable', () => {
  const frame = { ...parseFrame(fromHex(vectors.frames[0]!.bytes)), durable: true };
  const misfit = expect.objectContaining({ code: 'bad-frame' });
  expect(() => encodeFrame(frame)).toThrow(misfit);
  expect(() => encodeFrame({ ...frame, type: FrameType.push, lifetimeS: 60 })).toThrow(misfit);
  expect(() => encodeFrame({ ...frame, lifetimeS: 60 })).not.toThrow();
});

test('a frame is read at any place of a larger buffer', () => {
  const bytes = encodeFrame({ ...parseFrame(fromHex(vectors.frames[0]!.bytes)) });
  const larger = new Uint8Array(200);
  larger.set(bytes, 7);
  expect(parseFrame(larger.subarray(7, 7 + bytes.length))).toEqual(parseFrame(bytes));
});

test('any bytes either are a frame that encodes to themselves, or are refused', () => {
  const header = fc.uint8Array({ minLength: 30, maxLength: 60 }).map((bytes) => bytes.fill(1, 0, 2).fill(0, 2, 4));
  fc.assert(
    fc.property(fc.oneof(fc.uint8Array({ maxLength: 60 }), header), (bytes) => {
      if (faultOf(bytes)) expect(() => parseFrame(bytes)).toThrow();
      else expect(encodeFrame(parseFrame(bytes))).toEqual(bytes);
    }),
  );
});

test('a header cut at any byte is refused', () => {
  const bytes = fromHex(vectors.frames[0]!.bytes);
  for (let length = 0; length < HEADER_BYTES; length++) expect(faultOf(bytes.subarray(0, length))).toBe('bad-frame');
});

test('the limits hold at one less, exactly and one more', () => {
  const frame = parseFrame(fromHex(vectors.frames[0]!.bytes));
  for (const length of [MAX_BODY_BYTES - 1, MAX_BODY_BYTES]) {
    expect(faultOf(encodeFrame({ ...frame, body: new Uint8Array(length) }))).toBeUndefined();
  }
  const tooLarge = expect.objectContaining({ code: 'too-large' });
  expect(() => encodeFrame({ ...frame, body: new Uint8Array(MAX_BODY_BYTES + 1) })).toThrow(tooLarge);
  expect(faultOf(new Uint8Array(HEADER_BYTES + MAX_BODY_BYTES + 1).fill(1, 0, 2))).toBe('too-large');
  const misfits = [{ lifetimeS: 2 ** 32 }, { lifetimeS: -1 }, { lifetimeS: 0.5 }, { number: 2 ** 53 }, { number: -1 }];
  for (const misfit of [...misfits, { coalescingKey: 2 ** 53 }]) {
    expect(() => encodeFrame({ ...frame, ...misfit })).toThrow(expect.objectContaining({ code: 'bad-frame' }));
  }
});
