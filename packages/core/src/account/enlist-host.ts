import {
  ChainFormatError,
  type ChainState,
  type ConsentedLink,
  hostSkeleton,
  isConsented,
  isMember,
  type LinkDevice,
  parseHostSkeleton,
  placeAfter,
  replay,
  signLink,
} from '@palmkey/chain';
import { type AccountId, type DeviceId, equal, type Signature, signedBytes } from '@palmkey/envelope';
import { sha256 } from '../crypto/index.ts';
import type { DeviceKeys, PublicDevice } from '../devices/index.ts';
import { type Actor, type ChainAct, expectFreeName, linkDevice } from './act.ts';
import { type DeviceFacts, newSaltedFacts, type SaltedFacts } from './device-facts.ts';
import { EnlistError } from './errors.ts';

/** A `host` link that waits for the computer's consent. */
export interface HostOffer {
  readonly account: AccountId;
  /** Its JSON with `reverseSig` null: what the computer is shown. */
  readonly link: Uint8Array<ArrayBuffer>;
  readonly facts: SaltedFacts;
}

/**
 * Begins to add a computer: makes the link that it is to agree to, at the end of the chain. Throws `DeviceFactsError` for
 * a name that may not be used or, of `names`, is taken.
 */
export function offerHost(
  { primitives, device, ctime }: Actor,
  state: ChainState,
  computer: PublicDevice,
  name: string,
  names: readonly string[],
): HostOffer {
  expectFreeName(name, names);
  const named: DeviceFacts = { kind: 'computer', name };
  const facts = newSaltedFacts(primitives, named);
  const author = { ctime, signer: device.id };
  return {
    account: state.account,
    link: hostSkeleton(placeAfter(state), author, linkDevice(computer, facts)),
    facts,
  };
}

/** What a computer knows when it is asked whether it agrees. */
export interface AskedHost {
  readonly device: DeviceKeys;
  /** Who asks: a device that decides here. */
  readonly sender: DeviceId;
  /** The account of which it asks. */
  readonly account: AccountId;
  /** The chain as this computer has replayed it; null where its relay has none of this account yet. */
  readonly state: ChainState | null;
}

/**
 * The computer's side: signs a link that adds it, if that is by the very device that asks, for the computer's own keys,
 * and at the end of the chain. Rejects with {@link EnlistError}: nothing is signed then.
 */
export async function consentToHost(asked: AskedHost, link: Uint8Array): Promise<Signature> {
  const { device, sender, account, state } = asked;
  const { place, author, device: added } = readOffer(link);
  if (!equal(place.account, account)) throw new EnlistError('other-account');
  if (!equal(author.signer, sender)) throw new EnlistError('other-signer');
  if (!isSelf(added, device)) throw new EnlistError('other-device');
  if (state !== null) {
    const signer = state.find(sender);
    const next = placeAfter(state);
    if (!equal(state.account, account)) throw new EnlistError('other-account');
    if (!signer || !isMember(signer)) throw new EnlistError('not-a-member');
    if (place.seqno !== next.seqno || !equal(place.prev, next.prev)) throw new EnlistError('wrong-place');
  }
  return device.signer.sign(signedBytes('account-device', link));
}

/**
 * The member's side, after the answer: puts the consent into its own link, checks it and signs. Rejects with
 * {@link EnlistError} `bad-consent` where it is none, `wrong-place` where the chain has gone on meanwhile, and with
 * `ChainError` where the chain's rules refuse the link.
 */
export async function enlistHost(
  { primitives, device }: Pick<Actor, 'primitives' | 'device'>,
  state: ChainState,
  { link }: Pick<HostOffer, 'link'>,
  reverseSig: Signature,
): Promise<ChainAct> {
  const { place, author, device: added } = readOffer(link);
  const next = placeAfter(state);
  if (place.seqno !== next.seqno || !equal(place.prev, next.prev)) throw new EnlistError('wrong-place');
  const consented: ConsentedLink = { ...place, ...author, v: 1, type: 'host', body: { device: added, reverseSig } };
  if (!(await isConsented(primitives, consented))) throw new EnlistError('bad-consent');
  const links = [await signLink(device.signer, consented)];
  const after = await replay({ ...primitives, sha256 }, links, state);
  return { prev: state.head, links, boxes: [], seeds: [], after };
}

function readOffer(link: Uint8Array): ReturnType<typeof parseHostSkeleton> {
  try {
    return parseHostSkeleton(link);
  } catch (cause) {
    if (cause instanceof ChainFormatError) throw new EnlistError('bad-format', { cause });
    throw cause;
  }
}

function isSelf({ agreementKey, id, signingKey }: LinkDevice, { id: own, signer, agreement }: DeviceKeys): boolean {
  return equal(id, own) && equal(signingKey, signer.publicKey) && equal(agreementKey, agreement.publicKey);
}
