import fc from 'fast-check';
import { randomBytes } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { FrameReader, type Violation } from './frame-reader.ts';

const MAX = 70_000;

/** A client's frame: first byte as given, masked, its length in the shortest form unless `form` says otherwise. */
function frame(first: number, payload: Uint8Array, { form = 0, masked = true } = {}): Buffer {
  const length = payload.length;
  const shortest = length < 126 ? 7 : length < 65_536 ? 16 : 64;
  const used = form === 0 ? shortest : form;
  const head = Buffer.alloc(used === 7 ? 2 : used === 16 ? 4 : 10);
  head[0] = first;
  head[1] = (masked ? 0x80 : 0) | (used === 7 ? length : used === 16 ? 126 : 127);
  if (used === 16) head.writeUInt16BE(length, 2);
  if (used === 64) head.writeBigUInt64BE(BigInt(length), 2);
  const mask = randomBytes(4);
  const body = Buffer.from(payload.map((byte, i) => (masked ? byte ^ mask[i & 3]! : byte)));
  return Buffer.concat(masked ? [head, mask, body] : [head, body]);
}

/** What a reader says of bytes that come in these pieces. */
function read(...chunks: readonly Uint8Array[]): string[] {
  const heard: string[] = [];
  const reader = new FrameReader(MAX, {
    onMessage: (bytes) => heard.push(`message ${bytes.toString('hex')}`),
    onText: () => heard.push('text'),
    onPing: (payload) => heard.push(`ping ${payload.toString('hex')}`),
    onPong: () => heard.push('pong'),
    onClose: (code) => heard.push(`close ${code}`),
  });
  for (const chunk of chunks) {
    const violation = reader.take(Buffer.from(chunk));
    if (violation !== undefined) heard.push(`violation ${violation}`);
  }
  return heard;
}

const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex');
const violation = (code: Violation) => [`violation ${code}`];
const close = (code: number, reason: Uint8Array = Buffer.alloc(0)) => {
  const payload = Buffer.alloc(2 + reason.length);
  payload.writeUInt16BE(code);
  payload.set(reason, 2);
  return frame(0x88, payload);
};

const wrong: readonly (readonly [string, Buffer])[] = [
  ['a continuation of nothing', frame(0x80, Buffer.alloc(1))],
  ['a fragment of nothing', frame(0x00, Buffer.alloc(1))],
  ['an unmasked frame', frame(0x82, Buffer.alloc(1), { masked: false })],
  ['an unmasked ping', frame(0x89, Buffer.alloc(0), { masked: false })],
  ...[0x40, 0x20, 0x10].map((bit) => [`reserved bit ${bit}`, frame(0x82 | bit, Buffer.alloc(1))] as const),
  ...[3, 4, 5, 6, 7, 11, 12, 13, 14, 15].map(
    (code) => [`opcode ${code}`, frame(0x80 | code, Buffer.alloc(0))] as const,
  ),
  ...[8, 9, 10].map((code) => [`a control frame ${code} in fragments`, frame(code, Buffer.alloc(0))] as const),
  ...[8, 9, 10].map((code) => [`a control frame ${code} of 126 bytes`, frame(0x80 | code, Buffer.alloc(126))] as const),
  ['125 bytes with a length of 16 bits', frame(0x82, Buffer.alloc(125), { form: 16 })],
  ['125 bytes with a length of 64 bits', frame(0x82, Buffer.alloc(125), { form: 64 })],
  ['65,535 bytes with a length of 64 bits', frame(0x82, Buffer.alloc(65_535), { form: 64 })],
  ['a close of one byte', frame(0x88, Buffer.of(3))],
  ...[0, 999, 1004, 1005, 1006, 1015, 1100, 2999, 5000, 65_535].map(
    (code) => [`close code ${code}`, close(code)] as const,
  ),
];

describe('FrameReader', () => {
  test.each([0, 1, 3, 4, 15, 16, 17, 124, 125, 126, 127, 1064, 65_535, 65_536, MAX])(
    'a binary message of %i bytes is read, alone and behind others at every alignment',
    (length) => {
      const payload = randomBytes(length);
      for (let before = 0; before < 5; before++) {
        const other = randomBytes(before);
        const heard = read(Buffer.concat([frame(0x82, other), frame(0x82, payload), frame(0x8a, other)]));
        expect(heard).toEqual([`message ${hex(other)}`, `message ${hex(payload)}`, 'pong']);
      }
    },
  );

  test('a message of one byte more than the limit is too big, in one frame and in fragments', () => {
    expect(read(frame(0x82, Buffer.alloc(MAX + 1)))).toEqual(violation(1009));
    expect(read(frame(0x02, Buffer.alloc(MAX)), frame(0x80, Buffer.alloc(1)))).toEqual(violation(1009));
  });

  test('a length is judged before its bytes come, and beyond 2^32 too', () => {
    const head = Buffer.alloc(10);
    head[0] = 0x82;
    head[1] = 0xff;
    head.writeBigUInt64BE(2n ** 40n, 2);
    expect(read(head)).toEqual(violation(1009));
    head.writeBigUInt64BE(2n ** 63n, 2);
    expect(read(head)).toEqual(violation(1002));
  });

  test('what came cut at every byte is read as what came whole', () => {
    const stream = Buffer.concat([
      frame(0x82, randomBytes(5)),
      frame(0x02, randomBytes(130)),
      frame(0x89, randomBytes(7)),
      frame(0x00, randomBytes(0)),
      frame(0x80, randomBytes(9)),
      frame(0x8a, randomBytes(0)),
      frame(0x82, randomBytes(300)),
      close(1000, Buffer.from('bye')),
    ]);
    const whole = read(stream);
    expect(whole).toHaveLength(6);
    for (let at = 0; at <= stream.length; at++)
      expect(read(stream.subarray(0, at), stream.subarray(at))).toEqual(whole);
    expect(read(...Array.from(stream, (byte) => Buffer.of(byte)))).toEqual(whole);
  });

  test('property: messages in any fragments and any pieces are the messages', () => {
    const pieces = fc.array(fc.uint8Array({ maxLength: 300 }), { minLength: 1, maxLength: 6 });
    fc.assert(
      fc.property(fc.array(pieces, { maxLength: 5 }), fc.integer({ min: 1, max: 700 }), (messages, size) => {
        const stream = Buffer.concat(
          messages.flatMap((parts) =>
            parts.map((part, i) => frame((i === 0 ? 2 : 0) | (i === parts.length - 1 ? 0x80 : 0), part)),
          ),
        );
        const chunks: Buffer[] = [];
        for (let at = 0; at < stream.length; at += size) chunks.push(stream.subarray(at, at + size));
        expect(read(...chunks)).toEqual(messages.map((parts) => `message ${hex(Buffer.concat(parts))}`));
      }),
    );
  });

  test('control frames may come between fragments, and end none', () => {
    const heard = read(
      frame(0x02, Buffer.of(1)),
      frame(0x89, Buffer.of(9)),
      frame(0x8a, Buffer.of(8)),
      frame(0x80, Buffer.of(2)),
    );
    expect(heard).toEqual(['ping 09', 'pong', 'message 0102']);
  });

  test('a thousand empty fragments are one message', () => {
    const empty = Array.from({ length: 1000 }, () => frame(0x00, Buffer.alloc(0)));
    expect(read(frame(0x02, Buffer.of(1)), ...empty, frame(0x80, Buffer.of(2)))).toEqual(['message 0102']);
  });

  test.each(wrong)('%s is a protocol error, and nothing behind it is read', (_, bytes) => {
    expect(read(Buffer.concat([bytes, frame(0x82, Buffer.alloc(1))]))).toEqual(violation(1002));
  });

  test('a new message before the last fragment is a protocol error', () => {
    expect(read(frame(0x02, Buffer.alloc(1)), frame(0x82, Buffer.alloc(1)))).toEqual(violation(1002));
  });

  test.each([1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 1012, 1013, 1014, 3000, 4999])(
    'close code %i is read, and nothing behind it',
    (code) => {
      expect(read(close(code, Buffer.from('möglich')), frame(0x82, Buffer.alloc(1)))).toEqual([`close ${code}`]);
    },
  );

  test('a close without a code is 1005, and one whose reason is no UTF-8 is inconsistent', () => {
    expect(read(frame(0x88, Buffer.alloc(0)))).toEqual(['close 1005']);
    expect(read(close(1000, Buffer.of(0xc3, 0x28)))).toEqual(violation(1007));
    expect(read(close(1000, Buffer.of(0xed, 0xa0, 0x80)))).toEqual(violation(1007));
  });

  test('text is told of once, and what follows is read on', () => {
    expect(read(frame(0x81, Buffer.from('text')), frame(0x8a, Buffer.alloc(0)))).toEqual(['text', 'pong']);
    expect(read(frame(0x01, Buffer.from('te')), frame(0x89, Buffer.alloc(0)))).toEqual(['text', 'ping ']);
  });

  test('a reader that was stopped says nothing more', () => {
    const heard: string[] = [];
    const reader = new FrameReader(MAX, {
      onMessage: () => {
        heard.push('message');
        reader.stop();
      },
      onText: () => undefined,
      onPing: () => undefined,
      onPong: () => undefined,
      onClose: () => undefined,
    });
    reader.take(Buffer.concat([frame(0x82, Buffer.alloc(1)), frame(0x82, Buffer.alloc(1)), Buffer.of(0x82)]));
    reader.take(frame(0x82, Buffer.alloc(1)));
    expect(heard).toEqual(['message']);
  });
});
