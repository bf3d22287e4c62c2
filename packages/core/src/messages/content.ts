import { MAX_LINK_BYTES } from '@palmkey/chain';
import * as v from 'valibot';
import { MAX_MOVE_NOTICE_BYTES } from '../account/move-notice.ts';
import { decodeCanonical, encodeCanonical } from '../crypto/index.ts';
import { answerSchema } from '../requests/answer.ts';
import {
  accountId,
  bytesBetween,
  bytesOf,
  deviceId,
  deviceName,
  plainText,
  signatureBytes,
  userKeys,
} from '../requests/fields.ts';
import { MAX_OBJECT_BYTES, MAX_PART_BYTES, MAX_REQUEST_BYTES, type RequestHash } from '../requests/request.ts';
import { previewed } from './preview.ts';

/** The longest content: sealed to a few recipients it still fits the body of one frame. */
export const MAX_CONTENT_BYTES = 61 * 1024;

/** The facts of so many devices are told at once, each of at most so many bytes. */
export const MAX_TOLD_DEVICES = 128;
const MAX_FACTS_BYTES = 320;

const protocol = v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(1_000_000));
const offset = v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(MAX_OBJECT_BYTES - 1));
const hash = bytesOf<RequestHash>(32);

const content = v.variant('kind', [
  v.strictObject({
    kind: v.literal('here'),
    name: deviceName,
    software: plainText(1, 64),
    keys: v.nullable(userKeys),
  }),
  /** The one content that later versions may add keys to: what makes two versions understand each other has to last. */
  v.looseObject({ kind: v.literal('speaks'), from: protocol, to: protocol, answer: v.optional(v.boolean()) }),
  v.strictObject({ kind: v.literal('ask'), request: bytesBetween(1, MAX_REQUEST_BYTES) }),
  v.strictObject({ kind: v.literal('received'), hash }),
  v.strictObject({ kind: v.literal('decision'), hash, answer: answerSchema }),
  v.strictObject({
    kind: v.literal('settled'),
    hash,
    outcome: v.picklist(['approved', 'rejected', 'passed', 'withdrawn', 'expired', 'failed']),
    by: v.nullable(deviceId),
  }),
  v.strictObject({ kind: v.literal('want'), hash, from: offset }),
  v.strictObject({ kind: v.literal('part'), hash, from: offset, bytes: bytesBetween(1, MAX_PART_BYTES) }),
  /** Travels by push, where the request itself may not be had. */
  v.strictObject({ kind: v.literal('preview'), hash, of: previewed }),
  v.strictObject({ kind: v.literal('unpair') }),
  /** The JSON of a `host` link that would add the receiver, its `reverseSig` null; not parsed yet. */
  v.strictObject({ kind: v.literal('enlist'), account: accountId, link: bytesBetween(1, MAX_LINK_BYTES) }),
  /** What devices of the account are called; each is checked against its link. */
  v.strictObject({
    kind: v.literal('facts'),
    devices: v.pipe(
      v.array(v.strictObject({ facts: bytesBetween(1, MAX_FACTS_BYTES), id: deviceId, salt: bytesOf(32) })),
      v.minLength(1),
      v.maxLength(MAX_TOLD_DEVICES),
      v.readonly(),
    ),
  }),
  /** `link` is the SHA-256 of the JSON that is answered; a `reverseSig` of null says no. */
  v.strictObject({ kind: v.literal('consent'), link: bytesOf(32), reverseSig: v.nullable(signatureBytes) }),
  /** The account is at another relay: a member's notice (`checkMove`), not parsed yet. */
  v.strictObject({ kind: v.literal('moved'), notice: bytesBetween(1, MAX_MOVE_NOTICE_BYTES) }),
]);

/** What one device says to another (spec/requests.md); the request in an `ask` is not parsed yet. */
export type Content = v.InferOutput<typeof content>;
/** Which of them. */
export type ContentKind = Content['kind'];

/** The bytes of a content; throws `FormatError` for one that no receiver would take. */
export function encodeContent(value: Content): Uint8Array<ArrayBuffer> {
  const bytes = encodeCanonical(value);
  parseContent(bytes);
  return bytes;
}

/** Reads a content strictly; throws `FormatError`. */
export function parseContent(bytes: Uint8Array): Content {
  return decodeCanonical(bytes, content, MAX_CONTENT_BYTES);
}
