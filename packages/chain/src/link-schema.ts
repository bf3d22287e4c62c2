/** The structure of each type of link, from parsed JSON to {@link Link}; hexadecimal becomes bytes. */
import {
  equal,
  fromHex,
  isUsableAgreementKey,
  parseAccountId,
  parseAgreementPublicKey,
  parseDeviceId,
  parseSignature,
  parseSigningPublicKey,
} from '@palmkey/envelope';
import * as v from 'valibot';
import { MAX_REVOKED_AT_ONCE, parseFactsHash, parseLinkHash } from './link.ts';

/** Lower-case hexadecimal of so many bytes. */
function hexOf<B>(length: number, brand: (bytes: Uint8Array) => B) {
  return v.pipe(
    v.string(),
    v.length(2 * length),
    v.regex(/^[0-9a-f]*$/),
    v.transform((text) => brand(fromHex(text))),
  );
}

const deviceId = hexOf(16, parseDeviceId);
const accountId = hexOf(16, parseAccountId);
const signingKey = hexOf(32, parseSigningPublicKey);
/** A member with a key of small order would have no box, and nobody could be revoked. */
const agreementKey = v.pipe(
  hexOf(32, parseAgreementPublicKey),
  v.check((key) => isUsableAgreementKey(key)),
);
const facts = hexOf(32, parseFactsHash);
const hash = hexOf(32, parseLinkHash);
const reverseSig = hexOf(64, parseSignature);
const count = v.pipe(v.number(), v.safeInteger(), v.minValue(0));

const device = v.strictObject({ agreementKey, facts, id: deviceId, signingKey });
const sibkeyDevice = v.strictObject({ facts, id: deviceId, signingKey });
const subkeyDevice = v.strictObject({ agreementKey, id: deviceId });
const perUserKey = v.strictObject({ agreementKey, generation: v.pipe(count, v.minValue(1)), signingKey });
const firstPerUserKey = v.strictObject({ agreementKey, generation: v.literal(1), signingKey });
const ascending = v.pipe(
  v.array(deviceId),
  v.minLength(1),
  v.maxLength(MAX_REVOKED_AT_ONCE),
  v.check((ids) => ids.every((id, i) => i === 0 || isBelow(ids[i - 1] ?? id, id))),
  v.readonly(),
);

const author = { ctime: count, signer: deviceId, v: v.literal(1) };
const later = { account: accountId, ...author, prev: hash, seqno: count };

/** A whole link of any type. */
export const linkSchema = v.variant('type', [
  v.strictObject({
    ...author,
    body: v.strictObject({ device, puk: firstPerUserKey }),
    seqno: count,
    type: v.literal('eldest'),
  }),
  v.strictObject({
    ...later,
    body: v.strictObject({ device: sibkeyDevice, reverseSig }),
    type: v.literal('sibkey'),
  }),
  v.strictObject({ ...later, body: v.strictObject({ device: subkeyDevice }), type: v.literal('subkey') }),
  v.strictObject({ ...later, body: v.strictObject({ device, reverseSig }), type: v.picklist(['paper', 'host']) }),
  v.strictObject({ ...later, body: v.strictObject({ devices: ascending }), type: v.literal('revoke') }),
  v.strictObject({ ...later, body: v.strictObject({ puk: perUserKey }), type: v.literal('puk') }),
]);

/** The `sibkey` link that a member offers to a device that wants to join: everything but what is the device's to say. */
export const skeletonSchema = v.strictObject({
  ...later,
  body: v.strictObject({ device: v.null(), reverseSig: v.null() }),
  type: v.literal('sibkey'),
});

/** The `host` link that a computer is asked to agree to. */
export const hostSkeletonSchema = v.strictObject({
  ...later,
  body: v.strictObject({ device, reverseSig: v.null() }),
  type: v.literal('host'),
});

/** The types that {@link linkSchema} knows. */
export const linkTypes: readonly string[] = ['eldest', 'sibkey', 'subkey', 'paper', 'host', 'revoke', 'puk'];

function isBelow(a: Uint8Array, b: Uint8Array): boolean {
  const at = a.findIndex((byte, i) => byte !== b[i]);
  return !equal(a, b) && (a[at] ?? 0) < (b[at] ?? 0);
}
