import type { DeviceId, RendezvousSender } from '@palmkey/envelope';
import { equal } from '@palmkey/envelope';
import * as v from 'valibot';
import {
  decodeCanonical,
  encodeCanonical,
  FormatError,
  OpenError,
  openSecretBox,
  sealSecretBox,
} from '../crypto/index.ts';
import { bytesBetween, bytesOf } from '../requests/fields.ts';
import { KexError, type KexFault } from './errors.ts';
import type { RoutedMessage } from './ports.ts';
import type { KexSession, SessionId } from './session.ts';

/** The longest packet: with its base64 it is within what a relay takes as one post. */
export const MAX_PACKET_BYTES = 15 * 1024;
/** The longest payload. */
export const MAX_PAYLOAD_BYTES = 14 * 1024;
/** The highest seqno. */
export const MAX_SEQNO = 0xffff_ffff;
/** The nonce of a secretbox. */
export const PACKET_NONCE_BYTES = 24;
const TAG_BYTES = 16;

const seqno = v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(MAX_SEQNO));
const innerSchema = v.strictTuple([
  bytesOf<DeviceId>(16),
  bytesOf<SessionId>(32),
  seqno,
  bytesBetween(0, MAX_PAYLOAD_BYTES),
]);
const outerSchema = v.strictTuple([
  bytesOf<DeviceId>(16),
  bytesOf<SessionId>(32),
  seqno,
  bytesOf(PACKET_NONCE_BYTES),
  bytesBetween(TAG_BYTES, MAX_PACKET_BYTES),
]);

/** What a packet says of itself, twice. */
export interface PacketHead {
  readonly sender: DeviceId;
  readonly session: SessionId;
  readonly seqno: number;
}

/**
 * A packet (spec/provisioning.md, "Packets"); `nonce` has 24 bytes and is used once. Throws {@link KexError} `bad-packet`
 * for a payload beyond {@link MAX_PAYLOAD_BYTES} and a seqno beyond {@link MAX_SEQNO}.
 */
export function sealPacket(
  key: Uint8Array,
  head: PacketHead,
  nonce: Uint8Array,
  payload: Uint8Array,
): Uint8Array<ArrayBuffer> {
  if (payload.length > MAX_PAYLOAD_BYTES || head.seqno > MAX_SEQNO) throw new KexError('bad-packet');
  const inner = encodeCanonical([head.sender, head.session, head.seqno, payload]);
  const box = sealSecretBox(key, nonce, inner).subarray(PACKET_NONCE_BYTES);
  return encodeCanonical([head.sender, head.session, head.seqno, nonce, box]);
}

/** The receiving end of a session: what a packet must be to be the next one. */
export class PacketReceiver {
  readonly #session: KexSession;
  #peer: DeviceId | null;
  #next: number;

  constructor(session: KexSession) {
    this.#session = session;
    this.#next = session.firstSeqno;
    this.#peer = session.peer;
  }

  /** The seqno of the packet that comes next. */
  get next(): number {
    return this.#next;
  }

  /** Who the other side is; null as long as the suite has not named it and nothing has come. */
  get peer(): DeviceId | null {
    return this.#peer;
  }

  /**
   * The payload of the next packet. Throws {@link KexError} with the first thing that is wrong, in the order of the page;
   * after that the session is over.
   */
  receive({ sender, seqno: routed, message }: RoutedMessage): Uint8Array {
    const { id, self, readKey } = this.#session;
    const [outerSender, outerSession, outerSeqno, nonce, box] = decode(message, outerSchema, MAX_PACKET_BYTES);
    const inner = decode(open(readKey, nonce, box), innerSchema, MAX_PACKET_BYTES);
    const [innerSender, innerSession, innerSeqno, payload] = inner;
    const isOne =
      equal(innerSender, outerSender) &&
      equal(innerSession, outerSession) &&
      innerSeqno === outerSeqno &&
      isRoutedAs(sender, routed, innerSender, innerSeqno);
    insist(isOne, 'packet-mismatch');
    insist(equal(innerSession, id), 'wrong-session');
    insist(!equal(innerSender, self), 'own-packet');
    insist(this.#peer === null || equal(innerSender, this.#peer), 'wrong-peer');
    insist(innerSeqno === this.#next, 'wrong-packet-seqno');
    this.#peer = innerSender.slice() as Uint8Array as DeviceId;
    this.#next += 1;
    return payload;
  }
}

/** The rendezvous' own sender and seqno are outside as well. */
function isRoutedAs(sender: RendezvousSender, routed: number, innerSender: DeviceId, innerSeqno: number): boolean {
  return equal(sender, innerSender) && routed === innerSeqno;
}

function open(key: Uint8Array, nonce: Uint8Array, box: Uint8Array): Uint8Array {
  const boxed = new Uint8Array(nonce.length + box.length);
  boxed.set(nonce);
  boxed.set(box, nonce.length);
  try {
    return openSecretBox(key, boxed);
  } catch (cause) {
    if (cause instanceof OpenError) throw new KexError('packet-unopenable', { cause });
    throw cause;
  }
}

function decode<const Schema extends v.GenericSchema>(
  bytes: Uint8Array,
  schema: Schema,
  maxBytes: number,
): v.InferOutput<Schema> {
  try {
    return decodeCanonical(bytes, schema, maxBytes);
  } catch (cause) {
    if (cause instanceof FormatError) throw new KexError('bad-packet', { cause });
    throw cause;
  }
}

function insist(holds: boolean, fault: KexFault): void {
  if (!holds) throw new KexError(fault);
}
