import { parseDeviceId, type DeviceId } from './brand.ts';
import { PalmkeyError } from './errors.ts';

/** The version that stands in the first byte of a frame. */
export const FRAME_VERSION = 1;
/** The length of a frame's header. */
export const HEADER_BYTES = 40;
/** The longest body of a frame in this version. */
export const MAX_BODY_BYTES = 65_536;

/** Frame types by name (spec/envelope.md, "Outside"). */
export const FrameType = {
  unicast: 1,
  broadcast: 2,
  ack: 3,
  presence: 4,
  error: 5,
  stored: 6,
  challenge: 16,
  authenticate: 17,
  admitted: 18,
  rendezvousOpen: 20,
  rendezvousClose: 21,
  done: 22,
  forgetDevice: 23,
  resume: 24,
  pushRegister: 25,
  push: 26,
  pushed: 27,
  invite: 28,
  deleteAccount: 29,
  nameplateAllocate: 30,
  chainPost: 31,
  chainGrant: 32,
  chainAsk: 33,
  chainBoxes: 34,
  chainRead: 35,
  chainWrite: 36,
  chainHead: 37,
  accountData: 38,
  chainPart: 39,
} as const;
export type FrameType = (typeof FrameType)[keyof typeof FrameType];

/** Where each field of the header stands, and what whoever carries the frame learns from it. */
export const HEADER_FIELDS = [
  { name: 'version', offset: 0, bytes: 1, tells: 'the version of the frame' },
  { name: 'type', offset: 1, bytes: 1, tells: 'whether it is a message or a word to the relay' },
  { name: 'flags', offset: 2, bytes: 2, tells: 'whether the message must survive a crash of the relay' },
  { name: 'lifetime', offset: 4, bytes: 4, tells: 'for how many seconds the message is of use' },
  { name: 'number', offset: 8, bytes: 8, tells: 'how many frames the sender has sent on this connection' },
  { name: 'peer', offset: 16, bytes: 16, tells: 'which device the message is for, and from the relay whose it is' },
  {
    name: 'coalescing key',
    offset: 32,
    bytes: 8,
    tells: 'which messages replace each other, and from the relay the number of the delivery',
  },
] as const;

/** A frame, taken apart. `body` and `peer` of a parsed frame are views of the bytes that were parsed. */
export interface Frame {
  readonly type: FrameType;
  /** Seconds, 32 bits; 0: only if the recipient is connected now. */
  readonly lifetimeS: number;
  /** Chosen by the sender, below 2^53. */
  readonly number: number;
  /** Towards the relay the recipient, from the relay the sender; zeros where neither is meant. */
  readonly peer: DeviceId;
  /** Towards the relay: below 2^53, 0 for none. From the relay: the delivery's number, 0 for what is not to be acked. */
  readonly coalescingKey: number;
  /** Only messages that wait (unicast, broadcast with a lifetime) may be: written to disk before they are acked. */
  readonly durable: boolean;
  readonly body: Uint8Array;
}

/** Why bytes are not a frame; each is also a code of the relay's errors. */
export type FrameFault = 'bad-frame' | 'unsupported-version' | 'too-large';

/** Bytes that are not a frame, or a body that is not one of its frame's type. */
export class FrameError extends PalmkeyError {
  override readonly name = 'FrameError';
  readonly code: FrameFault;

  constructor(code: FrameFault, message: string, cause?: unknown) {
    super(message, cause === undefined ? {} : { cause });
    this.code = code;
  }
}

/** The one flag there is, in the header's last flag byte: the message must survive a crash of the relay. */
const DURABLE = 0x01;
const NUMBER_AT = 8;
const PEER_AT = 16;
const COALESCING_AT = 32;
const knownTypes: ReadonlySet<number> = new Set(Object.values(FrameType));

/** A peer of zeros, for frames between a device and the relay alone. */
export const NOBODY: DeviceId = parseDeviceId(new Uint8Array(16));

/**
 * What is wrong with the header or the length of a frame, or undefined when it is whole (spec/envelope.md,
 * "Outside"). Allocates nothing: the relay asks it for each frame.
 */
export function faultOf(frame: Uint8Array): FrameFault | undefined {
  if (frame.length > 0 && frame[0] !== FRAME_VERSION) return 'unsupported-version';
  if (frame.length < HEADER_BYTES) return 'bad-frame';
  if (frame.length > HEADER_BYTES + MAX_BODY_BYTES) return 'too-large';
  const sound =
    knownTypes.has(frame[1] ?? 0) &&
    frame[2] === 0 &&
    (frame[3] === 0 || (frame[3] === DURABLE && waits(frame))) &&
    isBelow53Bits(frame, NUMBER_AT) &&
    isBelow53Bits(frame, COALESCING_AT);
  return sound ? undefined : 'bad-frame';
}

/** Takes a frame apart; throws {@link FrameError}. */
export function parseFrame(bytes: Uint8Array): Frame {
  const fault = faultOf(bytes);
  if (fault) throw new FrameError(fault, `${bytes.length} bytes that are not a frame`);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return {
    type: bytes[1] as FrameType,
    durable: isDurable(bytes),
    lifetimeS: view.getUint32(4),
    number: Number(view.getBigUint64(NUMBER_AT)),
    peer: parseDeviceId(bytes.subarray(PEER_AT, PEER_AT + 16)),
    coalescingKey: Number(view.getBigUint64(COALESCING_AT)),
    body: bytes.subarray(HEADER_BYTES),
  };
}

/**
 * The bytes of a frame: 40 of header, then the body; `durable` may be left out for false. Throws {@link FrameError}
 * where a value does not fit.
 */
export function encodeFrame(frame: Omit<Frame, 'durable'> & { readonly durable?: boolean }): Uint8Array<ArrayBuffer> {
  const { type, lifetimeS, number, peer, coalescingKey, body, durable = false } = frame;
  if (body.length > MAX_BODY_BYTES) throw new FrameError('too-large', `a body of ${body.length} bytes`);
  if (!Number.isInteger(lifetimeS) || lifetimeS < 0 || lifetimeS > 0xffff_ffff) throw misfit('lifetime');
  if (!isCounter(number)) throw misfit('number');
  if (!isCounter(coalescingKey)) throw misfit('coalescing key');
  if (peer.length !== 16) throw misfit('peer');
  const bytes = new Uint8Array(HEADER_BYTES + body.length);
  const view = new DataView(bytes.buffer);
  bytes[0] = FRAME_VERSION;
  bytes[1] = type;
  view.setUint32(4, lifetimeS);
  if (durable) {
    if (!waits(bytes)) throw misfit('flag');
    bytes[3] = DURABLE;
  }
  view.setBigUint64(NUMBER_AT, BigInt(number));
  bytes.set(peer, PEER_AT);
  view.setBigUint64(COALESCING_AT, BigInt(coalescingKey));
  bytes.set(body, HEADER_BYTES);
  return bytes;
}

/** A frame between a device and the relay alone: no peer, no lifetime. Throws {@link FrameError}. */
export function encodeControlFrame(type: FrameType, number: number, body: Uint8Array): Uint8Array<ArrayBuffer> {
  return encodeFrame({ type, lifetimeS: 0, number, peer: NOBODY, coalescingKey: 0, body });
}

/** Puts another peer into a sound frame, in place: what the relay does to every message it forwards. */
export function overwritePeer(frame: Uint8Array, peer: DeviceId): void {
  frame.set(peer, PEER_AT);
}

/** Puts the number of a delivery (below 2^53) where the coalescing key stood, in place: the relay does it on the way out. */
export function overwriteDelivery(frame: Uint8Array, delivery: number): void {
  writeCounter(frame, COALESCING_AT, delivery);
}

/** Whether a sound frame asks to survive a crash of the relay. */
export function isDurable(frame: Uint8Array): boolean {
  return frame[3] === DURABLE;
}

/** The lifetime of a sound frame, seconds. */
export function lifetimeOf(frame: Uint8Array): number {
  return (((frame[4] ?? 0) << 24) | ((frame[5] ?? 0) << 16) | ((frame[6] ?? 0) << 8) | (frame[7] ?? 0)) >>> 0;
}

/** The coalescing key of a sound frame from a device, or the number of the delivery of one from a relay. */
export function coalescingKeyOf(frame: Uint8Array): number {
  return readCounter(frame, COALESCING_AT);
}

/** The peer of a sound frame, as a view. */
export function peerOf(frame: Uint8Array): DeviceId {
  return frame.subarray(PEER_AT, PEER_AT + 16) as DeviceId;
}

/** The message number of a sound frame. */
export function numberOf(frame: Uint8Array): number {
  return readCounter(frame, NUMBER_AT);
}

/** A message that may wait for its recipient: one that has a lifetime. */
function waits(frame: Uint8Array): boolean {
  const isMessage = frame[1] === FrameType.unicast || frame[1] === FrameType.broadcast;
  return isMessage && lifetimeOf(frame) > 0;
}

function readCounter(frame: Uint8Array, at: number): number {
  const high = ((frame[at + 1] ?? 0) << 16) | ((frame[at + 2] ?? 0) << 8) | (frame[at + 3] ?? 0);
  const low = ((frame[at + 4] ?? 0) << 24) | ((frame[at + 5] ?? 0) << 16) | ((frame[at + 6] ?? 0) << 8);
  return high * 0x1_0000_0000 + ((low | (frame[at + 7] ?? 0)) >>> 0);
}

function writeCounter(frame: Uint8Array, at: number, value: number): void {
  let rest = value;
  for (let i = at + 7; i > at; i--) {
    frame[i] = rest % 256;
    rest = Math.floor(rest / 256);
  }
  frame[at] = 0;
}

function isBelow53Bits(frame: Uint8Array, at: number): boolean {
  return frame[at] === 0 && (frame[at + 1] ?? 255) < 0x20;
}

function isCounter(value: number): boolean {
  return Number.isSafeInteger(value) && value >= 0;
}

function misfit(field: string): FrameError {
  return new FrameError('bad-frame', `a ${field} that does not fit its field`);
}
