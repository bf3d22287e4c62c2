import type * as v from 'valibot';
import type { BoxKey, Primitives } from '../crypto/index.ts';
import { decodeCanonical, FormatError, openBox, OpenError, sealBox } from '../crypto/index.ts';
import { type AbortReason, PairingError } from './errors.ts';
import type { PairingClock, PairingProgress, RendezvousChannel } from './ports.ts';
import {
  encodeMessage,
  headSchema,
  MAX_PAIRING_BYTES,
  type MessageName,
  type PairingMessage,
  schemas,
} from './wire.ts';
import { within } from './within.ts';

/** The nonce of a NaCl box. */
const NONCE_BYTES = 24;
/** How long giving up may wait for the relay to take the word of it, ms. */
const ABORT_LIMIT_MS = 2_000;

/** What came, with the very bytes it came in. */
export interface Received<Name extends MessageName> {
  readonly message: PairingMessage<Name>;
  readonly plaintext: Uint8Array;
}

/** Counts what was passed over, and tells. */
export class PassedOver {
  readonly #tell: ((event: PairingProgress) => void) | undefined;
  #count = 0;

  constructor(tell?: (event: PairingProgress) => void) {
    this.#tell = tell;
  }

  add(): void {
    this.#count += 1;
    this.#tell?.({ is: 'passed-over', count: this.#count });
  }
}

/** The boxed part of a pairing: all after the hello, with one key for both directions. */
export class Conversation {
  readonly #channel: RendezvousChannel;
  readonly #primitives: Primitives;
  readonly #key: BoxKey;
  readonly #passedOver: PassedOver;

  constructor(channel: RendezvousChannel, primitives: Primitives, key: BoxKey, passedOver: PassedOver) {
    this.#channel = channel;
    this.#primitives = primitives;
    this.#key = key;
    this.#passedOver = passedOver;
  }

  /** Boxes and posts a message; returns its plaintext. */
  async send(message: PairingMessage): Promise<Uint8Array> {
    const plaintext = encodeMessage(message);
    await this.#channel.post(sealBox(this.#key, this.#primitives.randomBytes(NONCE_BYTES), plaintext));
    return plaintext;
  }

  /**
   * Waits for that message. Whatever does not open, and whatever opens under another name (an earlier message again, or
   * our own come back), is passed over. Throws {@link PairingError}: `peer-aborted`; `version` or `bad-message` for what
   * only the other side can have boxed.
   */
  async receive<Name extends MessageName>(name: Name, signal: AbortSignal): Promise<Received<Name>> {
    for (;;) {
      const { plaintext, head } = await this.#nextOpened(signal);
      if (head.t === name) return { message: decode(plaintext, schemas[name]), plaintext };
      this.#passedOver.add();
    }
  }

  /** Waits for nothing but the other side's giving up: never resolves, throws {@link PairingError}. */
  async watch(signal: AbortSignal): Promise<never> {
    for (;;) {
      await this.#nextOpened(signal);
      this.#passedOver.add();
    }
  }

  /** Tells the other side that this one gave up; a relay that does not take it changes nothing. */
  async abort(reason: AbortReason, clock: PairingClock): Promise<void> {
    const never = new AbortController().signal;
    await within(clock, ABORT_LIMIT_MS, 'timed-out', never, () => this.send({ t: 'abort', v: 1, reason })).catch(
      () => undefined,
    );
  }

  async #nextOpened(signal: AbortSignal) {
    for (;;) {
      const plaintext = this.#tryOpen(await this.#channel.next(signal));
      if (!plaintext) {
        this.#passedOver.add();
        continue;
      }
      const head = decode(plaintext, headSchema);
      if (head.v !== 1) throw new PairingError('version');
      if (head.t !== 'abort') return { plaintext, head };
      throw new PairingError('peer-aborted', { reason: decode(plaintext, schemas.abort).reason });
    }
  }

  #tryOpen(bytes: Uint8Array): Uint8Array | null {
    try {
      return openBox(this.#key, bytes);
    } catch (error) {
      if (error instanceof OpenError) return null;
      throw error;
    }
  }
}

/** Reads a plaintext of the other side; throws {@link PairingError} `bad-message`. */
export function decode<const Schema extends v.GenericSchema>(
  plaintext: Uint8Array,
  schema: Schema,
): v.InferOutput<Schema> {
  try {
    return decodeCanonical(plaintext, schema, MAX_PAIRING_BYTES);
  } catch (cause) {
    if (cause instanceof FormatError) throw new PairingError('bad-message', { cause });
    throw cause;
  }
}
