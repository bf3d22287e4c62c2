/** The chain of this computer's account as another relay shows it. */
import type { ChainState, Head, SignedLink } from '@palmkey/chain';
import { ChainFollower, type ChainNote, type FollowerDeps } from '@palmkey/core/account';
import { equal } from '@palmkey/envelope';
import { ControlError } from '../control/control-error.ts';
import type { KeptAccount } from '../state/account-file.ts';

/** Where the account is to be looked for; `head`: what has to be on its chain there, null where nobody has said that. */
export interface MoveTarget {
  readonly relay: string;
  /** The number of the move. */
  readonly n: number;
  readonly head: Head | null;
}

/** A chain that may be followed at that relay, and what it has beyond the one that is kept. */
export interface FoundThere {
  readonly follower: ChainFollower;
  readonly state: ChainState;
  readonly links: readonly SignedLink[];
  readonly note: ChainNote;
}

type Save = (links: readonly SignedLink[], note: ChainNote) => void;

/**
 * Looks at the relay that `deps` asks. What the follower saves meanwhile is in the answer; what it saves later goes to
 * `save`.
 * @throws ControlError `move-unreachable` where it gives nothing, `move-refused` where the chain is not the one that is kept, or
 * lacks the head
 */
export async function lookThere(
  deps: (save: Save) => FollowerDeps,
  { relay, head }: MoveTarget,
  chain: KeptAccount,
  save: Save,
  signal: AbortSignal,
): Promise<FoundThere> {
  let links: readonly SignedLink[] = [];
  let note: ChainNote = { pin: chain.pin, signed: chain.signed };
  let isFound = false;
  const collect: Save = (added, next) => {
    if (isFound) return save(added, next);
    links = [...links, ...added];
    note = next;
  };
  const follower = await ChainFollower.open(deps(collect), chain);
  const caught = await follower.catchUp(signal);
  if (caught.is === 'unreachable') throw new ControlError('move-unreachable', { relay }, { cause: caught.cause });
  if (caught.is === 'withheld') throw new ControlError('move-refused', { relay, reason: 'rolled-back' });
  if (caught.is === 'refused') throw new ControlError('move-refused', { relay, reason: caught.code });
  const { state } = caught;
  const told = head === null ? undefined : state?.hashAt(head.seqno);
  if (state === null || (head !== null && told === undefined)) {
    throw new ControlError('move-refused', { relay, reason: 'rolled-back' });
  }
  if (head !== null && told !== undefined && !equal(told, head.hash)) {
    throw new ControlError('move-refused', { relay, reason: 'forked' });
  }
  isFound = true;
  return { follower, state, links, note };
}
