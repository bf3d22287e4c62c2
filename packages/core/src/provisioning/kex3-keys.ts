import type { AccountId, DeviceId, RendezvousId } from '@palmkey/envelope';
import { ascii, concat, parseAccountId, parseDeviceId, parseRendezvousId } from '@palmkey/envelope';
import { CPACE_SHARE_BYTES, type CpaceInputs, type CpaceMessage, cpaceKey } from '../crypto/cpace.ts';
import { type BoxKey, hkdfSha256, hmacSha256, sha256 } from '../crypto/index.ts';
import type { SessionId } from './session.ts';

/** X is a member that lets a device in; Y is that device. */
export type Side = 'x' | 'y';

/** The secret of `kex3`: three words, or the 32 bytes of a QR code. */
export type Kex3Secret =
  { readonly how: 'words'; readonly words: string } | { readonly how: 'code'; readonly bytes: Uint8Array };

/** The first byte of a share's message. */
const KIND = 3;
const HOW = { words: 1, code: 2 } as const;
const SIDE = { x: 1, y: 2 } as const;

/** Who a side says it is, bound into the key. */
export interface Identity {
  readonly side: Side;
  readonly device: DeviceId;
  /** Of X alone. */
  readonly account: AccountId | null;
}

/** What both sides have, once each has the other's message. Each key has 32 bytes. */
export interface Kex3Keys {
  readonly confirm: Readonly<Record<Side, Uint8Array>>;
  /** By the side that writes. */
  readonly packet: Readonly<Record<Side, BoxKey>>;
  readonly session: SessionId;
}

/** What CPace gets of a secret at a rendezvous. */
export function cpaceInputs(secret: Kex3Secret, rendezvous: RendezvousId): CpaceInputs {
  return {
    secret: secret.how === 'words' ? ascii(secret.words) : secret.bytes,
    channel: concat(ascii('palmkey/kex3/1'), Uint8Array.of(HOW[secret.how])),
    sessionId: rendezvous,
  };
}

/** The rendezvous of a secret that came by QR code: `SHA-256("palmkey/kex3-rendezvous/1" ‖ secret)`. */
export function codeRendezvous(secret: Uint8Array): RendezvousId {
  return parseRendezvousId(sha256(concat(ascii('palmkey/kex3-rendezvous/1'), secret)));
}

/** AD: X's `u8 1 ‖ DeviceId (16) ‖ account id (16)`, Y's `u8 2 ‖ DeviceId (16)`. */
export function encodeIdentity({ side, device, account }: Identity): Uint8Array<ArrayBuffer> {
  return concat(Uint8Array.of(SIDE[side]), device, ...(side === 'x' && account !== null ? [account] : []));
}

/** `u8 3 ‖ share (32) ‖ AD`. */
export function encodeShare(message: CpaceMessage): Uint8Array<ArrayBuffer> {
  return concat(Uint8Array.of(KIND), message.share, message.associatedData);
}

/** Reads the message of the side `from`; null for anything that has not its form, which is nobody's fault. */
export function parseShare(bytes: Uint8Array, from: Side): { message: CpaceMessage; identity: Identity } | null {
  const start = 1 + CPACE_SHARE_BYTES;
  if (bytes.length !== start + (from === 'x' ? 33 : 17)) return null;
  if (bytes[0] !== KIND || bytes[start] !== SIDE[from]) return null;
  const device = parseDeviceId(bytes.slice(start + 1, start + 17));
  const account = from === 'x' ? parseAccountId(bytes.slice(start + 17)) : null;
  return {
    message: { share: bytes.slice(1, start), associatedData: bytes.slice(start) },
    identity: { side: from, device, account },
  };
}

/** All keys of an exchange (spec/provisioning.md, "kex3"). `agreed` is CPace's K. */
export function kex3Keys(rendezvous: RendezvousId, agreed: Uint8Array, x: CpaceMessage, y: CpaceMessage): Kex3Keys {
  const key = cpaceKey(rendezvous, agreed, x, y);
  const derive = (label: string) => hkdfSha256(key, `palmkey/kex3-${label}/1`, 32) as Uint8Array;
  return {
    confirm: { x: derive('confirm-x'), y: derive('confirm-y') },
    packet: { x: derive('key-x') as BoxKey, y: derive('key-y') as BoxKey },
    session: derive('session') as SessionId,
  };
}

/** What `from` posts to show that it has the keys: HMAC-SHA256 under its confirm key over the other's AD. */
export function confirmationOf(keys: Kex3Keys, from: Side, other: CpaceMessage): Uint8Array<ArrayBuffer> {
  return hmacSha256(keys.confirm[from], other.associatedData);
}
