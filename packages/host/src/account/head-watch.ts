import type { Clock } from '../clock.ts';
import { ChainGate } from './chain-gate.ts';
import { type AccountAlarm, alarmOf, type Found } from './found-head.ts';

/** How long a relay that gave no head, or a chain that is refused, is left alone. */
const retryMs = 30_000;

export interface HeadWatchOptions {
  readonly clock: Clock;
  /** It is time to ask the relay again. */
  readonly onRetry: () => void;
  /** The head is known, and was not before. */
  readonly onReady: () => void;
  /** The relay shows a chain that is refused, for another reason than before. */
  readonly onAlarm: (alarm: AccountAlarm) => void;
  readonly onChange: () => void;
}

/** Whether the head of the account's chain is known as of this connection to its relay, and who waits until it is. */
export class HeadWatch implements Disposable {
  readonly #options: HeadWatchOptions;
  readonly #gate = new ChainGate();
  #isKnown = false;
  #alarm: AccountAlarm | null = null;
  #cancelRetry: () => void = () => undefined;
  #isClosed = false;

  constructor(options: HeadWatchOptions) {
    this.#options = options;
  }

  /** False under an alarm too. */
  get isKnown(): boolean {
    return this.#isKnown;
  }

  /** Why nothing is decided; stays until a relay has shown a chain that is right. */
  get alarm(): AccountAlarm | null {
    return this.#alarm;
  }

  /** There may be another head: whoever says so asks for it next. */
  doubt(): void {
    this.#isKnown = false;
  }

  /** The relay is being asked, or there is nothing to ask: not once more for the last answer. */
  cancelRetry(): void {
    this.#cancelRetry();
  }

  /** What asking the relay came to. Nothing any more once it is disposed. */
  is(found: Found): void {
    if (this.#isClosed) return;
    const { clock, onRetry, onReady, onAlarm, onChange } = this.#options;
    const before = { isKnown: this.#isKnown, alarm: this.#alarm };
    this.#isKnown = found === 'current';
    // A relay that gives nothing takes no alarm back.
    if (found !== 'unknown') this.#alarm = found === 'current' ? null : alarmOf(found);
    if (this.#alarm !== null && this.#alarm.code !== before.alarm?.code) onAlarm(this.#alarm);
    this.#cancelRetry();
    if (found !== 'current') this.#cancelRetry = clock.after(retryMs, onRetry);
    this.#gate.look();
    if (found === 'current' && !before.isKnown) onReady();
    onChange();
  }

  /** Resolves once `mayPass` is so, which is asked whenever something was found; false where that will not be. */
  pass(mayPass: () => boolean): Promise<boolean> {
    return this.#gate.pass(mayPass);
  }

  [Symbol.dispose](): void {
    this.#isClosed = true;
    this.#cancelRetry();
    this.#gate.end();
  }
}
