import type { HexId } from '../../model/hex-id.ts';
import type { InboxParts } from '../inbox-parts.ts';
import { coverableOf, isMutedNow } from '../inbox-parts.ts';
import type { Waiting } from '../request-shelf.ts';

/** What the way out works with. */
export interface PermittedAnswersDeps extends Pick<
  InboxParts,
  'state' | 'ports' | 'turns' | 'book' | 'alive' | 'shelf' | 'ledger' | 'post'
> {
  /** The computer is muted by now. */
  readonly refuseWaiting: (host: HexId) => Promise<void>;
}

/**
 * The way out of answers that a permission gave: each is stored by then, and leaves only if the permission holds up to
 * the very turn in which it does (spec/permissions.md).
 */
export class PermittedAnswers {
  readonly #deps: PermittedAnswersDeps;

  constructor(deps: PermittedAnswersDeps) {
    this.#deps = deps;
  }

  /** Whether an answer to this computer may leave now; `permission`: which gave it, null: a person did. */
  mayLeave(host: HexId, permission: HexId | null): boolean {
    const { alive, book } = this.#deps;
    return alive() && (permission === null || (book.isLive(permission) && !isMutedNow(this.#deps, host)));
  }

  /** Hands an approval out, unless its permission ended up to this moment: then a person is asked. */
  async send(waiting: Waiting): Promise<void> {
    const { alive, book, ledger, post, refuseWaiting, shelf, state, turns } = this.#deps;
    const { id, host, hash } = waiting.row;
    const row = shelf.get(id);
    if (row?.answer == null || row.permission === null) return;
    const { answer, permission } = row;
    await book.settled();
    const sent = await post.answer(
      host,
      hash,
      answer,
      () => coverableOf(waiting, state) !== null && this.mayLeave(host, permission),
    );
    if (sent || !alive() || shelf.get(id)?.settled !== false) return;
    await turns.exclusively(() => ledger.unapprove(waiting));
    if (isMutedNow(this.#deps, host)) return refuseWaiting(host);
    post.received(host, hash);
  }
}
