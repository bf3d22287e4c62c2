import type { DeviceId } from '@palmkey/envelope';
import { equal } from '@palmkey/envelope';
import type { MaybePromise } from '../crypto/index.ts';
import type { Answer } from './answer.ts';
import type { RequestHash, RequestId } from './request.ts';

/** How long a request is remembered after it came last, ms: longer than a message with it could pass the time check. */
export const REMEMBER_REQUEST_MS = 75 * 60_000;

/** What is remembered of one request. */
export interface BookEntry {
  readonly hash: RequestHash;
  /** Null while nobody has decided. */
  readonly answer: Answer | null;
  /** When it may be forgotten, ms since 1970 UTC. */
  readonly forgetAfterMs: number;
}

/** Port: where a phone remembers requests. */
export interface BookStore {
  /**
   * Replaces the entry of (host, id) by what `change` makes of it, as one transaction that no other tab or worker can
   * come between, and stored before it returns. `change` is called once and at once.
   */
  update(host: DeviceId, id: RequestId, change: (found: BookEntry | undefined) => BookEntry): MaybePromise<void>;
}

/** What an incoming request is to this phone. */
export type Seen =
  | { readonly is: 'new' }
  /** It came before and waits for a decision. */
  | { readonly is: 'waiting' }
  /** It came before; the same answer goes out again. */
  | { readonly is: 'answered'; readonly answer: Answer }
  /** The id came before with other content: refused with `id-reuse`, and what was there stays. */
  | { readonly is: 'id-reuse' };

/** The phone's memory of what it was asked and what it answered: the same request always gets the same answer. */
export class AnswerBook {
  readonly #store: BookStore;
  readonly #clock: { now(): number };

  constructor(store: BookStore, clock: { now(): number }) {
    this.#store = store;
    this.#clock = clock;
  }

  /** Notes a request that came, and says what it is. */
  async note(host: DeviceId, id: RequestId, hash: RequestHash): Promise<Seen> {
    let seen: Seen = { is: 'new' };
    await this.#store.update(host, id, (found) => {
      seen = seenOf(found, hash);
      if (seen.is === 'id-reuse' && found) return found;
      return { hash, answer: found?.answer ?? null, forgetAfterMs: this.#clock.now() + REMEMBER_REQUEST_MS };
    });
    return seen;
  }

  /**
   * Remembers an answer before it is sent, and returns the one to send: the first that was remembered for this request,
   * whatever came after it. For an id that stands for another request it is the refusal `id-reuse`, not remembered.
   */
  async answer(host: DeviceId, id: RequestId, hash: RequestHash, answer: Answer): Promise<Answer> {
    let result = answer;
    await this.#store.update(host, id, (found) => {
      const seen = seenOf(found, hash);
      if (seen.is === 'id-reuse' && found) {
        result = { is: 'refuse', code: 'id-reuse', skew: null };
        return found;
      }
      if (seen.is === 'answered') result = seen.answer;
      return { hash, answer: result, forgetAfterMs: this.#clock.now() + REMEMBER_REQUEST_MS };
    });
    return result;
  }
}

function seenOf(found: BookEntry | undefined, hash: RequestHash): Seen {
  if (!found) return { is: 'new' };
  if (!equal(found.hash, hash)) return { is: 'id-reuse' };
  return found.answer ? { is: 'answered', answer: found.answer } : { is: 'waiting' };
}
