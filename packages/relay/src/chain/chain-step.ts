/** What a post to a chain changes besides its links, and what has to come with it (spec/account.md, "At the relay"). */
import { isMember, type ChainDevice, type ChainState, type RevokedDevice } from '@palmkey/chain';
import { toHex, type ChainBoxHead } from '@palmkey/envelope';

/** A chain before and after a post; before is null where the post begins it. */
export interface ChainStep {
  readonly before: ChainState | null;
  readonly after: ChainState;
}

/** The devices that are active by the post. */
export function joined({ before, after }: ChainStep): readonly ChainDevice[] {
  const seqno = before?.head.seqno ?? 0;
  return after.active.filter(({ added }) => added.seqno > seqno);
}

/** The devices that are revoked by the post; some may not have been there before it. */
export function ended({ before, after }: ChainStep): readonly RevokedDevice[] {
  const seqno = before?.head.seqno ?? 0;
  return after.revoked.filter(({ revoked }) => revoked.seqno > seqno);
}

/** Whether the post has a new generation of the per-user key: then all boxes are new. */
export function renewsKey({ before, after }: ChainStep): boolean {
  return after.perUserKey.generation > (before?.perUserKey.generation ?? 0);
}

/**
 * Whether these are the boxes and previous seeds that the post needs, no more and no less: of the latest generation one
 * box for each member where that generation is new, else for each member that is; a seed for each generation that is new,
 * from 2 on.
 */
export function hasWhatItNeeds(
  step: ChainStep,
  boxes: readonly ChainBoxHead[],
  seedGenerations: readonly number[],
): boolean {
  const { before, after } = step;
  const { generation } = after.perUserKey;
  const receivers = renewsKey(step) ? after.members : joined(step).filter(isMember);
  const boxesAreRight = boxes.every(({ generation: of, sender }) => {
    const by = after.findEver(sender);
    return of === generation && by !== undefined && isMember(by);
  });
  const former = Math.max(before?.perUserKey.generation ?? 0, 1);
  const needed = Array.from({ length: generation - former }, (_, i) => former + 1 + i);
  return (
    boxesAreRight &&
    sameNames(
      boxes.map(({ receiver }) => toHex(receiver)),
      receivers.map(({ id }) => toHex(id)),
    ) &&
    sameNames(seedGenerations.map(String), needed.map(String))
  );
}

/** Whether both have the same, each once, in whatever order. */
function sameNames(given: readonly string[], needed: readonly string[]): boolean {
  const names = new Set(given);
  return given.length === needed.length && names.size === given.length && needed.every((name) => names.has(name));
}
