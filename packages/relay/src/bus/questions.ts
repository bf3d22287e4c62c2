import type { Clock } from '../clock.ts';

/** How long another node may take to answer: with what follows, less than whoever waits for it does. */
const ANSWER_WITHIN_MS = 1_000;
/** Questions that wait for their answers, at most. */
const MOST = 1_024;

/** Yes-or-no questions that other nodes were asked. Where no answer comes it is no. */
export class Questions {
  readonly #clock: Clock;
  readonly #waiting = new Map<number, (answer: boolean) => void>();
  #next = 1;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** `send` asks, under the token that the answer will name. Resolves with no at once where too many wait. */
  ask(send: (token: number) => void): Promise<boolean> {
    if (this.#waiting.size >= MOST) return Promise.resolve(false);
    const token = this.#next++;
    return new Promise((resolve) => {
      const cancel = this.#clock.after(ANSWER_WITHIN_MS, () => {
        this.answered(token, false);
      });
      this.#waiting.set(token, (answer) => {
        cancel();
        resolve(answer);
      });
      send(token);
    });
  }

  /** The answer to the question with this token; one that came too late means nothing. */
  answered(token: number, answer: boolean): void {
    const settle = this.#waiting.get(token);
    this.#waiting.delete(token);
    settle?.(answer);
  }

  /** Nobody will answer any more. */
  giveUpAll(): void {
    for (const token of [...this.#waiting.keys()]) this.answered(token, false);
  }
}
