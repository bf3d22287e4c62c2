import type { ChainState, Head } from '@palmkey/chain';
import type { SealedBody } from '@palmkey/envelope';
import { MAX_BODY_BYTES, toHex } from '@palmkey/envelope';
import type { Primitives } from '../crypto/index.ts';
import { sealBox, sign } from '../crypto/index.ts';
import type { DeviceKeys, PublicDevice } from '../devices/index.ts';
import type { Content } from './content.ts';
import { encodeContent } from './content.ts';
import {
  bodyLength,
  compareBytes,
  encodeOutside,
  encodePlaintext,
  IV_BYTES,
  joinBody,
  MAX_RECIPIENTS,
  MESSAGE_KEY_BYTES,
} from './layout.ts';
import { MessageError } from './message-error.ts';
import { PeerKeys } from './peer-keys.ts';
import type { StreamId } from './signed-map.ts';
import { encodeSignedMap, parseStreamId } from './signed-map.ts';

/** How long a message is valid unless its sender says otherwise, ms. */
export const DEFAULT_LIFETIME_MS = 10 * 60_000;
/** The longest that a message may be valid, ms. */
export const MAX_LIFETIME_MS = 60 * 60_000;
/** The nonce of a NaCl box. */
const NONCE_BYTES = 24;

/** What a {@link Sealer} needs; `stream` is for tests, otherwise 16 random bytes. */
export interface SealerOptions {
  readonly primitives: Primitives;
  readonly device: DeviceKeys;
  readonly clock: { now(): number };
  /** The account chain that this device is on, asked at each message; without it no message has a head. */
  readonly chain?: () => ChainState | null;
  readonly stream?: StreamId;
}

/** Seals what one run of this device's program says to its peers (spec/envelope.md, "Inside"). */
export class Sealer {
  readonly #options: SealerOptions;
  readonly #stream: StreamId;
  readonly #keys: PeerKeys;
  /** The last `n` for each recipient, by id in hex. */
  readonly #counters = new Map<string, number>();

  constructor(options: SealerOptions) {
    this.#options = options;
    this.#stream = options.stream ?? parseStreamId(options.primitives.randomBytes(16));
    this.#keys = new PeerKeys(options.device.agreement);
  }

  /**
   * Seals one content to 1 to 32 different recipients. Numbers are given in the order of the calls.
   * Throws {@link MessageError} `too-large` or `bad-recipients`, and `FormatError` for a content no receiver would take.
   */
  async seal(
    recipients: readonly PublicDevice[],
    content: Content,
    options: { readonly lifetimeMs?: number } = {},
  ): Promise<SealedBody> {
    const { primitives, device, clock } = this.#options;
    const ordered = inOrder(recipients);
    const contentBytes = encodeContent(content);
    const sent = clock.now();
    const signed = encodeSignedMap({
      v: 1,
      from: device.id,
      to: ordered.map(({ id }) => ({ id, n: this.#next(toHex(id)) })),
      stream: this.#stream,
      sent,
      expires: sent + Math.min(options.lifetimeMs ?? DEFAULT_LIFETIME_MS, MAX_LIFETIME_MS),
      head: this.#headFor(ordered),
      content: contentBytes,
    });
    if (bodyLength(ordered.length, signed.length) > MAX_BODY_BYTES) throw new MessageError('too-large');
    const messageKey = primitives.randomBytes(MESSAGE_KEY_BYTES);
    const iv = primitives.randomBytes(IV_BYTES);
    const nonces = primitives.randomBytes(NONCE_BYTES * ordered.length);
    const nonceOf = (i: number) => nonces.subarray(NONCE_BYTES * i, NONCE_BYTES * (i + 1));
    // Side by side: the platform may sign on another thread while this one makes the boxes.
    const [signature, wraps] = await Promise.all([
      sign(device.signer, 'message', signed),
      Promise.all(
        ordered.map(async ({ id, agreementKey }, i) => ({
          recipient: id,
          boxed: sealBox(await this.#keys.with(agreementKey), nonceOf(i), messageKey),
        })),
      ),
    ]);
    const outside = encodeOutside(device.id, wraps);
    const plaintext = encodePlaintext(signed, signature);
    return joinBody(outside, iv, await primitives.aesGcmSeal(messageKey, iv, plaintext, outside));
  }

  /**
   * Only devices of the account are told its head. Each has spoken protocol 4 to come onto the chain, while an older one
   * would refuse the whole message.
   */
  #headFor(recipients: readonly PublicDevice[]): Head | null {
    const chain = this.#options.chain?.() ?? null;
    return chain !== null && recipients.every(({ id }) => chain.find(id) !== undefined) ? chain.head : null;
  }

  #next(recipient: string): number {
    const n = (this.#counters.get(recipient) ?? 0) + 1;
    this.#counters.set(recipient, n);
    return n;
  }
}

function inOrder(recipients: readonly PublicDevice[]): readonly PublicDevice[] {
  const ordered = recipients.toSorted((a, b) => compareBytes(a.id, b.id));
  const twice = ordered.some((each, i) => i > 0 && compareBytes(each.id, ordered[i - 1]?.id ?? each.id) === 0);
  if (ordered.length < 1 || ordered.length > MAX_RECIPIENTS || twice) throw new MessageError('bad-recipients');
  return ordered;
}
