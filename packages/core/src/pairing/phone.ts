import { equal } from '@palmkey/envelope';
import { boxKey, sealAnonymous, sha256, sign, verifySignature } from '../crypto/index.ts';
import { type Peer, publicDevice } from '../devices/index.ts';
import { Conversation, PassedOver } from './conversation.ts';
import { abortReasonFor, PairingError } from './errors.ts';
import { ANSWER_LIMIT_MS, CODE_LIMIT_MS } from './host.ts';
import type { PairingLink } from './link.ts';
import { encodePairingLink } from './link.ts';
import type { PairingDeps, PairingRecord, PhoneHooks, RendezvousChannel, UserKey } from './ports.ts';
import { codeOf, commitmentOf, transcriptOf } from './transcript.ts';
import { encodeMessage, encodeReveal } from './wire.ts';
import { within } from './within.ts';

/** The host's time for the code, and the time that its last word takes, ms. */
const PAIRED_LIMIT_MS = CODE_LIMIT_MS + ANSWER_LIMIT_MS;

/** What a phone needs to pair. */
export interface PhonePairingDeps extends PairingDeps {
  /** The SSH user keys that the host is told of. */
  readonly userKeys: readonly UserKey[];
}

/**
 * The phone's side of one pairing, with keys of its own for it. Returns when the host has proved that it has the same
 * transcript, `onPaired` has stored the record, and `done` is sent. Throws {@link PairingError}, and what the channel
 * throws; then nothing is to be kept.
 */
export async function runPhonePairing(
  deps: PhonePairingDeps,
  link: PairingLink,
  channel: RendezvousChannel,
  hooks: PhoneHooks,
  signal: AbortSignal,
): Promise<PairingRecord> {
  const { primitives, device, name, clock, userKeys } = deps;
  const payload = encodePairingLink(link);
  const session = await primitives.generateAgreement();
  const key = boxKey(await session.sharedSecret(link.sessionKey));
  const conversation = new Conversation(channel, primitives, key, new PassedOver((event) => hooks.onProgress?.(event)));
  const reveal = encodeReveal({
    nonce: primitives.randomBytes(32),
    signingKey: device.signer.publicKey,
    agreementKey: device.agreement.publicKey,
    name,
    userKeys: userKeys.map(({ blob, comment }) => ({ blob, comment })),
  });
  const hello = encodeMessage({
    t: 'hello',
    v: 1,
    sessionKey: session.publicKey,
    commitment: commitmentOf(session.publicKey, reveal),
  });
  if (signal.aborted) throw new PairingError('cancelled');
  await channel.post(await sealAnonymous(primitives, link.sessionKey, hello));
  hooks.onProgress?.({ is: 'waiting' });
  try {
    return await converse();
  } catch (error) {
    const reason = error instanceof PairingError ? abortReasonFor(error.code) : null;
    if (reason) await conversation.abort(reason, clock);
    throw error;
  }

  async function converse(): Promise<PairingRecord> {
    const { message, plaintext } = await within(clock, ANSWER_LIMIT_MS, 'no-answer', signal, (inner) =>
      conversation.receive('me-request', inner),
    );
    const host: Peer = {
      ...publicDevice(message.signingKey, message.agreementKey),
      name: message.name,
      role: 'asks',
    };
    if (!equal(message.hello, sha256(hello)) || message.name !== link.hostName || equal(host.id, device.id)) {
      throw new PairingError('bad-message');
    }
    if (deps.peers?.find(host.id)) throw new PairingError('already-paired');
    hooks.onProgress?.({ is: 'met', name: host.name });
    const transcript = transcriptOf(payload, hello, plaintext, reveal);
    const phoneSignature = await sign(device.signer, 'pairing-phone', transcript);
    await conversation.send({ t: 'me-response', v: 1, reveal, signature: phoneSignature });

    hooks.onProgress?.({ is: 'comparing', name: host.name });
    hooks.onCode(codeOf(transcript), host);
    const paired = await within(clock, PAIRED_LIMIT_MS, 'timed-out', signal, (inner) =>
      conversation.receive('paired', inner),
    );
    const hostSignature = paired.message.signature;
    if (!(await verifySignature(primitives, host.signingKey, 'pairing-host', transcript, hostSignature))) {
      throw new PairingError('bad-message');
    }
    const record: PairingRecord = {
      peer: host,
      relay: link.relay,
      transcript,
      phoneSignature,
      hostSignature,
      pairedAt: clock.now(),
    };
    await hooks.onPaired?.(record);
    await conversation.send({ t: 'done', v: 1 });
    return record;
  }
}
