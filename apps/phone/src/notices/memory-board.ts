import type { Notice, NoticeBoard } from './notice.ts';

/** Notifications in memory, as a browser keeps them: one for each tag. */
export class MemoryBoard implements NoticeBoard {
  readonly #standing = new Map<string, Notice>();
  /** Every one that was ever shown, oldest first. */
  readonly shown: Notice[] = [];

  show(notice: Notice): Promise<void> {
    this.shown.push(notice);
    this.#standing.set(notice.tag, notice);
    return Promise.resolve();
  }

  close(tag: string): Promise<void> {
    this.#standing.delete(tag);
    return Promise.resolve();
  }

  standing(): Promise<readonly Notice[]> {
    return Promise.resolve(this.now);
  }

  /** What stands there now. */
  get now(): readonly Notice[] {
    return [...this.#standing.values()];
  }
}
