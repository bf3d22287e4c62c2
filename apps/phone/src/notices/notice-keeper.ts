import { mayAllow, mayDecide } from '../engine/may-allow.ts';
import type { PhoneState } from '../engine/phone-state.ts';
import type { HexId } from '../model/hex-id.ts';
import type { Notice, NoticeBoard } from './notice.ts';
import { answeredLine, answeredNotice, littleNotice, questionNotice, requestTag } from './notice-words.ts';

/** So many questions stand beside each other; the rest wait in the app. */
const MAX_STANDING = 8;
/** So many answers by permission are counted on one notification. */
const MAX_LINES = 99;

/** What a keeper works with. */
export interface NoticeKeeperDeps {
  readonly board: NoticeBoard;
  readonly state: PhoneState;
  /** Whether questions are shown now: not while the person looks at them in the app. */
  readonly mayShow: () => boolean;
}

/** Keeps the notifications in step with what waits: each question has one for as long as it waits and nobody looks. */
export class NoticeKeeper {
  readonly #deps: NoticeKeeperDeps;
  /** The words of what stands there, by tag. */
  readonly #standing = new Map<string, string>();
  /** Tags that say what became of an answer. */
  readonly #results = new Set<string>();
  #last: Promise<void>;

  constructor(deps: NoticeKeeperDeps) {
    this.#deps = deps;
    this.#last = this.#look();
  }

  /** Shows what is new, and takes away what is over. */
  sync(): Promise<void> {
    return this.#next(async () => {
      const wanted = new Map(this.#wanted().map((notice) => [notice.tag, notice]));
      for (const tag of this.#standing.keys()) {
        if (wanted.has(tag) || this.#results.has(tag)) continue;
        this.#standing.delete(tag);
        await this.#deps.board.close(tag);
      }
      for (const notice of wanted.values()) await this.#put(notice);
    });
  }

  /** Whether a question of this request stands there. */
  has(hash: HexId): boolean {
    return this.#standing.has(requestTag(hash)) || this.#standing.has('locked');
  }

  /** Shows what became of an answer in the place of its question; it is nobody's to take away. */
  result(notice: Notice): Promise<void> {
    this.#results.add(notice.tag);
    return this.#next(() => this.#deps.board.show(notice));
  }

  /** Adds what was answered by permission to the one notification that counts it. */
  answered(entries: readonly Parameters<typeof answeredLine>[0][]): Promise<void> {
    return this.#next(async () => {
      const before = (await this.#deps.board.standing()).find(({ tag }) => tag === 'answered')?.lines ?? [];
      const lines = [...entries.map(answeredLine), ...before].slice(0, MAX_LINES);
      await this.#deps.board.show(answeredNotice(lines, this.little));
    });
  }

  async #look(): Promise<void> {
    for (const { tag } of await this.#deps.board.standing())
      if (tag === 'locked' || tag.startsWith('request:')) this.#standing.set(tag, '');
  }

  #wanted(): readonly Notice[] {
    const { state, mayShow } = this.#deps;
    if (!mayShow()) return [];
    const count = state.waitingCount();
    if (this.little) return count === 0 ? [] : [littleNotice(count)];
    const now = state.now();
    const decides = mayDecide(state);
    return state
      .waiting()
      .slice(0, MAX_STANDING)
      .map((request) => questionNotice(request, { now, decides, allow: decides && mayAllow(request, state) }));
  }

  /** Whether no more may be told than that something asks. */
  get little(): boolean {
    const { notices, lock } = this.#deps.state;
    const now = lock();
    return notices.shows === 'little' || (now.is === 'on' && now.locked);
  }

  async #put(notice: Notice): Promise<void> {
    const words = JSON.stringify(notice);
    const before = this.#standing.get(notice.tag);
    if (before === words) return;
    this.#standing.set(notice.tag, words);
    // What it said before has called already.
    await this.#deps.board.show(before === undefined ? notice : { ...notice, calls: false });
  }

  #next(work: () => Promise<void>): Promise<void> {
    const run = this.#last.then(work);
    this.#last = run.catch(() => undefined);
    return run;
  }
}
