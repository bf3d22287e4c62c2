import type { LinkHash } from '@palmkey/chain';
import type { Brand } from '@palmkey/envelope';
import { MAX_BODY_BYTES } from '@palmkey/envelope';
import * as v from 'valibot';
import { decodeCanonical, encodeCanonical, FormatError } from '../crypto/index.ts';
import { bytesBetween, bytesOf, deviceId, time } from '../requests/fields.ts';
import { MAX_CONTENT_BYTES } from './content.ts';
import { MAX_RECIPIENTS } from './layout.ts';

/** 16 random bytes that name one run of a sender's program; its counters begin at 1. */
export type StreamId = Brand<Uint8Array, 'StreamId'>;

const signedMap = v.strictObject({
  v: v.literal(1),
  from: deviceId,
  to: v.pipe(
    v.array(v.strictObject({ id: deviceId, n: v.pipe(v.number(), v.safeInteger(), v.minValue(1)) })),
    v.minLength(1),
    v.maxLength(MAX_RECIPIENTS),
    v.readonly(),
  ),
  stream: bytesOf<StreamId>(16),
  sent: time,
  expires: time,
  head: v.nullable(
    v.strictObject({ seqno: v.pipe(v.number(), v.safeInteger(), v.minValue(1)), hash: bytesOf<LinkHash>(32) }),
  ),
  content: bytesBetween(1, MAX_CONTENT_BYTES),
});

/** What a sender signs for a message (spec/envelope.md, "Inside"). */
export type SignedMap = v.InferOutput<typeof signedMap>;

/** Takes 16 bytes as a {@link StreamId}; throws {@link FormatError} on another length. */
export function parseStreamId(bytes: Uint8Array): StreamId {
  if (bytes.length !== 16) throw new FormatError('a stream id has 16 bytes');
  return bytes as StreamId;
}

/** The bytes that are signed. */
export function encodeSignedMap(map: SignedMap): Uint8Array<ArrayBuffer> {
  return encodeCanonical(map);
}

/** Reads them strictly; throws {@link FormatError}. */
export function parseSignedMap(bytes: Uint8Array): SignedMap {
  return decodeCanonical(bytes, signedMap, MAX_BODY_BYTES);
}
