import { type ChainSource, type JoinPost, postJoin, ProvisioningError } from '@palmkey/core/provisioning';
import { RelayError, relayErrors } from '@palmkey/envelope';
import { openDevice } from '../../keyring/device-keyring.ts';
import type { JoiningView } from '../../model/account-view.ts';
import type { JoiningRow } from '../../store/schema.ts';
import type { PhonePorts } from '../ports.ts';
import { failedWay } from './failed-way.ts';
import { relayChain } from './relay-chain.ts';
import { postOf, type SavedJoin } from './saved-join.ts';

/** After a post of which nothing is certain, how long until it is posted again, ms. */
const POST_AGAIN_MS = 10_000;

/** What posting works with. */
export interface JoinPostingDeps {
  readonly ports: Pick<PhonePorts, 'clock' | 'connectRelay' | 'fetchLinks'>;
  readonly saved: SavedJoin;
  readonly show: (view: JoiningView) => void;
  /** Aborts when this tab answers no more, or the person gives it up. */
  readonly signal: AbortSignal;
}

/**
 * One joining from the moment in which it is saved: as it may be on the chain already, nothing calls it back, and it is
 * posted until what became of it is certain (spec/provisioning.md, "The way", 6).
 */
export class JoinPosting {
  readonly #deps: JoinPostingDeps;
  #row: JoiningRow | null = null;
  /** Posts once more at once; null while it is being posted. */
  #again: (() => void) | null = null;

  constructor(deps: JoinPostingDeps) {
    this.#deps = deps;
  }

  /** What was saved, and may be on the chain; null before, and once it was dropped. */
  get row(): JoiningRow | null {
    return this.#row;
  }

  /** Whether it is being posted now, so that its person cannot give it up. */
  get isUnderWay(): boolean {
    return this.#row !== null && this.#again === null;
  }

  /** It is in the store. */
  hold(row: JoiningRow): void {
    this.#row = row;
  }

  /** It is on no chain: the store forgets it. */
  async drop(): Promise<void> {
    await this.#deps.saved.drop();
    this.#row = null;
  }

  /** Ends the wait for the next try. */
  postNow(): void {
    this.#again?.();
  }

  /**
   * A chain that makes this a device with an account as soon as its relay has the post, whatever becomes of the other
   * side.
   */
  finishing(chain: ChainSource): ChainSource {
    return {
      links: (...asked) => chain.links(...asked),
      prepare: (...asked) => chain.prepare(...asked),
      previousSeeds: (...asked) => chain.previousSeeds(...asked),
      post: (...posted) => this.#postAndFinish(chain, ...posted),
    };
  }

  /**
   * Posts what was saved until it is on the chain, or nobody waits for it any more; then what is saved stays so.
   * `uncertain`: why a first try left it open; null: there was none. Throws why it is on no chain, where it was
   * dropped.
   */
  async untilCertain(row: JoiningRow, uncertain: unknown): Promise<void> {
    const { ports, show, signal } = this.#deps;
    this.#row = row;
    const device = await openDevice(row.device);
    const store = { save: () => Promise.resolve(), drop: () => this.drop() };
    let why = uncertain;
    for (;;) {
      if (why !== null) await this.#untilAgain(why);
      if (signal.aborted) return;
      show({ is: 'joining' });
      const chain = relayChain(ports, row.relay, device);
      try {
        const posted = await postJoin({ chain: this.finishing(chain), store, clock: ports.clock }, postOf(row));
        if (posted === 'done') return;
        throw new ProvisioningError('conflict', 'joining');
      } catch (error) {
        if (this.row === null) throw error;
        why = error;
      } finally {
        chain.close();
      }
    }
  }

  async #postAndFinish(chain: ChainSource, post: JoinPost, signal: AbortSignal): Promise<'done' | 'conflict'> {
    const outcome = await chain.post(post, signal);
    if (outcome === 'done' && this.#row !== null) await this.#deps.saved.finish(this.#row);
    return outcome;
  }

  /** Says why it is not certain, and waits until it is tried again. Drops it, and throws why, where it is certain. */
  async #untilAgain(why: unknown): Promise<void> {
    const { ports, show, signal } = this.#deps;
    const cause = why instanceof ProvisioningError ? why.cause : why;
    if (isFinal(cause)) {
      await this.drop();
      throw cause;
    }
    show(failedWay(why));
    const soon = new AbortController();
    this.#again = () => soon.abort();
    await ports.clock.after(POST_AGAIN_MS, AbortSignal.any([soon.signal, signal])).catch(() => undefined);
    this.#again = null;
  }
}

/** Whether a relay has said what it will say again. */
function isFinal(error: unknown): error is RelayError {
  return error instanceof RelayError && relayErrors[error.code].retry === 'no';
}
