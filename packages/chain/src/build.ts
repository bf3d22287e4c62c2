/** Links as their makers need them. No private key is here: signing is the caller's. */
import { equal, parseAccountId, signedBytes } from '@palmkey/envelope';
import * as v from 'valibot';
import { ChainFormatError } from './errors.ts';
import {
  ACCOUNT_ID_BYTES,
  type EldestLink,
  type LaterLink,
  type Link,
  type LinkAuthor,
  type LinkContent,
  type LinkDevice,
  type LinkPlace,
  MAX_LINK_BYTES,
  parseLinkHash,
  type PerUserKey,
  type SignedLink,
} from './link.ts';
import { canonicalJson, parseAscii, parseLink } from './link-json.ts';
import { hostSkeletonSchema, skeletonSchema } from './link-schema.ts';
import type { LinkSigner, Sha256 } from './ports.ts';
import type { ChainState } from './state.ts';

/** Where the next link of a chain stands. */
export function placeAfter({ account, head }: ChainState): LinkPlace {
  return { account, prev: head.hash, seqno: head.seqno + 1 };
}

/** Where the link after this one stands: for links that are posted together. Throws RangeError if it is no link. */
export function placeFollowing(sha256: Sha256, { json }: Pick<SignedLink, 'json'>): LinkPlace {
  const parsed = parseLink(json);
  if (parsed.is === 'refused') throw new RangeError('nothing follows what is no link');
  const { link } = parsed;
  const prev = parseLinkHash(sha256(json));
  const account = link.type === 'eldest' ? parseAccountId(prev.slice(0, ACCOUNT_ID_BYTES)) : link.account;
  return { account, prev, seqno: link.seqno + 1 };
}

/** The link that begins an account, by its first device itself. Of `puk`, which may have a seed, it takes the keys alone. */
export function eldestLink(ctime: number, device: LinkDevice, puk: Omit<PerUserKey, 'generation'>): EldestLink {
  const { agreementKey, signingKey } = puk;
  const body = { device, puk: { agreementKey, generation: 1, signingKey } };
  return { body, ctime, seqno: 1, signer: device.id, type: 'eldest', v: 1 };
}

/** Any other link. What adds a device comes from `consent`. */
export function laterLink(place: LinkPlace, { ctime, signer }: LinkAuthor, content: LinkContent): LaterLink {
  const { account, prev, seqno } = place;
  return { account, ctime, prev, seqno, signer, v: 1, ...content };
}

/** The bytes of a link that are hashed, signed, kept and sent. */
export function linkJson(link: Link): Uint8Array<ArrayBuffer> {
  return canonicalJson(link);
}

/** Signs a link as its author: Ed25519 with context `account-link` over its JSON. */
export async function signLink(signer: LinkSigner, link: Link): Promise<SignedLink> {
  const json = linkJson(link);
  return { json, signature: await signer.sign(signedBytes('account-link', json)) };
}

/** What a member offers to a device that wants to join: a `sibkey` link in which `device` and `reverseSig` are null. */
export function sibkeySkeleton({ account, prev, seqno }: LinkPlace, { ctime, signer }: LinkAuthor): Uint8Array {
  const body = { device: null, reverseSig: null };
  return canonicalJson({ account, body, ctime, prev, seqno, signer, type: 'sibkey', v: 1 });
}

/** Where a link that somebody asks consent to stands, and whose it is. */
export interface Offer {
  readonly place: LinkPlace;
  readonly author: LinkAuthor;
}

/** Reads such an offer. Throws {@link ChainFormatError} for anything else. */
export function parseSibkeySkeleton(json: Uint8Array): Offer {
  return offerOf(readSkeleton(skeletonSchema, json));
}

/** What a member asks a computer's consent to: the `host` link that adds it, in which `reverseSig` is null. */
export function hostSkeleton(
  { account, prev, seqno }: LinkPlace,
  { ctime, signer }: LinkAuthor,
  device: LinkDevice,
): Uint8Array<ArrayBuffer> {
  const body = { device, reverseSig: null };
  return canonicalJson({ account, body, ctime, prev, seqno, signer, type: 'host', v: 1 });
}

/** Reads such a link. Throws {@link ChainFormatError} for anything else. */
export function parseHostSkeleton(json: Uint8Array): Offer & { readonly device: LinkDevice } {
  const skeleton = readSkeleton(hostSkeletonSchema, json);
  return { ...offerOf(skeleton), device: skeleton.body.device };
}

function readSkeleton<S extends v.GenericSchema>(schema: S, json: Uint8Array): v.InferOutput<S> {
  const value = json.length > MAX_LINK_BYTES ? undefined : parseAscii(json);
  const parsed = v.safeParse(schema, value, { abortEarly: true, abortPipeEarly: true });
  if (!parsed.success || !equal(canonicalJson(parsed.output), json)) {
    throw new ChainFormatError('no skeleton of a link');
  }
  return parsed.output;
}

function offerOf({ account, prev, seqno, ctime, signer }: LinkPlace & LinkAuthor): Offer {
  return { place: { account, prev, seqno }, author: { ctime, signer } };
}
