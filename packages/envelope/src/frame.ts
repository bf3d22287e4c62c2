import { parseDeviceId, type DeviceId } from './brand.ts';
import { PalmkeyError } from './errors.ts';

/** The version that stands in the first byte of a frame. */
export const FRAME_VERSION = 1;
/** The length of a frame's header. */
export const HEADER_BYTES = 40;
/** The longest body of a frame in this version. */
export const MAX_BODY_BYTES = 65_536;

/** Frame types by name; broadcast, ack and presence (2–4) are reserved and refused. */
export const FrameType = {
  unicast: 1,
  error: 5,
  challenge: 16,
  authenticate: 17,
  admitted: 18,
  rendezvousOpen: 20,
  rendezvousClose: 21,
  done: 22,
  forgetDevice: 23,
} as const;
export type FrameType = (typeof FrameType)[keyof typeof FrameType];

/** Where each field of the header stands, and what whoever carries the frame learns from it. */
export const HEADER_FIELDS = [
  { name: 'version', offset: 0, bytes: 1, tells: 'the version of the frame' },
  { name: 'type', offset: 1, bytes: 1, tells: 'whether it is a message or a word to the relay' },
  { name: 'flags', offset: 2, bytes: 2, tells: 'nothing: always zero' },
  { name: 'lifetime', offset: 4, bytes: 4, tells: 'for how many seconds the message is of use' },
  { name: 'number', offset: 8, bytes: 8, tells: 'how many frames the sender has sent on this connection' },
  { name: 'peer', offset: 16, bytes: 16, tells: 'which device the message is for, and from the relay whose it is' },
  { name: 'coalescing key', offset: 32, bytes: 8, tells: 'which messages replace each other' },
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
  /** Below 2^53; 0 for none. */
  readonly coalescingKey: number;
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
    frame[3] === 0 &&
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
    lifetimeS: view.getUint32(4),
    number: Number(view.getBigUint64(NUMBER_AT)),
    peer: parseDeviceId(bytes.subarray(PEER_AT, PEER_AT + 16)),
    coalescingKey: Number(view.getBigUint64(COALESCING_AT)),
    body: bytes.subarray(HEADER_BYTES),
  };
}

/** The bytes of a frame: 40 of header, then the body. Throws {@link FrameError} where a value does not fit. */
export function encodeFrame(frame: Frame): Uint8Array<ArrayBuffer> {
  const { type, lifetimeS, number, peer, coalescingKey, body } = frame;
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

/** The peer of a sound frame, as a view. */
export function peerOf(frame: Uint8Array): DeviceId {
  return frame.subarray(PEER_AT, PEER_AT + 16) as DeviceId;
}

/** The message number of a sound frame. */
export function numberOf(frame: Uint8Array): number {
  let value = 0;
  for (let i = NUMBER_AT; i < NUMBER_AT + 8; i++) value = value * 256 + (frame[i] ?? 0);
  return value;
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
