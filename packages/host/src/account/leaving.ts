import { type ChainState, decodeLinks, encodeLinks, placeAfter, replay, type SignedLink } from '@palmkey/chain';
import { type ChainAct, type ChainFollower, leaveAccount } from '@palmkey/core/account';
import { type Primitives, sha256 } from '@palmkey/core/crypto';
import type { DeviceKeys } from '@palmkey/core/devices';
import type { AccountFile } from '../state/account-file.ts';

interface LeavingDeps {
  readonly primitives: Primitives;
  readonly device: DeviceKeys;
  readonly file: AccountFile;
  readonly follower: ChainFollower;
  /** Ms since 1970 UTC. */
  readonly now: number;
}

type Leaving = Omit<ChainAct, 'after'>;

/**
 * What takes this computer out of the account, kept before it is given out: the one link that was signed for this place,
 * if its post came to nothing before, since a second would be another history.
 * @throws FollowError `already-signed`, `not-kept`; StateError
 */
export async function leavingAct(
  { primitives, device, file, follower, now }: LeavingDeps,
  state: ChainState,
): Promise<Leaving> {
  const before = file.leaving === null ? [] : decodeLinks(file.leaving);
  if (await takesOut(before)) return { prev: state.head, links: before, boxes: [], seeds: [] };
  const act = await leaveAccount({ primitives, device, ctime: now }, state);
  await follower.reserve(placeAfter(state));
  file.leave(encodeLinks(act.links));
  return act;

  function takesOut(links: readonly SignedLink[]): Promise<boolean> {
    return replay({ ...primitives, sha256 }, links, state).then(
      (after) => after.standingOf(device.id) === 'revoked',
      () => false,
    );
  }
}
