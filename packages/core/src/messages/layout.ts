import type { DeviceId, SealedBody, Signature } from '@palmkey/envelope';
import { concat, MAX_BODY_BYTES, parseDeviceId, parseSignature, sealedBody } from '@palmkey/envelope';
import { BOX_OVERHEAD_BYTES, OpenError } from '../crypto/index.ts';
import { paddedLength } from './padding.ts';

/** The most recipients of one message. */
export const MAX_RECIPIENTS = 32;
/** The AES-256 key of one message. */
export const MESSAGE_KEY_BYTES = 32;
/** The nonce of AES-GCM. */
export const IV_BYTES = 12;

const VERSION = 1;
const HEAD_BYTES = 1 + 16 + 1;
const KIND_X25519_BOX = 1;
const WRAP_BYTES = BOX_OVERHEAD_BYTES + MESSAGE_KEY_BYTES;
const RECORD_BYTES = 1 + 16 + WRAP_BYTES;
const TAG_BYTES = 16;
const LENGTH_BYTES = 4;
const SIGNATURE_BYTES = 64;

/** A message key, boxed for one recipient. */
export interface Wrap {
  readonly recipient: DeviceId;
  /** 72 bytes: nonce ‖ tag ‖ boxed key. */
  readonly boxed: Uint8Array;
}

/** A sealed body taken apart; all are views of it. */
export interface BodyParts {
  readonly sender: DeviceId;
  readonly wraps: readonly Wrap[];
  readonly iv: Uint8Array;
  /** Ciphertext and tag. */
  readonly sealed: Uint8Array;
  /** Everything before the iv: the associated data. */
  readonly outside: Uint8Array;
}

/** The outside of a body: version, sender and recipients, in the order given. */
export function encodeOutside(sender: DeviceId, wraps: readonly Wrap[]): Uint8Array<ArrayBuffer> {
  const outside = new Uint8Array(HEAD_BYTES + wraps.length * RECORD_BYTES);
  outside[0] = VERSION;
  outside.set(sender, 1);
  outside[HEAD_BYTES - 1] = wraps.length;
  wraps.forEach(({ recipient, boxed }, i) => {
    const at = HEAD_BYTES + i * RECORD_BYTES;
    outside[at] = KIND_X25519_BOX;
    outside.set(recipient, at + 1);
    outside.set(boxed, at + 1 + recipient.length);
  });
  return outside;
}

/** outside ‖ iv (12) ‖ ciphertext ‖ tag (16). */
export function joinBody(outside: Uint8Array, iv: Uint8Array, sealed: Uint8Array): SealedBody {
  return sealedBody(concat(outside, iv, sealed));
}

/** Takes a body apart; throws {@link OpenError} for one that is not of the form, its recipients' order included. */
export function parseBody(body: Uint8Array): BodyParts {
  const recipients = body[HEAD_BYTES - 1] ?? 0;
  if (body[0] !== VERSION || recipients < 1 || recipients > MAX_RECIPIENTS) throw new OpenError('does not open');
  const outsideBytes = HEAD_BYTES + recipients * RECORD_BYTES;
  if (body.length < outsideBytes + IV_BYTES + TAG_BYTES || body.length > MAX_BODY_BYTES) {
    throw new OpenError('does not open');
  }
  const wraps: Wrap[] = [];
  for (let at = HEAD_BYTES; at < outsideBytes; at += RECORD_BYTES) {
    if (body[at] !== KIND_X25519_BOX) throw new OpenError('does not open');
    const recipient = parseDeviceId(body.subarray(at + 1, at + 17));
    const before = wraps.at(-1)?.recipient;
    if (before && compareBytes(before, recipient) >= 0) throw new OpenError('does not open');
    wraps.push({ recipient, boxed: body.subarray(at + 17, at + RECORD_BYTES) });
  }
  return {
    sender: parseDeviceId(body.subarray(1, 17)),
    wraps,
    iv: body.subarray(outsideBytes, outsideBytes + IV_BYTES),
    sealed: body.subarray(outsideBytes + IV_BYTES),
    outside: body.subarray(0, outsideBytes),
  };
}

/** u32 length of signed ‖ signed ‖ signature (64) ‖ zero bytes up to the padded length. */
export function encodePlaintext(signed: Uint8Array, signature: Signature): Uint8Array<ArrayBuffer> {
  const plaintext = new Uint8Array(paddedLength(LENGTH_BYTES + signed.length + SIGNATURE_BYTES));
  new DataView(plaintext.buffer).setUint32(0, signed.length);
  plaintext.set(signed, LENGTH_BYTES);
  plaintext.set(signature, LENGTH_BYTES + signed.length);
  return plaintext;
}

/** Takes a plaintext apart; throws {@link OpenError} for a wrong padded length and for padding that is not zero. */
export function parsePlaintext(plaintext: Uint8Array): { readonly signed: Uint8Array; readonly signature: Signature } {
  if (plaintext.length < LENGTH_BYTES) throw new OpenError('does not open');
  const length = new DataView(plaintext.buffer, plaintext.byteOffset, plaintext.byteLength).getUint32(0);
  const usedBytes = LENGTH_BYTES + length + SIGNATURE_BYTES;
  if (length > MAX_BODY_BYTES || paddedLength(usedBytes) !== plaintext.length) throw new OpenError('does not open');
  for (let i = usedBytes; i < plaintext.length; i++) if (plaintext[i] !== 0) throw new OpenError('does not open');
  return {
    signed: plaintext.subarray(LENGTH_BYTES, LENGTH_BYTES + length),
    signature: parseSignature(plaintext.subarray(LENGTH_BYTES + length, usedBytes)),
  };
}

/** The length of a body with so many recipients whose signed map has so many bytes. */
export function bodyLength(recipients: number, signedBytes: number): number {
  const plaintext = paddedLength(LENGTH_BYTES + signedBytes + SIGNATURE_BYTES);
  return HEAD_BYTES + recipients * RECORD_BYTES + IV_BYTES + plaintext + TAG_BYTES;
}

/** Negative, zero or positive as `a` stands before, with or after `b`, byte for byte. */
export function compareBytes(a: Uint8Array, b: Uint8Array): number {
  for (let i = 0; i < a.length && i < b.length; i++) {
    const difference = (a[i] ?? 0) - (b[i] ?? 0);
    if (difference !== 0) return difference;
  }
  return a.length - b.length;
}
