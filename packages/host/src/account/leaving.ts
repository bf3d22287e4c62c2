/** This computer's way out of its account: one link by itself, which is kept until it is known what became of it. */
import { type ChainState, decodeLinks, encodeLinks, placeAfter, replay, type SignedLink } from '@palmkey/chain';
import { type ChainAct, type ChainFollower, chainPost, leaveAccount } from '@palmkey/core/account';
import { type Primitives, sha256 } from '@palmkey/core/crypto';
import type { DeviceKeys } from '@palmkey/core/devices';
import { type RelayClient, RelayClientError } from '@palmkey/relay-client';
import type { AccountFile } from '../state/account-file.ts';

export interface LeavingDeps {
  readonly primitives: Primitives;
  readonly device: DeviceKeys;
  readonly file: AccountFile;
  readonly follower: ChainFollower;
  /** Ms since 1970 UTC. */
  readonly now: number;
}

type Leaving = Omit<ChainAct, 'after'>;

/**
 * Posts what takes this computer out of the account. `unknown`: the connection ended before the answer, and the chain
 * has to be asked.
 * @throws FollowError `already-signed`, `not-kept`; RelayError; StateError
 */
export async function postLeaving(
  deps: LeavingDeps,
  client: RelayClient,
  state: ChainState,
): Promise<'left' | 'unknown'> {
  const act = await leavingAct(deps, state);
  try {
    await client.chain.post(chainPost(act));
  } catch (error) {
    if (error instanceof RelayClientError) return 'unknown';
    throw error;
  }
  await deps.follower.take(act.links);
  return 'left';
}

/**
 * What takes this computer out of the account, kept before it is given out: the one link that was signed for this place,
 * if its post came to nothing before, since a second would be another history.
 */
async function leavingAct(
  { primitives, device, file, follower, now }: LeavingDeps,
  state: ChainState,
): Promise<Leaving> {
  const before = file.leaving === null ? [] : decodeLinks(file.leaving);
  if (await takesOut(before)) return { prev: state.head, links: before, boxes: [], seeds: [] };
  const act = await leaveAccount({ primitives, device, ctime: now }, state);
  // In this order: a place that is reserved for a link which was not kept is barred to every other.
  file.leave(encodeLinks(act.links));
  await follower.reserve(placeAfter(state));
  return act;

  function takesOut(links: readonly SignedLink[]): Promise<boolean> {
    return replay({ ...primitives, sha256 }, links, state).then(
      (after) => after.standingOf(device.id) === 'revoked',
      () => false,
    );
  }
}
