import type { NoticeBoard } from '../notices/notice.ts';
import { NoticeKeeper } from '../notices/notice-keeper.ts';
import type { Watch } from './watch.ts';

/** A watch with its notifications, shared by the events that come while it lasts. */
export class Shift {
  readonly watch: Watch;
  readonly keeper: NoticeKeeper;
  /** The lines of the history that are told, or stood there before. */
  readonly #known: Set<string>;
  readonly #end: () => void;
  /** Whether anything was answered by a permission. */
  #answered = false;
  #users = 0;

  constructor(watch: Watch, board: NoticeBoard) {
    const { state } = watch;
    this.watch = watch;
    this.keeper = new NoticeKeeper({ board, state, mayShow: () => !watch.isOver });
    this.#known = new Set(state.history.map(({ id }) => id));
    this.#end = state.subscribe(() => void this.tell());
  }

  get waits(): boolean {
    return this.watch.state.waitingCount() > 0;
  }

  /** Whether a permission has answered anything since it began. */
  get answered(): boolean {
    return this.#answered;
  }

  /** Nothing is left to do: no question waits, and every answer is confirmed. */
  get isIdle(): boolean {
    return !this.waits && this.watch.session?.conversation?.inbox.unconfirmed !== true;
  }

  /** Brings the notifications in step: questions, and what permissions answered. */
  async tell(): Promise<void> {
    // What stood there stays: whoever has the connection now keeps it in step.
    if (this.watch.isOver) return;
    const fresh = this.watch.state.history.filter(({ id, by }) => by === 'permission' && !this.#known.has(id));
    for (const { id } of fresh) this.#known.add(id);
    this.#answered ||= fresh.length > 0;
    if (fresh.length > 0) await this.keeper.answered(fresh);
    await this.keeper.sync();
  }

  /** An event uses it from now on; what it returns ends that, and with the last one the watch. */
  join(): () => void {
    this.#users += 1;
    return () => {
      this.#users -= 1;
      if (this.#users > 0) return;
      this.#end();
      this.watch.close();
    };
  }
}
