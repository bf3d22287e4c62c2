/** How much a server can carry: the highest rate at which 99 of 100 messages take less than 50 ms and none is lost. */
import type { RunResult } from './generator.ts';

const MOST_P99_MS = 50;
/** A rate counts as kept when so much of it arrived within the run. */
const KEPT = 0.97;
const STEP = 1.08;
const MOST_STEPS = 10;

/** Sends for `seconds` at a rate, or as fast as the windows allow. */
export type Load = (rate: number | undefined, seconds: number) => Promise<RunResult>;

export interface Saturation {
  /** Messages a second, all senders together. */
  readonly rate: number;
  readonly result: RunResult;
}

/**
 * Goes by steps of 8 % from `from`, what an earlier round has found; without it from what comes through with a full
 * window always on its way.
 */
export async function saturationOf(load: Load, seconds: number, from?: number): Promise<Saturation> {
  // Until the server's hot path is compiled, it says nothing of what it can.
  await load(undefined, seconds);
  let rate = from;
  if (rate === undefined) {
    const full = await load(undefined, seconds / 2);
    rate = full.delivered / full.seconds;
  }
  let best = await tryRate(load, rate, seconds);
  const step = best ? STEP : 1 / STEP;
  for (let left = MOST_STEPS; left > 0; left -= 1) {
    rate *= step;
    const found = await tryRate(load, rate, seconds);
    // Upwards until one is not kept, downwards until one is.
    if (step > 1 ? !found : found) return found ?? best ?? noRate();
    best = found ?? best;
  }
  return best ?? noRate();
}

/** Whether a rate is kept, at the second attempt at the latest: something else may have run meanwhile. */
async function tryRate(load: Load, rate: number, seconds: number): Promise<Saturation | undefined> {
  for (let attempt = 0; attempt < 2; attempt += 1) {
    const result = await load(rate, seconds);
    if (isKept(result, rate)) return { rate, result };
  }
  return undefined;
}

function noRate(): never {
  throw new Error('no rate is kept: is this machine busy?');
}

function isKept(result: RunResult, rate: number): boolean {
  const enough = result.delivered >= KEPT * rate * result.seconds;
  return result.lost === 0 && result.delivery.p99 < MOST_P99_MS && enough;
}

/** Delivered messages for each second of the server's processor time. */
export function perCoreSecond(result: RunResult): number {
  return result.delivered / result.serverSeconds;
}
