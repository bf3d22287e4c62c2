import { parseDeviceId, parseRendezvousId, type DeviceId, type RendezvousId } from './brand.ts';
import { concat } from './bytes.ts';
import { expectLength } from './body-form.ts';
import { FrameError } from './frame.ts';

/** Reads the body of a rendezvous-open (type 20), 32 bytes; throws {@link FrameError}. Its encoding is the id. */
export function parseRendezvousOpen(body: Uint8Array): RendezvousId {
  expectLength(body, 32);
  return parseRendezvousId(body);
}

/**
 * The body of a rendezvous-close (type 21): `id ‖ u8 n ‖ DeviceId (n: 0 or 16)`, 33 or 49 bytes. `keep` is the device
 * whose admission stays, null for none.
 */
export function encodeRendezvousClose(id: RendezvousId, keep: DeviceId | null): Uint8Array<ArrayBuffer> {
  const kept = keep ?? new Uint8Array(0);
  return concat(id, Uint8Array.of(kept.length), kept);
}

/** Reads a rendezvous-close; throws {@link FrameError}. */
export function parseRendezvousClose(body: Uint8Array): { readonly id: RendezvousId; readonly keep: DeviceId | null } {
  const keptBytes = body[32];
  if (keptBytes !== 0 && keptBytes !== 16) throw new FrameError('bad-frame', 'neither kept nor dropped');
  expectLength(body, 33 + keptBytes);
  const keep = keptBytes === 0 ? null : parseDeviceId(body.subarray(33));
  return { id: parseRendezvousId(body.subarray(0, 32)), keep };
}

/** Reads the body of a forget-device (type 23), 16 bytes; throws {@link FrameError}. Its encoding is the id. */
export function parseForgetDevice(body: Uint8Array): DeviceId {
  expectLength(body, 16);
  return parseDeviceId(body);
}

/** Where a device's mail goes on: the relay's epoch that it last read in, and the last delivery that it is done with. */
export interface Resume {
  /** From the `coalescing key` of an admission; below 2^53. */
  readonly epoch: number;
  /** 0 for nothing yet; below 2^53. */
  readonly cursor: number;
}

/** The body of a resume (type 24): `u64 epoch ‖ u64 cursor`, 16 bytes. */
export function encodeResume({ epoch, cursor }: Resume): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(16);
  const view = new DataView(bytes.buffer);
  view.setBigUint64(0, BigInt(epoch));
  view.setBigUint64(8, BigInt(cursor));
  return bytes;
}

/** Reads a resume; throws {@link FrameError}. */
export function parseResume(body: Uint8Array): Resume {
  expectLength(body, 16);
  const view = new DataView(body.buffer, body.byteOffset, body.byteLength);
  const [epoch, cursor] = [Number(view.getBigUint64(0)), Number(view.getBigUint64(8))];
  if (!Number.isSafeInteger(epoch) || !Number.isSafeInteger(cursor)) throw new FrameError('bad-frame', 'too large');
  return { epoch, cursor };
}

/** An invitation, as the relay is told of it. */
export interface Invite {
  /** SHA-256 of the {@link Grant} that the invited device will show, 32 bytes: the relay does not learn it before. */
  readonly grantHash: Uint8Array;
  /** How long it is good, seconds, 1 to 7 days. */
  readonly lifetimeS: number;
}

/** The longest that an invitation by a device is good, seconds. */
export const MAX_INVITE_LIFETIME_S = 7 * 24 * 3600;

/** The body of an invite (type 28): `grant hash (32) ‖ u32 lifetime, s`. */
export function encodeInvite({ grantHash, lifetimeS }: Invite): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(36);
  bytes.set(grantHash);
  new DataView(bytes.buffer).setUint32(32, lifetimeS);
  parseInvite(bytes);
  return bytes;
}

/** Reads an invite; throws {@link FrameError}. */
export function parseInvite(body: Uint8Array): Invite {
  expectLength(body, 36);
  const lifetimeS = new DataView(body.buffer, body.byteOffset, body.byteLength).getUint32(32);
  if (lifetimeS < 1 || lifetimeS > MAX_INVITE_LIFETIME_S) throw new FrameError('bad-frame', 'a lifetime out of bounds');
  return { grantHash: body.slice(0, 32), lifetimeS };
}

/** The answer to a nameplate-allocate (whose body is the rendezvous id), in the body of its `done`: `u32 nameplate`. */
export function encodeNameplate(nameplate: number): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(4);
  new DataView(bytes.buffer).setUint32(0, nameplate);
  return bytes;
}

/** Reads a nameplate; throws {@link FrameError}. */
export function parseNameplate(body: Uint8Array): number {
  expectLength(body, 4);
  return new DataView(body.buffer, body.byteOffset, body.byteLength).getUint32(0);
}
