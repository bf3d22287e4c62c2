/**
 * This computer's way into an account (spec/account.md, "A computer joins"): it agrees, and follows once it is on the
 * chain.
 */
import type { ChainState } from '@palmkey/chain';
import { ChainFollower, consentToHost, EnlistError } from '@palmkey/core/account';
import { sha256 } from '@palmkey/core/crypto';
import type { DeviceKeys } from '@palmkey/core/devices';
import type { Content } from '@palmkey/core/messages';
import { equal } from '@palmkey/envelope';
import type { RelayClient } from '@palmkey/relay-client';
import type { AccountFile, AccountPlace } from '../state/account-file.ts';
import type { Pairing } from '../state/pairing-store.ts';
import type { RelayChains } from './relay-chains.ts';
import { WaitingSaves } from './waiting-saves.ts';

export interface JoiningDeps {
  readonly device: DeviceKeys;
  readonly file: AccountFile;
  readonly chains: RelayChains;
  readonly signal: AbortSignal;
}

type Enlist = Extract<Content, { kind: 'enlist' }>;
type Consent = Extract<Content, { kind: 'consent' }>;

/**
 * The answer to a phone that wants to add this computer to its account, null where none is due: what does not follow
 * the chain is asked anew by a phone that has caught up. `own`: the chain that this computer is, or was, on. Rejects
 * where the relay does not give the chain.
 * @throws StateError `not-writable`
 */
export async function consentTo(
  { device, file, chains, signal }: JoiningDeps,
  own: ChainState | null,
  { peer, by, relay }: Pick<Pairing, 'peer' | 'by' | 'relay'>,
  { account, link }: Pick<Enlist, 'account' | 'link'>,
): Promise<Consent | null> {
  const answer = (reverseSig: Consent['reverseSig']): Consent => ({ kind: 'consent', link: sha256(link), reverseSig });
  if (own?.standingOf(device.id) === 'active') return equal(own.account, account) ? null : answer(null);
  // It was taken out of this one, and these keys do not come back.
  if (own !== null && equal(own.account, account)) return answer(null);
  const state = await chains.shown({ account, relay }, signal);
  if (state === null && by !== 'pairing') return null;
  try {
    const reverseSig = await consentToHost({ device, sender: peer.id, account, state }, link);
    file.consent({ account, relay });
    return answer(reverseSig);
  } catch (error) {
    if (error instanceof EnlistError) return error.code === 'wrong-place' ? null : answer(null);
    throw error;
  }
}

/** An account's chain that this computer follows from now on. */
export interface Joined {
  readonly follower: ChainFollower;
  readonly state: ChainState;
}

/**
 * Follows an account that this computer has agreed to, once its relay says that it is on it and the chain does; null
 * where it is on none of `agreed`. The file has the chain when it resolves.
 * @throws StateError `not-writable`; RelayError and RelayClientError where the relay cannot be asked
 */
export async function joinAgreed(
  { device, file, chains, signal }: JoiningDeps,
  client: RelayClient,
  agreed: readonly AccountPlace[],
): Promise<Joined | null> {
  const told = await client.chain.ask();
  const place = told && agreed.find(({ account }) => equal(account, told.account));
  if (!place) return null;
  const saves = new WaitingSaves({ pin: null, signed: null });
  const deps = chains.follow(place, (links, note) => saves.save(links, note));
  const follower = await ChainFollower.open(deps, null);
  const caught = await follower.catchUp(signal);
  const isOnIt = caught.is === 'advanced' && caught.state.find(device.id)?.kind === 'host';
  if (!isOnIt) return null;
  file.begin({ ...place, ...saves.note, links: saves.links });
  saves.passTo((links, note) => file.add(links, note));
  return { follower, state: caught.state };
}
