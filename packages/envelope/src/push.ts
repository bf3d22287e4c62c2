import { ascii, concat } from './bytes.ts';
import { expectLength, isPrintable } from './body-form.ts';
import { FrameError } from './frame.ts';

/** The longest address of a push service. */
export const MAX_PUSH_ENDPOINT_BYTES = 1024;
/**
 * The longest preview that a push carries: written as base64url, what RFC 8291 leaves of the 4,096 bytes that every push
 * service takes (RFC 8030, §7.2), which is 103 bytes less.
 */
export const MAX_PUSH_BYTES = 2994;

/** Where a device is reached when it is not connected (RFC 8030; the keys as in RFC 8291). */
export interface PushRegistration {
  /** An `https:` URL, ASCII, at most 1,024 bytes. */
  readonly endpoint: string;
  /** The subscription's P-256 public key, uncompressed, 65 bytes. */
  readonly p256dh: Uint8Array;
  /** The subscription's authentication secret, 16 bytes. */
  readonly auth: Uint8Array;
}

/** The body of a push-register (type 25): `p256dh (65) ‖ auth (16) ‖ endpoint (rest, ASCII)`, or nothing to end it. */
export function encodePushRegister(registration: PushRegistration | null): Uint8Array<ArrayBuffer> {
  if (registration === null) return new Uint8Array(0);
  const body = concat(registration.p256dh, registration.auth, ascii(registration.endpoint));
  parsePushRegister(body);
  return body;
}

/** Reads a push-register; null where it ends the registration. Throws {@link FrameError}. */
export function parsePushRegister(body: Uint8Array): PushRegistration | null {
  if (body.length === 0) return null;
  const endpoint = body.subarray(81);
  if (body[0] !== 4 || !isPrintable(endpoint, MAX_PUSH_ENDPOINT_BYTES))
    throw new FrameError('bad-frame', 'no subscription');
  const text = String.fromCharCode(...endpoint);
  if (!text.startsWith('https://')) throw new FrameError('bad-frame', 'a push service is reached by https');
  return { endpoint: text, p256dh: body.slice(0, 65), auth: body.slice(65, 81) };
}

/** What became of a push, by the number that stands for it in a `pushed` (type 27). */
export const pushOutcomes = {
  /** It is connected: nothing was pushed. */
  connected: 0,
  /** The push service has it. */
  handed: 1,
  /** The device has not registered for push, or its registration is dead and was removed. */
  'no-registration': 2,
  /** The push service said no. */
  refused: 3,
  /** The push service could not be reached. */
  unreachable: 4,
} as const;
export type PushOutcome = keyof typeof pushOutcomes;

/** The body of a pushed (type 27): `u8 outcome`. */
export function encodePushed(outcome: PushOutcome): Uint8Array<ArrayBuffer> {
  return Uint8Array.of(pushOutcomes[outcome]);
}

/** Reads a pushed; throws {@link FrameError}. */
export function parsePushed(body: Uint8Array): PushOutcome {
  expectLength(body, 1);
  const [outcome] = Object.entries(pushOutcomes).find(([, number]) => number === body[0]) ?? [];
  if (outcome === undefined) throw new FrameError('bad-frame', 'an outcome without a name');
  return outcome as PushOutcome;
}
