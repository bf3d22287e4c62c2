import type { Clock } from '../ports.ts';
import { Timer } from '../timer.ts';
import type { ChainAlarm } from './chain-doubt.ts';

/** How long after a relay did not say where the chain ends it is asked again, ms. */
const ASK_AGAIN_MS = 5_000;

/** How long after it has shown something that is refused, or held something back. */
const LOOK_AGAIN_MS = 30_000;

/** What the alarm tells. */
export interface StandingAlarmHooks {
  /** Another alarm stands, or none any more. */
  readonly onChange: () => void;
  /** It is time to ask the relay again, whether or not a person does. */
  readonly onAskAgain: () => void;
}

/** What speaks against the chain, from when it was found until the relay shows otherwise. */
export class StandingAlarm {
  readonly #hooks: StandingAlarmHooks;
  readonly #again: Timer;
  #alarm: ChainAlarm | null = null;

  constructor(clock: Pick<Clock, 'after'>, hooks: StandingAlarmHooks) {
    this.#hooks = hooks;
    this.#again = new Timer(clock, () => {
      if (this.#alarm !== null) hooks.onAskAgain();
    });
  }

  /** Null: nothing is in doubt. */
  get current(): ChainAlarm | null {
    return this.#alarm;
  }

  /** Says what is wrong. `askAgain`: the relay may come to show otherwise. */
  raise(alarm: ChainAlarm, { askAgain }: { readonly askAgain: boolean }): void {
    if (askAgain) this.#again.set(alarm.code === 'no-head' ? ASK_AGAIN_MS : LOOK_AGAIN_MS);
    this.#alarm = alarm;
    this.#hooks.onChange();
  }

  /** Nothing is wrong any more. */
  clear(): void {
    if (this.#alarm === null) return;
    this.#alarm = null;
    this.#hooks.onChange();
  }

  close(): void {
    this.#again.close();
  }
}
