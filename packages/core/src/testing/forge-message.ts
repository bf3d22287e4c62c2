import type { SealedBody } from '@palmkey/envelope';
import { parseSignature } from '@palmkey/envelope';
import { boxKey, encodeCanonical, sealBox, sign, webPrimitives } from '../crypto/index.ts';
import { type DeviceKeys, type PublicDevice, publicDevice } from '../devices/index.ts';
import { type Content, encodeContent } from '../messages/content.ts';
import { encodeOutside, encodePlaintext, joinBody } from '../messages/layout.ts';
import { encodeSignedMap, parseStreamId, type SignedMap } from '../messages/signed-map.ts';
import { fixedBytes } from './fixed-keys.ts';

/** What a forged message has instead of the true thing. */
export interface Forgery {
  readonly map?: (map: SignedMap) => unknown;
  readonly content?: Uint8Array;
  readonly context?: 'message' | 'relay-connect';
  readonly signature?: (bytes: Uint8Array) => Uint8Array;
  readonly plaintext?: (bytes: Uint8Array) => Uint8Array;
}

/** The public half of a device. */
export function publicOf(device: DeviceKeys): PublicDevice {
  return publicDevice(device.signer.publicKey, device.agreement.publicKey);
}

/**
 * A body that the sender's keys really made, valid for a minute from `sent`, wrong in the places that the forgery names.
 * Key, iv and nonces are fixed: the same arguments give the same bytes. Recipients stand as they are given.
 */
export async function forgeMessage(
  sender: DeviceKeys,
  recipients: readonly PublicDevice[],
  sent: number,
  content: Content,
  forgery: Forgery = {},
): Promise<SealedBody> {
  const map: SignedMap = {
    v: 1,
    from: sender.id,
    to: recipients.map(({ id }) => ({ id, n: 1 })),
    stream: parseStreamId(fixedBytes('stream').slice(0, 16)),
    sent,
    expires: sent + 60_000,
    head: null,
    content: forgery.content ?? encodeContent(content),
  };
  const signed = forgery.map ? encodeCanonical(forgery.map(map)) : encodeSignedMap(map);
  const signature = await sign(sender.signer, forgery.context ?? 'message', signed);
  const key = fixedBytes('message key');
  const nonce = fixedBytes('nonce').slice(0, 24);
  const iv = fixedBytes('iv').slice(0, 12);
  const wraps = await Promise.all(
    recipients.map(async ({ id, agreementKey }) => ({
      recipient: id,
      boxed: sealBox(boxKey(await sender.agreement.sharedSecret(agreementKey)), nonce, key),
    })),
  );
  const outside = encodeOutside(sender.id, wraps);
  const whole = encodePlaintext(signed, parseSignature(forgery.signature?.(signature) ?? signature));
  const plaintext = forgery.plaintext?.(whole) ?? whole;
  return joinBody(outside, iv, await webPrimitives.aesGcmSeal(key, iv, plaintext, outside));
}
