import {
  ChainError,
  type ChainState,
  type ConsentedLink,
  decodeLinks,
  laterLink,
  linkJson,
  placeFollowing,
  replay,
  type SignedLink,
  signLink,
} from '@palmkey/chain';
import { equal } from '@palmkey/envelope';
import {
  importPerUserKeys,
  type PassphraseStream,
  type PerUserBox,
  type PerUserKey,
  PerUserKeyError,
  perUserKeysOnChain,
  type PreviousSeed,
  type SaltedFacts,
} from '../account/index.ts';
import { OpenError, type Primitives, sha256 } from '../crypto/index.ts';
import type { DeviceKeys } from '../devices/index.ts';
import { openPassphraseStream } from './passphrase-box.ts';
import { ProvisioningError, type ProvisioningStep } from './way-errors.ts';
import type { ChainSource, Joined } from './way-ports.ts';
import type { Countersigned } from './wire.ts';

/** What Y checks with. */
interface Checking {
  readonly primitives: Primitives;
  readonly device: DeviceKeys;
  readonly chain: ChainSource;
}

/** What Y has found to be so, and has signed. */
interface Signed {
  readonly state: ChainState;
  readonly newSession: Uint8Array;
  readonly link: ConsentedLink;
  readonly facts: SaltedFacts;
}

/**
 * Takes what X has signed for what Y has signed, and nothing else, and opens what came with it (spec/provisioning.md, "The
 * way", 6). Throws {@link ProvisioningError}; nothing of it is to be kept then.
 */
export async function takeCountersigned(
  checking: Checking,
  { state, newSession, link, facts }: Signed,
  countersigned: Countersigned,
  signal: AbortSignal,
): Promise<Joined> {
  const { primitives, device } = checking;
  const { agreement, id, signer } = device;
  const sibkey = countersignedLink(countersigned, link);
  const subkey = laterLink(
    placeFollowing(sha256, sibkey),
    { ctime: link.ctime, signer: id },
    { type: 'subkey', body: { device: { agreementKey: agreement.publicKey, id } } },
  );
  const { box: boxed, ...head } = countersigned.pukBox;
  const box = { ...head, boxed };
  // The two links change nothing about the per-user keys, which are opened while these are checked.
  const opening = openKeys(checking, { state, newSession, box }, signal);
  opening.catch(() => undefined);
  const links = [sibkey, await signLink(signer, subkey)];
  const after = await replayAt('joining', 'bad-countersignature', primitives, links, state);
  const perUserKeys = await opening;
  const passphraseStream = await openStream(agreement, countersigned.ppsEncrypted);
  const post = { account: state.account, newSession, prev: state.head, links, box };
  return { post, state: after, facts, perUserKeys, passphraseStream };
}

/** Replays links; throws {@link ProvisioningError} with this code where they are refused, the reason as its cause. */
export async function replayAt(
  step: ProvisioningStep,
  code: 'bad-chain' | 'bad-countersignature',
  primitives: Primitives,
  links: readonly SignedLink[],
  from: ChainState | null,
): Promise<ChainState> {
  try {
    return await replay({ ...primitives, sha256 }, links, from);
  } catch (cause) {
    if (cause instanceof ChainError) throw new ProvisioningError(code, step, { cause });
    throw cause;
  }
}

function countersignedLink({ sibkeySigBodyCounterSigned }: Countersigned, link: ConsentedLink): SignedLink {
  let links: readonly SignedLink[];
  try {
    links = decodeLinks(sibkeySigBodyCounterSigned);
  } catch (cause) {
    if (cause instanceof ChainError) throw new ProvisioningError('bad-message', 'joining', { cause });
    throw cause;
  }
  const [sibkey, ...more] = links;
  if (sibkey && more.length === 0 && equal(sibkey.json, linkJson(link))) return sibkey;
  throw new ProvisioningError('bad-countersignature', 'joining');
}

async function previousSeeds(
  chain: ChainSource,
  { account, perUserKey }: ChainState,
  newSession: Uint8Array,
  signal: AbortSignal,
): Promise<readonly PreviousSeed[]> {
  if (perUserKey.generation === 1) return [];
  try {
    return await chain.previousSeeds(account, newSession, signal);
  } catch (cause) {
    throw new ProvisioningError('no-chain', 'joining', { cause });
  }
}

/** All generations, from the box of the latest and the seeds that the relay keeps. */
async function openKeys(
  { primitives, device, chain }: Checking,
  { state, newSession, box }: Pick<Signed, 'state' | 'newSession'> & { readonly box: PerUserBox },
  signal: AbortSignal,
): Promise<readonly PerUserKey[]> {
  const seeds = await previousSeeds(chain, state, newSession, signal);
  try {
    return await importPerUserKeys(primitives, device, perUserKeysOnChain(state), box, seeds);
  } catch (cause) {
    if (cause instanceof PerUserKeyError) throw new ProvisioningError('wrong-per-user-key', 'joining', { cause });
    throw cause;
  }
}

async function openStream(
  agreement: DeviceKeys['agreement'],
  sealed: Uint8Array | null,
): Promise<PassphraseStream | null> {
  if (sealed === null) return null;
  try {
    return await openPassphraseStream(agreement, sealed);
  } catch (cause) {
    if (cause instanceof OpenError) throw new ProvisioningError('wrong-passphrase-stream', 'joining', { cause });
    throw cause;
  }
}
