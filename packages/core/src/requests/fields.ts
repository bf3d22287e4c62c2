import type { AccountId, DeviceId, Signature } from '@palmkey/envelope';
import * as v from 'valibot';
import { isDeviceName, isPlainText, type DeviceName } from '../devices/index.ts';

/** Bytes of exactly this length, as the brand whose only rule that is. */
export function bytesOf<B extends Uint8Array = Uint8Array>(length: number) {
  return v.custom<B>((value) => value instanceof Uint8Array && value.length === length);
}

/** Bytes with a length between the two, both included. */
export function bytesBetween(minBytes: number, maxBytes: number) {
  return v.custom<Uint8Array>(
    (value) => value instanceof Uint8Array && value.length >= minBytes && value.length <= maxBytes,
  );
}

/** Plain text (spec/devices.md, "Plain text") with a length in code points between the two. */
export function plainText(minCharacters: number, maxCharacters: number) {
  return v.pipe(
    v.string(),
    v.check((text) => text.length >= minCharacters && isPlainText(text, maxCharacters)),
  );
}

/** A {@link DeviceName}. */
export const deviceName = v.custom<DeviceName>((value) => typeof value === 'string' && isDeviceName(value));

/** An `AccountId`, 16 bytes. */
export const accountId = bytesOf<AccountId>(16);

/** A `DeviceId`, 16 bytes. */
export const deviceId = bytesOf<DeviceId>(16);

/** A `Signature`, 64 bytes. */
export const signatureBytes = bytesOf<Signature>(64);

/** A time, ms since 1970 UTC. */
export const time = v.pipe(v.number(), v.safeInteger(), v.minValue(0));

/** A user key as a phone tells it: an SSH public key blob and a comment. */
export const userKey = v.strictObject({ blob: bytesBetween(1, 8192), comment: plainText(0, 256) });

/** All user keys of a phone. */
export const userKeys = v.pipe(v.array(userKey), v.maxLength(64), v.readonly());
