import type { HexId } from '../model/hex-id.ts';
import type { Clock } from './ports.ts';

/** So many requests of a computer are shown at once, and one more each so many milliseconds (spec/permissions.md). */
const PROMPTS_AT_ONCE = 30;
const PROMPT_EACH_MS = 10_000;
/** A flood is over when nothing was refused for so long. */
const FLOOD_OVER_MS = 10 * 60_000;

interface Budget {
  /** How many may be shown now. */
  left: number;
  /** When that was so, monotonic. */
  at: number;
  flood: { refused: number; readonly since: number; lastAt: number } | null;
}

/** How often each computer may bother the person. */
export class PromptBudget {
  readonly #clock: Clock;
  readonly #budgets = new Map<HexId, Budget>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** One more request would be shown: false when that is too many, which is counted. */
  take(computer: HexId): boolean {
    const budget = this.#of(computer);
    if (budget.left >= 1) {
      budget.left -= 1;
      return true;
    }
    const now = this.#clock.monotonic();
    if (budget.flood === null || now - budget.flood.lastAt > FLOOD_OVER_MS)
      budget.flood = { refused: 0, since: this.#clock.now(), lastAt: now };
    budget.flood.refused += 1;
    budget.flood.lastAt = now;
    return false;
  }

  /** One was shown so long ago, ms, before this budget began: by another page, or by the worker. */
  shownBefore(computer: HexId, agoMs: number): void {
    if (agoMs < 0 || agoMs >= PROMPTS_AT_ONCE * PROMPT_EACH_MS) return;
    const budget = this.#of(computer);
    budget.left = Math.max(0, budget.left - 1);
  }

  /** What was refused lately; null when nothing was. */
  flooded(computer: HexId): { readonly refused: number; readonly since: number } | null {
    const flood = this.#budgets.get(computer)?.flood ?? null;
    if (flood === null || this.#clock.monotonic() - flood.lastAt > FLOOD_OVER_MS) return null;
    return { refused: flood.refused, since: flood.since };
  }

  /** The person has dealt with it, or the computer is gone. */
  forgetFlood(computer: HexId): void {
    const budget = this.#budgets.get(computer);
    if (budget !== undefined) budget.flood = null;
  }

  #of(computer: HexId): Budget {
    const now = this.#clock.monotonic();
    let budget = this.#budgets.get(computer);
    if (budget === undefined) {
      budget = { left: PROMPTS_AT_ONCE, at: now, flood: null };
      this.#budgets.set(computer, budget);
    }
    budget.left = Math.min(PROMPTS_AT_ONCE, budget.left + (now - budget.at) / PROMPT_EACH_MS);
    budget.at = now;
    return budget;
  }
}
