import {
  ascii,
  isWellFormedSignature,
  type Signature,
  signedBytes,
  type SigningPublicKey,
  toHex,
} from '@palmkey/envelope';
import type { ConsentedLink, LinkAuthor, LinkDevice, LinkPlace, Sibkey } from './link.ts';
import { canonicalJson } from './link-json.ts';
import type { ChainPrimitives, LinkSigner } from './ports.ts';

/** What a link adds, before the new device has agreed. */
export type Addition =
  | { readonly type: 'sibkey'; readonly device: Sibkey['body']['device'] }
  | { readonly type: 'paper' | 'host'; readonly device: LinkDevice };

/** A check of one signature: what is asked of `verify`. */
export interface SignatureCheck {
  readonly publicKey: SigningPublicKey;
  readonly message: Uint8Array;
  readonly signature: Signature;
}

/** The new device agrees to be added by this link: signs it with `reverseSig` null, and puts the signature in. */
export async function consent(
  newDevice: LinkSigner,
  place: LinkPlace,
  { ctime, signer }: LinkAuthor,
  addition: Addition,
): Promise<ConsentedLink> {
  const { type, device } = addition;
  const { account, prev, seqno } = place;
  const base = { account, ctime, prev, seqno, signer, v: 1 } as const;
  const unsigned = { ...base, type, body: { device } };
  const reverseSig = await newDevice.sign(consentBytes(unsigned));
  return addition.type === 'sibkey'
    ? { ...base, type: addition.type, body: { device: addition.device, reverseSig } }
    : { ...base, type: addition.type, body: { device: addition.device, reverseSig } };
}

/** Whether the device that a link adds has agreed to this very link. */
export async function isConsented(primitives: Pick<ChainPrimitives, 'verify'>, link: ConsentedLink): Promise<boolean> {
  return holds(primitives, consentCheck(link));
}

/** The check of a link's `reverseSig`. */
export function consentCheck(link: ConsentedLink): SignatureCheck {
  const { device, reverseSig } = link.body;
  return { publicKey: device.signingKey, message: consentBytes(link), signature: reverseSig };
}

/** The same for a link of which this is the text, as {@link parseLink} has taken it: nothing is written again. */
export function consentCheckIn(text: string, link: ConsentedLink): SignatureCheck {
  const { device, reverseSig } = link.body;
  // No other value of a link has 128 digits, and a canonical text has each in one spelling.
  const [before = '', after = ''] = text.split(`"${toHex(reverseSig)}"`);
  const message = signedBytes('account-device', ascii(`${before}null${after}`));
  return { publicKey: device.signingKey, message, signature: reverseSig };
}

/** Whether a signature is of the one form that everybody judges alike, and verifies. */
export async function holds(
  primitives: Pick<ChainPrimitives, 'verify'>,
  { publicKey, message, signature }: SignatureCheck,
): Promise<boolean> {
  return isWellFormedSignature(publicKey, signature) && (await primitives.verify(publicKey, message, signature));
}

function consentBytes(link: LinkPlace & LinkAuthor & { readonly body: { readonly device: unknown } }): Uint8Array {
  return signedBytes('account-device', canonicalJson({ ...link, body: { ...link.body, reverseSig: null } }));
}
