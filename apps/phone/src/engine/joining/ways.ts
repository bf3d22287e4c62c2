import type { JoiningView } from '../../model/account-view.ts';
import { failedWay } from './failed-way.ts';

/** What both sides show alike. */
type CommonView = Extract<JoiningView, { is: 'none' | 'preparing' | 'failed' }>;

/** A way that two devices go (spec/provisioning.md), from its secret to its end, on the side of one of them. */
export interface Way<View, Notes> {
  /** Aborts when nobody goes it any more. */
  readonly signal: AbortSignal;
  /** What the flow notes of it. */
  readonly notes: Notes;
  /** Shows how far it is; does nothing once it is over, or was left. */
  readonly show: (view: View | CommonView) => void;
}

/**
 * The ways of one side, one at a time: the frame of both flows. One that was left may take a while to end, and nothing
 * shows of it.
 */
export class Ways<View, Notes> {
  readonly #show: (view: View | CommonView) => void;
  #stop = new AbortController();
  #going: Way<View, Notes> | null = null;

  constructor(show: (view: View | CommonView) => void) {
    this.#show = show;
  }

  /** Of the way that is gone; null for none. */
  get notes(): Notes | null {
    return this.#going?.notes ?? null;
  }

  /**
   * Leaves the way before and goes a new one. At its end shows what `work` resolves with and calls `onEnd`, or shows
   * why it failed; an error that is not ours is left to the browser.
   */
  begin(
    notes: Notes,
    work: (way: Way<View, Notes>) => Promise<View>,
    { onEnd }: { readonly onEnd: () => void } = { onEnd: () => undefined },
  ): void {
    this.leave();
    const stop = new AbortController();
    const show = (view: View | CommonView): void => {
      if (this.#going === way) this.#show(view);
    };
    const way: Way<View, Notes> = { signal: stop.signal, notes, show };
    this.#stop = stop;
    this.#going = way;
    show({ is: 'preparing' });
    void work(way).then(
      (view) => {
        if (!this.#end(way)) return;
        this.#show(view);
        onEnd();
      },
      (error: unknown) => {
        if (this.#end(way)) this.#show(failedWay(error));
      },
    );
  }

  /** There is no way to go: leaves the one before, and shows why. */
  fail(error: unknown): void {
    this.leave();
    this.#show(failedWay(error));
  }

  /** Nobody goes it any more: the other side is told, and nothing shows of it. */
  leave(): void {
    this.#stop.abort();
    this.#going = null;
  }

  /** The person changed their mind. */
  cancel(): void {
    this.leave();
    this.#show({ is: 'none' });
  }

  /** Takes what is over off the screen; a way that is gone goes on. */
  dismiss(): void {
    if (this.#going === null) this.#show({ is: 'none' });
  }

  /** The page goes away in the middle: the other side is told, if there is still time for it. */
  interrupt(): void {
    if (this.#going === null) return;
    this.leave();
    this.#show({ is: 'failed', code: 'interrupted', step: null, theirs: null });
  }

  #end(way: Way<View, Notes>): boolean {
    if (this.#going !== way) return false;
    this.#going = null;
    return true;
  }
}
