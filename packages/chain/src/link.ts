import type { AccountId, AgreementPublicKey, Brand, DeviceId, Signature, SigningPublicKey } from '@palmkey/envelope';
import { BytesError } from '@palmkey/envelope';

/** The longest JSON of a link, bytes. */
export const MAX_LINK_BYTES = 4096;
/** The most links of a chain. */
export const MAX_CHAIN_LINKS = 10_000;
/** The most devices that one `revoke` ends. */
export const MAX_REVOKED_AT_ONCE = 32;
/** The most active devices of an account. */
export const MAX_ACTIVE_DEVICES = 256;
/** The most active members of an account, its paper key among them. */
export const MAX_ACTIVE_MEMBERS = 32;

/** How many bytes of the eldest link's hash are the account id. */
export const ACCOUNT_ID_BYTES = 16;

/** 32 bytes: the SHA-256 of a link's JSON. */
export type LinkHash = Brand<Uint8Array, 'LinkHash'>;
/** 32 bytes that commit to a device's name and kind (spec/account.md, "Facts of a device"). */
export type FactsHash = Brand<Uint8Array, 'FactsHash'>;

/** A device as a link names it: both keys, the id that commits to them, and the hash of its facts. */
export interface LinkDevice {
  readonly agreementKey: AgreementPublicKey;
  readonly facts: FactsHash;
  readonly id: DeviceId;
  readonly signingKey: SigningPublicKey;
}

/** The public half of one generation of the per-user key. */
export interface PerUserKey {
  readonly agreementKey: AgreementPublicKey;
  /** From 1. */
  readonly generation: number;
  readonly signingKey: SigningPublicKey;
}

/** The first link: the account begins with its first member. */
export interface Eldest {
  readonly type: 'eldest';
  readonly body: { readonly device: LinkDevice; readonly puk: PerUserKey };
}

/** Adds a member, which gets its agreement key from the `subkey` that follows. */
export interface Sibkey {
  readonly type: 'sibkey';
  readonly body: { readonly device: Omit<LinkDevice, 'agreementKey'>; readonly reverseSig: Signature };
}

/** The agreement key of the member that the link before has added. */
export interface Subkey {
  readonly type: 'subkey';
  readonly body: { readonly device: Pick<LinkDevice, 'agreementKey' | 'id'> };
}

/** Adds the paper key, or a device that asks. */
export interface Whole {
  readonly type: 'paper' | 'host';
  readonly body: { readonly device: LinkDevice; readonly reverseSig: Signature };
}

/** Ends devices: ascending ids, 1 to {@link MAX_REVOKED_AT_ONCE}. */
export interface Revoke {
  readonly type: 'revoke';
  readonly body: { readonly devices: readonly DeviceId[] };
}

/** The next generation of the per-user key. */
export interface Puk {
  readonly type: 'puk';
  readonly body: { readonly puk: PerUserKey };
}

/** What a link of each type but the first says. */
export type LinkContent = Sibkey | Subkey | Whole | Revoke | Puk;

/** Who made a link, and when by its clock. */
export interface LinkAuthor {
  /** ms; for people, nothing is decided by it. */
  readonly ctime: number;
  readonly signer: DeviceId;
}

/** Where a link stands in its chain. */
export interface LinkPlace {
  readonly account: AccountId;
  readonly prev: LinkHash;
  readonly seqno: number;
}

/** The first link of a chain. */
export type EldestLink = Eldest & LinkAuthor & { readonly seqno: number; readonly v: 1 };
/** Any other link of a chain. */
export type LaterLink = LinkContent & LinkAuthor & LinkPlace & { readonly v: 1 };
/** A link that adds a device by that device's own consent. */
export type ConsentedLink = (Sibkey | Whole) & LinkAuthor & LinkPlace & { readonly v: 1 };
/** A link, taken apart (spec/account.md, "A link"); signatures and everything that needs the chain are judged by replay. */
export type Link = EldestLink | LaterLink;

/** A link as it is stored and sent: the exact bytes that were signed, and the signature over them. */
export interface SignedLink {
  readonly json: Uint8Array;
  readonly signature: Signature;
}

/** Takes 32 bytes as a {@link LinkHash}; throws `BytesError` on another length. */
export function parseLinkHash(bytes: Uint8Array): LinkHash {
  return ofHashLength(bytes) as LinkHash;
}

/** Takes 32 bytes as a {@link FactsHash}; throws `BytesError` on another length. */
export function parseFactsHash(bytes: Uint8Array): FactsHash {
  return ofHashLength(bytes) as FactsHash;
}

function ofHashLength(bytes: Uint8Array): Uint8Array {
  if (bytes.length !== 32) throw new BytesError(`a hash has 32 bytes, not ${bytes.length}`);
  return bytes;
}
