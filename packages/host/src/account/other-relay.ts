/**
 * The way to another relay (spec/account.md, "Another relay"): it lets this computer in, and shows the account's chain.
 */
import type { ChainState, Head } from '@palmkey/chain';
import { type CaughtUp, ChainFollower, type ToldHead } from '@palmkey/core/account';
import { equal } from '@palmkey/envelope';
import type { RelayClient } from '@palmkey/relay-client';
import type { Clock } from '../clock.ts';
import { ControlError } from '../control/control-error.ts';
import type { AccountFile } from '../state/account-file.ts';
import type { HostAccountOptions } from './host-account-options.ts';
import type { Joined } from './joining.ts';
import type { RelayChains } from './relay-chains.ts';
import { WaitingSaves } from './waiting-saves.ts';

/** How long a relay to which the account is said to have moved may take to let this computer in. */
const admitsWithinMs = 10_000;

/** Where the account is to be looked for; `head`: what has to be on its chain there, null where nobody has said that. */
export interface MoveTarget {
  readonly relay: string;
  /** The number of the move. */
  readonly n: number;
  readonly head: Head | null;
}

/**
 * Resolves once a relay has let this computer in.
 * @throws ControlError `move-unreachable` where it does not in time, or the signal aborts
 */
export async function admittedBy(
  client: Pick<RelayClient, 'connected'>,
  relay: string,
  clock: Clock,
  signal: AbortSignal,
): Promise<void> {
  const late = new AbortController();
  const cancel = clock.after(admitsWithinMs, () => late.abort());
  try {
    await client.connected(AbortSignal.any([signal, late.signal]));
  } catch (cause) {
    throw new ControlError('move-unreachable', { relay }, { cause });
  } finally {
    cancel();
  }
}

export interface GoingDeps extends Pick<HostAccountOptions, 'dialled' | 'lineTo'> {
  readonly file: AccountFile;
  readonly chains: RelayChains;
  readonly signal: AbortSignal;
}

/**
 * Looks at the relay of a move, and keeps that the account is there if the chain is: the one that is kept, or one that
 * goes on from it, with the head that the move names and those that other devices have `told`.
 * @throws ControlError `move-unreachable` where it gives nothing, `move-refused` for another chain, one that lacks a
 * head, or where a later move was told meanwhile; FollowError `cancelled`; StateError `not-writable`
 */
export async function goThere(
  { file, chains, dialled, lineTo, signal }: GoingDeps,
  target: MoveTarget,
  told: readonly ToldHead[],
): Promise<Joined> {
  const { chain } = file;
  if (chain === null) throw new ControlError('not-in-account');
  const { relay, n } = target;
  const saves = new WaitingSaves({ pin: chain.pin, signed: chain.signed });
  const deps = chains.follow({ ...chain, relay }, (links, note) => saves.save(links, note));
  const follower = await ChainFollower.open(deps, chain);
  const state = await lookThere(follower, target, told, signal);
  if ((file.moved?.n ?? 0) > n) throw refusal(relay, 'not-newer');
  // A device has one connection to a relay: the former one has ended where both addresses lead to the same.
  const former = lineTo(dialled(chain.relay))?.state;
  const isSame = former?.is === 'refused' && former.code === 'replaced';
  file.move(relay, { n, from: chain.relay, isSame }, saves.links, saves.note);
  saves.passTo((links, note) => file.add(links, note));
  return { follower, state };
}

async function lookThere(
  follower: ChainFollower,
  { relay, head }: MoveTarget,
  told: readonly ToldHead[],
  signal: AbortSignal,
): Promise<ChainState> {
  let state = stateOf(await follower.catchUp(signal), relay);
  // What devices have told against the chain is not forgotten by going elsewhere.
  for (const each of told) state = stateOf(await follower.meet(each.head, each.by, signal), relay);
  if (head === null) return state;
  const there = state.hashAt(head.seqno);
  if (there === undefined) throw refusal(relay, 'rolled-back');
  if (!equal(there, head.hash)) throw refusal(relay, 'forked');
  return state;
}

function stateOf(caught: CaughtUp, relay: string): ChainState {
  switch (caught.is) {
    case 'current':
    case 'advanced':
    case 'relay-behind':
      return caught.state;
    case 'no-chain':
    case 'withheld':
      throw refusal(relay, 'rolled-back');
    case 'refused':
      throw refusal(relay, caught.code);
    case 'unreachable':
      throw new ControlError('move-unreachable', { relay }, { cause: caught.cause });
  }
}

function refusal(relay: string, reason: string): ControlError {
  return new ControlError('move-refused', { relay, reason });
}
