/**
 * The peer: our envelope with its message key wrapped by RSA-OAEP-4096 (RFC 8017, SHA-256) for each recipient. Signed
 * map, signature, padding, AES-256-GCM and every check on opening are ours; the box alone is replaced. Lives in this
 * bench only.
 */
import { concat, type DeviceId, equal, parseDeviceId } from '@palmkey/envelope';
import { type Primitives, sign, verifySignature } from '@palmkey/core/crypto';
import type { DeviceKeys, Peer } from '@palmkey/core/devices';
import {
  CLOCK_TOLERANCE_MS,
  type Content,
  DEFAULT_LIFETIME_MS,
  encodeContent,
  isAllowed,
  MAX_LIFETIME_MS,
  parseContent,
  parseStreamId,
  type ReplayStore,
} from '@palmkey/core/messages';
import { compareBytes, encodePlaintext, parsePlaintext } from '../../packages/core/src/messages/layout.ts';
import { encodeSignedMap, parseSignedMap } from '../../packages/core/src/messages/signed-map.ts';

const oaep = { name: 'RSA-OAEP' };
const headBytes = 1 + 16 + 1;
/** A wrap is as long as the modulus. */
const wrapBytes = 4096 / 8;
const recordBytes = 16 + wrapBytes;
const ivBytes = 12;
const keyBytes = 32;

/** A new RSA-4096 pair for wrapping. */
export function generateRsa(): Promise<CryptoKeyPair> {
  const algorithm = { ...oaep, modulusLength: 4096, publicExponent: Uint8Array.of(1, 0, 1), hash: 'SHA-256' };
  return crypto.subtle.generateKey(algorithm, false, ['encrypt', 'decrypt']);
}

/** The same public key as a handle of its own, imported once as a program would keep it for a peer. */
export async function importRsaAgain(publicKey: CryptoKey): Promise<CryptoKey> {
  const spki = await crypto.subtle.exportKey('spki', publicKey);
  return crypto.subtle.importKey('spki', spki, { ...oaep, hash: 'SHA-256' }, true, ['encrypt']);
}

export interface RsaRecipient {
  readonly id: DeviceId;
  readonly rsa: CryptoKey;
}

export class RsaSealer {
  readonly #primitives: Primitives;
  readonly #device: DeviceKeys;
  readonly #stream;
  #n = 0;

  constructor(primitives: Primitives, device: DeviceKeys) {
    this.#primitives = primitives;
    this.#device = device;
    this.#stream = parseStreamId(primitives.randomBytes(16));
  }

  async seal(recipients: readonly RsaRecipient[], content: Content): Promise<Uint8Array> {
    const primitives = this.#primitives;
    const ordered = recipients.toSorted((a, b) => compareBytes(a.id, b.id));
    const n = ++this.#n;
    const sent = Date.now();
    const signed = encodeSignedMap({
      v: 1,
      from: this.#device.id,
      to: ordered.map(({ id }) => ({ id, n })),
      stream: this.#stream,
      sent,
      expires: sent + DEFAULT_LIFETIME_MS,
      head: null,
      content: encodeContent(content),
    });
    const messageKey = new Uint8Array(primitives.randomBytes(keyBytes));
    const iv = primitives.randomBytes(ivBytes);
    const [signature, wraps] = await Promise.all([
      sign(this.#device.signer, 'message', signed),
      Promise.all(ordered.map(({ rsa }) => crypto.subtle.encrypt(oaep, rsa, messageKey))),
    ]);
    const records = ordered.flatMap(({ id }, i) => [id, new Uint8Array(wraps[i] ?? new ArrayBuffer(0))]);
    const outside = concat(Uint8Array.of(1), this.#device.id, Uint8Array.of(ordered.length), ...records);
    const sealed = await primitives.aesGcmSeal(messageKey, iv, encodePlaintext(signed, signature), outside);
    return concat(outside, iv, sealed);
  }
}

export interface RsaOpenerOptions {
  readonly primitives: Primitives;
  readonly id: DeviceId;
  readonly privateKey: CryptoKey;
  readonly sender: Peer;
  readonly replay: ReplayStore;
}

export class RsaOpener {
  readonly #options: RsaOpenerOptions;

  constructor(options: RsaOpenerOptions) {
    this.#options = options;
  }

  /** The content; throws for everything that {@link Opener} refuses. */
  async open(body: Uint8Array): Promise<Content> {
    const { primitives, id, privateKey, sender, replay } = this.#options;
    const count = body[headBytes - 1] ?? 0;
    const outsideBytes = headBytes + count * recordBytes;
    const recipients = Array.from({ length: count }, (_, i) => {
      const at = headBytes + i * recordBytes;
      return { id: parseDeviceId(body.subarray(at, at + 16)), wrap: body.slice(at + 16, at + recordBytes) };
    });
    const own = recipients.find((recipient) => equal(recipient.id, id));
    if (own === undefined || !equal(body.subarray(1, 17), sender.id)) throw new Error('unopenable');
    const messageKey = new Uint8Array(await crypto.subtle.decrypt(oaep, privateKey, own.wrap));
    const plaintext = await primitives.aesGcmOpen(
      messageKey,
      body.subarray(outsideBytes, outsideBytes + ivBytes),
      body.subarray(outsideBytes + ivBytes),
      body.subarray(0, outsideBytes),
    );
    const { signed, signature } = parsePlaintext(plaintext);
    if (!(await verifySignature(primitives, sender.signingKey, 'message', signed, signature)))
      throw new Error('unopenable');
    const map = parseSignedMap(signed);
    const content = parseContent(map.content);
    const same =
      equal(map.from, sender.id) &&
      map.to.length === count &&
      map.to.every((to, i) => equal(to.id, recipients[i]?.id ?? new Uint8Array(0)));
    const n = map.to.find((to) => equal(to.id, id))?.n;
    const now = Date.now();
    const inTime =
      map.expires - map.sent <= MAX_LIFETIME_MS &&
      map.sent - CLOCK_TOLERANCE_MS <= now &&
      now <= map.expires + CLOCK_TOLERANCE_MS;
    if (!same || n === undefined || !inTime || !isAllowed(content.kind, sender.role, 'decides'))
      throw new Error('refused');
    const verdict = await replay.accept(sender.id, map.stream, n, map.expires + CLOCK_TOLERANCE_MS);
    if (verdict === 'replayed') throw new Error('replayed');
    return content;
  }
}
