import type { RendezvousId } from '@palmkey/envelope';
import { ascii, equal } from '@palmkey/envelope';
import type { KeyAgreement } from '../crypto/index.ts';
import {
  boxKey,
  constantTimeEqual,
  decodeCanonical,
  FormatError,
  openAnonymous,
  OpenError,
  sha256,
  sign,
  verifySignature,
} from '../crypto/index.ts';
import { publicDevice } from '../devices/index.ts';
import { Conversation, decode, PassedOver } from './conversation.ts';
import { abortReasonFor, PairingError } from './errors.ts';
import type { PairingLink } from './link.ts';
import { encodePairingLink, LINK_LIFETIME_MS, rendezvousIdOf } from './link.ts';
import type { HostHooks, PairingDeps, PairingRecord, RendezvousChannel } from './ports.ts';
import { codeOf, commitmentOf, transcriptOf } from './transcript.ts';
import { anyHelloSchema, MAX_PAIRING_BYTES, revealSchema, schemas } from './wire.ts';
import { within } from './within.ts';

/** How long either side waits for a message that needs no person, ms. */
export const ANSWER_LIMIT_MS = 20_000;
/** How long the person has for the code, all attempts together, ms. */
export const CODE_LIMIT_MS = 3 * 60_000;
/** How many codes may be typed. */
export const CODE_ATTEMPTS = 3;

/**
 * The host's side of one pairing. `agreement` is `c_priv`, made for it alone; the link is shown to one phone. Throws
 * {@link PairingError} `bad-link` for a link to another key or with another name.
 */
export function startHostPairing(deps: PairingDeps, agreement: KeyAgreement, link: PairingLink): HostPairing {
  return new HostPairing(deps, agreement, link);
}

/** A link that is shown, and the one conversation that may come of it. */
export class HostPairing {
  readonly link: PairingLink;
  readonly rendezvousId: RendezvousId;
  /** Until when the link may be used, ms since 1970 UTC. */
  readonly expiresAt: number;
  readonly #deps: PairingDeps;
  readonly #agreement: KeyAgreement;
  readonly #payload: Uint8Array;
  #used = false;

  constructor(deps: PairingDeps, agreement: KeyAgreement, link: PairingLink) {
    if (!equal(agreement.publicKey, link.sessionKey) || link.hostName !== deps.name) throw new PairingError('bad-link');
    this.#deps = deps;
    this.#agreement = agreement;
    this.#payload = encodePairingLink(link);
    this.link = link;
    this.rendezvousId = rendezvousIdOf(link.sessionKey);
    this.expiresAt = deps.clock.now() + LINK_LIFETIME_MS;
  }

  /**
   * Waits for a phone and pairs with it; may be called once. Returns when the phone said `done`. Throws
   * {@link PairingError}, and what the channel throws; then nothing is kept. Once the code was right, `signal` cancels
   * no more: the phone may have stored its side.
   */
  async run(channel: RendezvousChannel, hooks: HostHooks, signal: AbortSignal): Promise<PairingRecord> {
    const { primitives, clock } = this.#deps;
    const passedOver = new PassedOver((event) => hooks.onProgress?.(event));
    hooks.onProgress?.({ is: 'waiting' });
    const leftMs = this.#used ? 0 : this.expiresAt - clock.now();
    if (leftMs <= 0) throw new PairingError('link-expired');
    this.#used = true;
    const hello = await within(clock, leftMs, 'link-expired', signal, (inner) =>
      this.#awaitHello(channel, passedOver, inner),
    );
    const key = boxKey(await this.#agreement.sharedSecret(hello.sessionKey));
    const conversation = new Conversation(channel, primitives, key, passedOver);
    try {
      if (hello.v !== 1) throw new PairingError('version');
      return await this.#converse(conversation, hello.plaintext, hooks, signal);
    } catch (error) {
      const reason = error instanceof PairingError ? abortReasonFor(error.code) : null;
      if (reason) await conversation.abort(reason, clock);
      throw error;
    }
  }

  /** The first hello that opens counts, whoever sent it: a second is a message like any other that does not open. */
  async #awaitHello(channel: RendezvousChannel, passedOver: PassedOver, signal: AbortSignal) {
    for (;;) {
      try {
        const plaintext = await openAnonymous(this.#agreement, await channel.next(signal));
        const { v, sessionKey } = decodeCanonical(plaintext, anyHelloSchema, MAX_PAIRING_BYTES);
        if (v === 1) decodeCanonical(plaintext, schemas.hello, MAX_PAIRING_BYTES);
        await this.#agreement.sharedSecret(sessionKey);
        return { v, sessionKey, plaintext };
      } catch (error) {
        if (!(error instanceof OpenError || error instanceof FormatError)) throw error;
        passedOver.add();
      }
    }
  }

  async #converse(
    conversation: Conversation,
    helloPlaintext: Uint8Array,
    hooks: HostHooks,
    signal: AbortSignal,
  ): Promise<PairingRecord> {
    const { primitives, device, name, clock } = this.#deps;
    const hello = decode(helloPlaintext, schemas.hello);
    hooks.onProgress?.({ is: 'met', name: null });
    const request = await conversation.send({
      t: 'me-request',
      v: 1,
      nonce: primitives.randomBytes(32),
      signingKey: device.signer.publicKey,
      agreementKey: device.agreement.publicKey,
      name,
      hello: sha256(helloPlaintext),
    });
    const { message } = await within(clock, ANSWER_LIMIT_MS, 'timed-out', signal, (inner) =>
      conversation.receive('me-response', inner),
    );
    if (!constantTimeEqual(commitmentOf(hello.sessionKey, message.reveal), hello.commitment)) {
      throw new PairingError('commitment');
    }
    const reveal = decode(message.reveal, revealSchema);
    const phone = publicDevice(reveal.signingKey, reveal.agreementKey);
    const transcript = transcriptOf(this.#payload, helloPlaintext, request, message.reveal);
    const signed = await verifySignature(primitives, phone.signingKey, 'pairing-phone', transcript, message.signature);
    if (!signed || equal(phone.id, device.id)) throw new PairingError('bad-message');
    if (this.#deps.peers?.find(phone.id)) throw new PairingError('already-paired');

    hooks.onProgress?.({ is: 'comparing', name: reveal.name });
    await within(clock, CODE_LIMIT_MS, 'timed-out', signal, (inner) =>
      Promise.race([askForCode(codeOf(transcript), hooks, inner), conversation.watch(inner)]),
    );

    hooks.onProgress?.({ is: 'confirming', name: reveal.name });
    const hostSignature = await sign(device.signer, 'pairing-host', transcript);
    await conversation.send({ t: 'paired', v: 1, signature: hostSignature });
    await within(clock, ANSWER_LIMIT_MS, 'timed-out', new AbortController().signal, (inner) =>
      conversation.receive('done', inner),
    );
    return {
      peer: { ...phone, name: reveal.name, role: 'decides' },
      relay: this.link.relay,
      transcript,
      phoneSignature: message.signature,
      hostSignature,
      pairedAt: clock.now(),
      userKeys: reveal.userKeys,
    };
  }
}

/** Returns when the right code was typed; throws {@link PairingError} `wrong-code` after the third wrong one. */
async function askForCode(code: string, hooks: HostHooks, signal: AbortSignal): Promise<void> {
  for (let attempt = 1; attempt <= CODE_ATTEMPTS; attempt++) {
    const typed = await hooks.onCode(attempt, signal).catch((cause: unknown) => {
      throw new PairingError('cancelled', { cause });
    });
    if (isCode(typed, code)) return;
    hooks.onProgress?.({ is: 'wrong-code', triesLeft: CODE_ATTEMPTS - attempt });
  }
  throw new PairingError('wrong-code');
}

/** White space between the digits is how people write them. */
function isCode(typed: string, code: string): boolean {
  const digits = typed.replace(/\s/g, '');
  return /^\d{6}$/.test(digits) && constantTimeEqual(ascii(digits), ascii(code));
}
