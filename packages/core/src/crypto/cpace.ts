/**
 * CPace (draft-irtf-cfrg-cpace-21) over ristretto255 (RFC 9496) and SHA-512, initiator and responder: two sides that know
 * one weak secret agree on a strong key, and whoever is between them can try one guess for each run.
 *
 * The group's arithmetic is that of big integers, whose time depends on their values. A scalar is used for one run, and
 * what of its time can be seen is seen once, through a network.
 */
import { ristretto255, ristretto255_hasher } from '@noble/curves/ed25519.js';
import { sha512 } from '@noble/hashes/sha2.js';
import { ascii, concat } from '@palmkey/envelope';
import { ShareError } from './errors.ts';

/** The bytes of a share. */
export const CPACE_SHARE_BYTES = 32;

const DSI = ascii('CPaceRistretto255');
const DSI_ISK = ascii('CPaceRistretto255_ISK');
/** SHA-512's input block. */
const BLOCK_BYTES = 128;

type Element = InstanceType<typeof ristretto255.Point>;

/** What both sides know before they meet. */
export interface CpaceInputs {
  /** PRS: the secret that a person carried. */
  readonly secret: Uint8Array;
  /** CI: which use of which application this is. */
  readonly channel: Uint8Array;
  /** sid: the id of this one run. */
  readonly sessionId: Uint8Array;
}

/** What one side sends. */
export interface CpaceMessage {
  readonly share: Uint8Array;
  /** AD: who sends it, bound into the key. */
  readonly associatedData: Uint8Array;
}

/** One side of one run. */
export class CpaceSide {
  /** To be sent: the element of 32 bytes that hides the scalar. */
  readonly share: Uint8Array;
  readonly #scalar: bigint;

  /** Draws 32 random bytes as the scalar. */
  constructor(inputs: CpaceInputs, randomBytes: (length: number) => Uint8Array) {
    this.#scalar = sampleScalar(randomBytes);
    this.share = cpaceGenerator(inputs).multiply(this.#scalar).toBytes();
  }

  /**
   * K, 32 bytes: the element that both sides have. Throws {@link ShareError} for a share that is no canonical encoding of
   * an element, and for the neutral one.
   */
  agree(peerShare: Uint8Array): Uint8Array {
    let peer: Element;
    try {
      peer = ristretto255.Point.fromBytes(peerShare);
    } catch (cause) {
      throw new ShareError('not an element', { cause });
    }
    const agreed = peer.equals(ristretto255.Point.ZERO) ? peer : peer.multiply(this.#scalar);
    if (agreed.equals(ristretto255.Point.ZERO)) throw new ShareError('the neutral element');
    return agreed.toBytes();
  }
}

/** The generator that the inputs give: the draft's calculate_generator. */
export function cpaceGenerator(inputs: CpaceInputs): Element {
  const element = ristretto255_hasher.deriveToCurve?.(sha512(generatorString(inputs)));
  // The library declares it optional, for hashers in general; RFC 9496's element derivation is what ristretto255 has.
  if (!element) throw new TypeError('no element derivation');
  return element;
}

/** The draft's generator_string: DSI and secret fill the first block of the hash, so that its time tells no length. */
export function generatorString({ secret, channel, sessionId }: CpaceInputs): Uint8Array<ArrayBuffer> {
  const padding = Math.max(0, BLOCK_BYTES - prependLength(secret).length - prependLength(DSI).length - 1);
  return lengthValues(DSI, secret, new Uint8Array(padding), channel, sessionId);
}

/** ISK, 64 bytes: what both have in the end, over the whole of what was sent. */
export function cpaceKey(
  sessionId: Uint8Array,
  agreed: Uint8Array,
  initiator: CpaceMessage,
  responder: CpaceMessage,
): Uint8Array {
  return sha512(
    concat(
      lengthValues(DSI_ISK, sessionId, agreed),
      lengthValues(initiator.share, initiator.associatedData),
      lengthValues(responder.share, responder.associatedData),
    ),
  );
}

/** The draft's lv_cat: each part behind its length. */
export function lengthValues(...parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  return concat(...parts.map(prependLength));
}

function prependLength(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  const length: number[] = [];
  let rest = bytes.length;
  do {
    length.push((rest & 0x7f) | (rest > 0x7f ? 0x80 : 0));
    rest >>>= 7;
  } while (rest > 0);
  return concat(Uint8Array.from(length), bytes);
}

/** 252 random bits, little-endian, as the draft recommends: always below the group's order. */
function sampleScalar(randomBytes: (length: number) => Uint8Array): bigint {
  for (;;) {
    let scalar = 0n;
    const bytes = randomBytes(32);
    for (let i = 31; i >= 0; i--) scalar = (scalar << 8n) | BigInt(bytes[i] ?? 0);
    scalar &= (1n << 252n) - 1n;
    if (scalar !== 0n) return scalar;
  }
}
