import { equal } from '@palmkey/envelope';
import type { Target } from './target.ts';

/** No input may take longer. */
export const MAX_INPUT_MS = 100;
/** How often an input that took longer is measured again: a slow parser is slow each time, a busy machine is not. */
const MEASURED_AGAIN = 3;

/** What became of one input; the last four are findings. */
export interface Verdict {
  readonly is: 'identical' | 'refused' | 'crash' | 'accepted' | 'slow' | 'seed-refused';
  /** What happened, for findings. */
  readonly detail: string;
  readonly tookMs: number;
}

/** Port: a monotonic clock, ms. */
export type Clock = () => number;

type Outcome =
  | { readonly is: 'took'; readonly again: Uint8Array; readonly tookMs: number }
  | { readonly is: 'refused'; readonly tookMs: number }
  | { readonly is: 'crash'; readonly error: unknown; readonly tookMs: number };

/** Judges a target's treatment of one input. What took too long is measured again, and the least time counts. */
export async function judge(target: Target, bytes: Uint8Array, clock: Clock): Promise<Verdict> {
  const first = await attempt(target, bytes, clock);
  let { tookMs } = first;
  for (let again = 0; tookMs > MAX_INPUT_MS && again < MEASURED_AGAIN; again++) {
    tookMs = Math.min(tookMs, (await attempt(target, bytes, clock)).tookMs);
  }
  if (first.is === 'crash') return { is: 'crash', detail: describe(first.error), tookMs };
  if (tookMs > MAX_INPUT_MS) return { is: 'slow', detail: `${tookMs.toFixed(0)} ms`, tookMs };
  if (first.is === 'refused') return { is: 'refused', detail: '', tookMs };
  const problem = await problemWith(target, bytes, first.again, clock);
  return { is: problem === null ? 'identical' : 'accepted', detail: problem ?? '', tookMs };
}

/** As {@link judge}, for a sample: it has to be accepted. */
export async function judgeSeed(target: Target, seed: Uint8Array, clock: Clock): Promise<Verdict> {
  const verdict = await judge(target, seed, clock);
  if (verdict.is !== 'refused') return verdict;
  const outcome = await attempt(target, seed, clock);
  return { ...verdict, is: 'seed-refused', detail: outcome.is === 'crash' ? describe(outcome.error) : 'refused' };
}

/** Whether a verdict is one that fails a run. */
export function isFinding({ is }: Verdict): boolean {
  return is !== 'identical' && is !== 'refused';
}

async function attempt(target: Target, bytes: Uint8Array, clock: Clock): Promise<Outcome> {
  const startedAt = clock();
  try {
    const parsed = target.parse(bytes);
    const again = parsed instanceof Promise ? await parsed : parsed;
    const tookMs = clock() - startedAt;
    return again === null ? { is: 'refused', tookMs } : { is: 'took', again, tookMs };
  } catch (error) {
    const tookMs = clock() - startedAt;
    const documented = target.refusals.some((refusal) => error instanceof refusal);
    return documented ? { is: 'refused', tookMs } : { is: 'crash', error, tookMs };
  }
}

/** Why an input should not have been accepted, or null. */
async function problemWith(target: Target, bytes: Uint8Array, again: Uint8Array, clock: Clock): Promise<string | null> {
  switch (target.kind) {
    case 'codec':
      return equal(again, bytes) ? null : `another encoding of ${hex(again)}`;
    case 'authenticated':
      return target.seeds.some((seed) => equal(seed, bytes)) ? null : 'nobody sealed or signed this';
    case 'lenient': {
      const normal = await attempt(target, again, clock);
      if (normal.is !== 'took') return `its normal form is refused: ${hex(again)}`;
      return equal(normal.again, again) ? null : `its normal form ${hex(again)} has another: ${hex(normal.again)}`;
    }
  }
}

function describe(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const place = /\n\s+at .*?([\w.-]+\.ts:\d+)/.exec(error.stack ?? '')?.[1];
  return `${error.name}: ${error.message}${place === undefined ? '' : ` (${place})`}`;
}

function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex');
}
