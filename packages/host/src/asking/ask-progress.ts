/**
 * What asking has come to, step by step, for whoever puts it into words; and the patience to say it only to a person.
 */
import type { AskResult } from './ask.ts';
import type { Clock } from '../clock.ts';
import type { Woken } from './wake.ts';

/** What is answered sooner than this was no person's doing: nobody needs to read that it was asked. */
const quietMs = 300;

/** What is asked for. */
export type AskKind = 'login' | 'git' | 'file';

/** One step. Phones are named by those that can say yes: they have the key. */
export type AskStep =
  | { readonly is: 'asking'; readonly phones: readonly string[] }
  /**
   * Two seconds without a sign of any phone; `absent`: their relays say that none of those with the key is connected.
   */
  | { readonly is: 'unreceived'; readonly phones: readonly string[]; readonly absent: boolean }
  /** `by` has the request. Where it does not hold the key, it can only reject it or pass it on. */
  | { readonly is: 'received'; readonly by: string; readonly holds: boolean; readonly phones: readonly string[] }
  /** The phone `by` does not answer: what came of waking it by push. */
  | { readonly is: 'woken'; readonly by: string; readonly woken: Woken }
  /** A phone said what this version does not understand. */
  | { readonly is: 'not-understood'; readonly by: string }
  | ({ readonly is: 'ended'; readonly phones: readonly string[] } & Ending);

/** How it ended: `by` is the phone whose answer it was, `until` the end of the permission that gave it. */
export type Ending = Pick<AskResult, 'outcome' | 'by' | 'until' | 'code' | 'skew' | 'received' | 'absent' | 'woken'>;

export type AskProgress = AskStep & { readonly kind: AskKind };

/** Words for a person's terminal; written by the command line, one line each. */
export type ProgressWords = (progress: AskProgress) => string;

/** Tells steps on, the first of them only after 300 ms; what has ended before that is told as its end alone. */
export class PatientTeller implements Disposable {
  readonly #tell: (step: AskStep) => void;
  readonly #cancel: () => void;
  /** What is not told yet; null once it is time. */
  #held: AskStep[] | null = [];

  constructor(clock: Clock, tell: (step: AskStep) => void) {
    this.#tell = tell;
    this.#cancel = clock.after(quietMs, () => this.#release());
  }

  step(step: AskStep): void {
    if (this.#held === null) this.#tell(step);
    else this.#held.push(step);
  }

  [Symbol.dispose](): void {
    this.#cancel();
  }

  #release(): void {
    const held = this.#held ?? [];
    this.#held = null;
    for (const step of held) this.#tell(step);
  }
}
