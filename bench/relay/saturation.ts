/** How much a server can carry: the highest rate at which 99 of 100 messages take less than 50 ms and none is lost. */
import type { RunResult } from './generator.ts';

const MOST_P99_MS = 50;
/** A rate counts as kept when so much of it arrived within the run. */
const KEPT = 0.97;
const STEP = 1.08;
const MOST_STEPS = 8;

/** Sends for `seconds` at a rate, or as fast as the windows allow. */
export type Load = (rate: number | undefined, seconds: number) => Promise<RunResult>;

export interface Saturation {
  /** Messages a second, all senders together. */
  readonly rate: number;
  readonly result: RunResult;
}

/** Starts at what comes through with a full window always on its way, and goes by steps of 8 % from there. */
export async function saturationOf(load: Load, seconds: number): Promise<Saturation> {
  const full = await load(undefined, seconds / 2);
  let rate = full.delivered / full.seconds;
  let best: Saturation | undefined;
  let said = '';
  for (let step = 0; step < MOST_STEPS; step += 1) {
    const result = await load(rate, seconds);
    const holds = isKept(result, rate);
    if (holds) best = { rate, result };
    else said = JSON.stringify(result);
    // Upwards until it does not hold, downwards until it does.
    if (best && !holds) return best;
    if (holds && step > 0 && rate < (full.delivered / full.seconds) * 0.99) return { rate, result };
    rate = holds ? rate * STEP : rate / STEP ** (step + 1);
  }
  if (!best) throw new Error(`no rate is kept: ${said}`);
  return best;
}

function isKept(result: RunResult, rate: number): boolean {
  const enough = result.delivered >= KEPT * rate * result.seconds;
  return result.lost === 0 && result.delivery.p99 < MOST_P99_MS && enough;
}

/** Delivered messages for each second of the server's processor time. */
export function perCoreSecond(result: RunResult): number {
  return result.delivered / result.serverSeconds;
}
