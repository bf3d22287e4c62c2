import { concat } from '@palmkey/envelope';
import * as v from 'valibot';
import { decodeCanonical, encodeCanonical, FormatError } from '../crypto/index.ts';
import { KexError } from './errors.ts';

/** The longest frame after its length. */
export const MAX_FRAME_BYTES = 1024 * 1024;
const MAX_NAME_CHARACTERS = 64;
const MAX_ERROR_CHARACTERS = 256;

const KIND = { call: 0, answer: 1, notify: 2, cancel: 3 } as const;
/** MessagePack's first bytes of arrays of 3 and of 4. */
const ARRAY_3 = 0x93;
const ARRAY_4 = 0x94;

/** What one side tells the other of a call that failed. */
export interface RpcFailure {
  /** Stable, of lower-case letters, digits and `-`. */
  readonly code: string;
  /** For logs, of printable ASCII. */
  readonly message: string;
}

/** A frame of MessagePack-RPC (spec/provisioning.md, "RPC"). `arg` and `result` are what canonical MessagePack can hold. */
export type RpcFrame =
  | { readonly is: 'call'; readonly seqid: number; readonly method: string; readonly arg: unknown }
  | { readonly is: 'answer'; readonly seqid: number; readonly failure: RpcFailure | null; readonly result: unknown }
  | { readonly is: 'notify'; readonly method: string; readonly arg: unknown }
  | { readonly is: 'cancel'; readonly seqid: number; readonly method: string };

const seqid = v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(0xffff_ffff));
const method = v.pipe(v.string(), v.regex(/^[\x21-\x7e]+$/), v.maxLength(MAX_NAME_CHARACTERS));
/** A value that is there. */
const anything = v.custom<unknown>((value) => value !== undefined);
const args = v.strictTuple([anything]);
const failure = v.strictObject({
  code: v.pipe(v.string(), v.regex(/^[a-z0-9-]+$/), v.maxLength(MAX_NAME_CHARACTERS)),
  message: v.pipe(v.string(), v.regex(/^[\x20-\x7e]*$/), v.maxLength(MAX_ERROR_CHARACTERS)),
});
const frameSchema = v.union([
  v.strictTuple([v.literal(KIND.call), seqid, method, args]),
  v.strictTuple([v.literal(KIND.answer), seqid, v.null(), anything]),
  v.strictTuple([v.literal(KIND.answer), seqid, failure, v.null()]),
  v.strictTuple([v.literal(KIND.notify), method, args]),
  v.strictTuple([v.literal(KIND.cancel), seqid, method]),
]);

/** A frame behind its length. Throws FormatError for what canonical MessagePack cannot hold, RangeError for too much. */
export function encodeFrame(frame: RpcFrame): Uint8Array<ArrayBuffer> {
  const body = encodeCanonical(arrayOf(frame));
  if (body.length > MAX_FRAME_BYTES) throw new RangeError('a frame that is too long');
  return concat(encodeCanonical(body.length), body);
}

/** Takes a frame without its length; throws {@link KexError} `bad-frame`. */
export function parseFrameBody(body: Uint8Array): RpcFrame {
  try {
    const frame = decodeCanonical(body, frameSchema, MAX_FRAME_BYTES);
    switch (frame[0]) {
      case KIND.call:
        return { is: 'call', seqid: frame[1], method: frame[2], arg: frame[3][0] };
      case KIND.answer:
        return { is: 'answer', seqid: frame[1], failure: frame[2], result: frame[3] };
      case KIND.notify:
        return { is: 'notify', method: frame[1], arg: frame[2][0] };
      case KIND.cancel:
        return { is: 'cancel', seqid: frame[1], method: frame[2] };
    }
  } catch (cause) {
    if (cause instanceof FormatError) throw new KexError('bad-frame', { cause });
    throw cause;
  }
}

/** Cuts a stream of bytes into frames. It holds what has come of the frame that is next, and no more than that. */
export class FrameReader {
  readonly #chunks: Uint8Array[] = [];
  #held = 0;

  /**
   * Takes more of the stream and gives the frames that are whole now. Throws {@link KexError} `bad-frame` as soon as a
   * length, or the first byte after it, cannot be right: no frame can be found after that.
   */
  push(bytes: Uint8Array): readonly RpcFrame[] {
    if (bytes.length > 0) this.#chunks.push(bytes);
    this.#held += bytes.length;
    const frames: RpcFrame[] = [];
    for (;;) {
      const length = lengthAt(this.#peek(5));
      if (length === null) return frames;
      const first = this.#peek(length.bytes + 1)[length.bytes];
      if (first !== undefined && first !== ARRAY_3 && first !== ARRAY_4) throw new KexError('bad-frame');
      if (this.#held < length.bytes + length.value) return frames;
      this.#shift(length.bytes);
      frames.push(parseFrameBody(this.#shift(length.value)));
    }
  }

  /** Whether the stream may end here: between two frames. */
  get isBetween(): boolean {
    return this.#held === 0;
  }

  #peek(count: number): Uint8Array {
    const [first] = this.#chunks;
    if (first && first.length >= count) return first.subarray(0, count);
    return first ? this.#gather(Math.min(count, this.#held)).subarray(0, count) : new Uint8Array(0);
  }

  #shift(count: number): Uint8Array {
    const gathered = this.#gather(count);
    this.#chunks[0] = gathered.subarray(count);
    if (this.#chunks[0].length === 0) this.#chunks.shift();
    this.#held -= count;
    return gathered.subarray(0, count);
  }

  /** Joins as many chunks as hold `count` bytes, and gives them. */
  #gather(count: number): Uint8Array {
    let chunks = 0;
    let bytes = 0;
    while (bytes < count) bytes += this.#chunks[chunks++]?.length ?? Infinity;
    if (chunks !== 1) this.#chunks.unshift(concat(...this.#chunks.splice(0, chunks)));
    return this.#chunks[0] ?? new Uint8Array(0);
  }
}

function arrayOf(frame: RpcFrame): unknown {
  switch (frame.is) {
    case 'call':
      return [KIND.call, frame.seqid, frame.method, [frame.arg]];
    case 'answer':
      return [KIND.answer, frame.seqid, frame.failure && { ...frame.failure }, frame.result];
    case 'notify':
      return [KIND.notify, frame.method, [frame.arg]];
    case 'cancel':
      return [KIND.cancel, frame.seqid, frame.method];
  }
}

/** The length at the head of a frame, in MessagePack's shortest form; null if it is not all there. */
function lengthAt(head: Uint8Array): { readonly value: number; readonly bytes: number } | null {
  const [first, ...rest] = head;
  if (first === undefined) return null;
  const width = first <= 0x7f ? 0 : ({ 0xcc: 1, 0xcd: 2, 0xce: 4 } as Record<number, number>)[first];
  if (width === undefined) throw new KexError('bad-frame');
  if (rest.length < width) return null;
  const value = width === 0 ? first : rest.slice(0, width).reduce((sum, byte) => sum * 256 + byte, 0);
  const least = { 0: 1, 1: 0x80, 2: 0x100, 4: 0x1_0000 }[width] ?? Infinity;
  if (value < least || value > MAX_FRAME_BYTES) throw new KexError('bad-frame');
  return { value, bytes: 1 + width };
}
