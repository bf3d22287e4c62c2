import type { AgreementPublicKey, SigningPublicKey } from '@palmkey/envelope';
import * as v from 'valibot';
import { encodeCanonical } from '../crypto/index.ts';
import { bytesBetween, bytesOf, deviceName, signatureBytes, userKeys } from '../requests/fields.ts';
import { abortReasons } from './errors.ts';

/** The longest plaintext of a pairing message: with its box it fits one message of the rendezvous. */
export const MAX_PAIRING_BYTES = 15 * 1024;

const one = v.literal(1);
const signingKey = bytesOf<SigningPublicKey>(32);
const agreementKey = bytesOf<AgreementPublicKey>(32);

/** The schemas of the messages, by `t` (spec/pairing.md, "Messages"). */
export const schemas = {
  hello: v.strictObject({ t: v.literal('hello'), v: one, sessionKey: agreementKey, commitment: bytesOf(32) }),
  'me-request': v.strictObject({
    t: v.literal('me-request'),
    v: one,
    nonce: bytesOf(32),
    signingKey,
    agreementKey,
    name: deviceName,
    hello: bytesOf(32),
  }),
  'me-response': v.strictObject({
    t: v.literal('me-response'),
    v: one,
    reveal: bytesBetween(1, MAX_PAIRING_BYTES),
    signature: signatureBytes,
  }),
  paired: v.strictObject({ t: v.literal('paired'), v: one, signature: signatureBytes }),
  done: v.strictObject({ t: v.literal('done'), v: one }),
  abort: v.strictObject({ t: v.literal('abort'), v: one, reason: v.picklist(abortReasons) }),
};

/** What every message has, of this version and of others. */
export const headSchema = v.looseObject({ t: v.string(), v: v.number() });

/** A hello of any version, as far as an answer `version` needs it. */
export const anyHelloSchema = v.looseObject({ t: v.literal('hello'), v: v.number(), sessionKey: agreementKey });

/** What the phone commits to before it sees the host's nonce, and opens after. */
export const revealSchema = v.strictObject({
  nonce: bytesOf(32),
  signingKey,
  agreementKey,
  name: deviceName,
  userKeys,
});

/** The name of a message. */
export type MessageName = keyof typeof schemas;
/** A message of that name. */
export type PairingMessage<Name extends MessageName = MessageName> = v.InferOutput<(typeof schemas)[Name]>;
/** The phone's part of the transcript. */
export type Reveal = v.InferOutput<typeof revealSchema>;

/** The plaintext of a message. */
export function encodeMessage(message: PairingMessage): Uint8Array<ArrayBuffer> {
  return encodeCanonical(message);
}

/** The bytes that the phone commits to. */
export function encodeReveal(reveal: Reveal): Uint8Array<ArrayBuffer> {
  return encodeCanonical(reveal);
}
