/** The devices of a bench: keys, and how each is let in and begins to read its mail. */
import {
  connectMessage,
  deviceIdPreimage,
  encodeAuthenticate,
  encodeControlFrame,
  encodeResume,
  type Frame,
  FrameType,
  type Grant,
  parseAgreementPublicKey,
  parseChallenge,
  parseConnectNonce,
  parseDeviceId,
  parseFrame,
  parseRelayError,
  parseSignature,
  parseSigningPublicKey,
  relayErrors,
  signedBytes,
} from '@palmkey/envelope';
import { createHash, generateKeyPairSync, randomBytes, sign } from 'node:crypto';
import type { Generator } from './generator.ts';

/** A device's keys as far as a relay meets them. */
export interface BenchDevice {
  readonly id: Uint8Array;
  /** The frame that answers a challenge. */
  answer(challenge: Frame, origin: string): Uint8Array;
}

export function newDevice(grant?: Grant): BenchDevice {
  const pair = generateKeyPairSync('ed25519');
  const raw = pair.publicKey.export({ format: 'der', type: 'spki' }).subarray(-32);
  const signingKey = parseSigningPublicKey(new Uint8Array(raw));
  const agreementKey = parseAgreementPublicKey(new Uint8Array(randomBytes(32)));
  const hash = createHash('sha256').update(deviceIdPreimage(signingKey, agreementKey)).digest();
  const id = parseDeviceId(new Uint8Array(hash.subarray(0, 16)));
  return {
    id,
    answer: (challenge, origin) => {
      const clientNonce = parseConnectNonce(new Uint8Array(randomBytes(32)));
      const message = connectMessage(parseChallenge(challenge.body), clientNonce, id, origin);
      const signature = parseSignature(
        new Uint8Array(sign(null, signedBytes('relay-connect', message), pair.privateKey)),
      );
      const shown = { clientNonce, signingKey, agreementKey, signature, origin, ...(grant && { grant }) };
      return encodeControlFrame(FrameType.authenticate, 0, encodeAuthenticate(shown));
    },
  };
}

export function newDevices(count: number): BenchDevice[] {
  return Array.from({ length: count }, () => newDevice());
}

/** A generator's connections to a relay, each a device that authenticates by itself whenever it connects. */
export class Fleet {
  readonly #generator: Generator;
  readonly #devices: readonly BenchDevice[];
  readonly #origin: string;
  /** Whether a device reads its mail as soon as it is admitted; else from {@link resume} on. */
  reads = true;
  readonly #epochs = new Map<number, number>();
  readonly #admitted = new Map<number, () => void>();
  readonly #done = new Map<number, () => void>();
  #failed: (error: Error) => void = () => undefined;

  constructor(generator: Generator, devices: readonly BenchDevice[], origin: string) {
    this.#generator = generator;
    this.#devices = devices;
    this.#origin = origin;
    for (const [index, device] of devices.entries()) generator.identify(index, device.id);
    generator.onFrame = (index, frame) => {
      this.#take(index, parseFrame(frame));
    };
  }

  /** Resolves when the relay has admitted all of them, and each has said that it reads its mail. */
  async enter(first: number, count: number, port?: number): Promise<void> {
    const failed = this.#failure();
    const all = Array.from({ length: count }, (_, i) => {
      return new Promise<void>((resolve) => this.#admitted.set(first + i, resolve));
    });
    await this.#generator.connect(first, count, port);
    await this.#generator.or(Promise.race([Promise.all(all), failed]));
  }

  /** Reads mail from now on. */
  resume(index: number): void {
    const body = encodeResume({ epoch: this.#epochs.get(index) ?? 0, cursor: 0 });
    this.#generator.send(index, encodeControlFrame(FrameType.resume, 0, body));
  }

  /** Gives an order by control frame; resolves when the relay has done it. */
  async order(index: number, type: FrameType, body: Uint8Array): Promise<void> {
    const done = new Promise<void>((resolve) => this.#done.set(index, resolve));
    this.#generator.send(index, encodeControlFrame(type, 1, body));
    await this.#generator.or(Promise.race([done, this.#failure()]));
    this.#done.delete(index);
  }

  /** Rejects when the relay refuses a connection or an order. */
  #failure(): Promise<never> {
    const failed = new Promise<never>((_, reject) => (this.#failed = reject));
    failed.catch(() => undefined);
    return failed;
  }

  #take(index: number, frame: Frame): void {
    switch (frame.type) {
      case FrameType.challenge: {
        const device = this.#devices[index];
        if (device) this.#generator.send(index, device.answer(frame, this.#origin));
        return;
      }
      case FrameType.admitted: {
        this.#epochs.set(index, frame.coalescingKey);
        if (this.reads) this.resume(index);
        this.#admitted.get(index)?.();
        return;
      }
      case FrameType.done: {
        this.#done.get(index)?.();
        return;
      }
      case FrameType.error: {
        const { code } = parseRelayError(frame.body);
        // Others are about a message, and are counted in a run.
        const isOurs = relayErrors[code].closes || code === 'rate-limited' || this.#done.has(index);
        if (isOurs) this.#failed(new Error(`the relay says ${code}`));
        return;
      }
      default: {
        return;
      }
    }
  }
}
