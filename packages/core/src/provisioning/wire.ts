/** What X and Y say to each other (spec/provisioning.md, "RPC"): the methods' arguments and results. */
import { CARRIED_STREAM_BYTES, PER_USER_SEED_BYTES } from '../account/index.ts';
import { isUsableAgreementKey, parseAccountId, parseAgreementPublicKey, parseDeviceId } from '@palmkey/envelope';
import * as v from 'valibot';
import { BOX_OVERHEAD_BYTES } from '../crypto/index.ts';
import { ProvisioningError, type ProvisioningStep } from './way-errors.ts';

/** The methods' names on the wire. */
export const METHODS = {
  start: 'palmkey.kex.start',
  hello: 'palmkey.kex.hello2',
  code: 'palmkey.kex.code',
  countersigned: 'palmkey.kex.didCounterSign2',
} as const;

/** X's share of the code: random bytes. */
export const CODE_NONCE_BYTES = 32;
/** The bytes of a name that is taken, hashed. */
export const TAKEN_NAME_BYTES = 8;
/** The most links of a chain, of which each adds one name at most. */
const MAX_TAKEN_NAMES = 10_000;
/** A passphrase stream with its salt and generation in a box, behind an ephemeral public key. */
export const PASSPHRASE_BOX_BYTES = 32 + BOX_OVERHEAD_BYTES + CARRIED_STREAM_BYTES;
/** A link's JSON with the length before it and the signature after it. */
const MAX_SIGNED_LINK_BYTES = 2 + 4096 + 64;
const MAX_FACTS_BYTES = 512;

const bytes = v.custom<Uint8Array>((value) => value instanceof Uint8Array);
const bytesOf = (length: number) =>
  v.pipe(
    bytes,
    v.check((value) => value.length === length),
  );
const bytesUpTo = (length: number) =>
  v.pipe(
    bytes,
    v.check((value) => value.length <= length),
  );
const deviceId = v.pipe(bytesOf(16), v.transform(parseDeviceId));
const generation = v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(0xffff_ffff));

/** `start` says nothing more. */
export const startSchema = v.strictObject({});

/** What X tells Y at first. */
export const helloSchema = v.strictObject({
  /** To what it will tell by {@link codeSchema}. */
  codeCommitment: bytesOf(32),
  /** {@link TAKEN_NAME_BYTES} each. */
  deviceNames: v.pipe(
    bytesUpTo(MAX_TAKEN_NAMES * TAKEN_NAME_BYTES),
    v.check(({ length }) => length % TAKEN_NAME_BYTES === 0),
  ),
  /** The grant that lets Y connect to the relay. */
  newSession: bytesOf(32),
  /** The skeleton of a link. */
  sibkeySigBody: bytesUpTo(4096),
  uid: v.pipe(bytesOf(16), v.transform(parseAccountId)),
});
export type Hello = v.InferOutput<typeof helloSchema>;

/** What Y answers: who it is, and the skeleton, filled in and signed by its new key. */
export const helloAnswerSchema = v.strictObject({
  deviceFacts: bytesUpTo(MAX_FACTS_BYTES),
  deviceSalt: bytesOf(32),
  dhPublicKey: v.pipe(bytesOf(32), v.check(isUsableAgreementKey), v.transform(parseAgreementPublicKey)),
  /** The link's JSON. */
  sibkeySigBodySigned: bytesUpTo(4096),
});
export type HelloAnswer = v.InferOutput<typeof helloAnswerSchema>;

/** What X tells Y once Y has said who it is: its share of the code. */
export const codeSchema = v.strictObject({ nonce: bytesOf(CODE_NONCE_BYTES) });

/** What X gives Y when its person said yes. */
export const countersignedSchema = v.strictObject({
  ppsEncrypted: v.nullable(bytesOf(PASSPHRASE_BOX_BYTES)),
  pukBox: v.strictObject({
    box: bytesOf(BOX_OVERHEAD_BYTES + PER_USER_SEED_BYTES),
    generation,
    receiver: deviceId,
    sender: deviceId,
  }),
  /** The link as it is stored: `u16 length ‖ JSON ‖ signature (64)`. */
  sibkeySigBodyCounterSigned: bytesUpTo(MAX_SIGNED_LINK_BYTES),
});
export type Countersigned = v.InferOutput<typeof countersignedSchema>;

/** Y is on the chain. */
export const joinedSchema = v.strictObject({ ok: v.literal(true) });

/** Takes what the other side sent; throws {@link ProvisioningError} `bad-message` for another structure. */
export function parseMessage<const Schema extends v.GenericSchema>(
  schema: Schema,
  value: unknown,
  step: ProvisioningStep,
): v.InferOutput<Schema> {
  const parsed = v.safeParse(schema, value, { abortEarly: true, abortPipeEarly: true });
  if (!parsed.success) throw new ProvisioningError('bad-message', step);
  return parsed.output;
}
