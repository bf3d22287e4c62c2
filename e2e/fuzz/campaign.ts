import { mutate } from './mutate.ts';
import { Random } from './random.ts';
import type { Target } from './target.ts';
import type { Clock, Verdict } from './verdict.ts';
import { isFinding, judge, judgeSeed } from './verdict.ts';

/** How one target came out. */
export interface Row {
  readonly target: string;
  /** Every proper beginning of every seed. */
  readonly truncations: number;
  /** Mutated inputs. */
  readonly inputs: number;
  /** Of both, those that were accepted, each as it should be. */
  readonly identical: number;
  readonly refused: number;
  readonly slowestMs: number;
}

/** An input that shows something to be repaired. */
export interface Finding {
  readonly target: string;
  readonly seed: number;
  readonly is: Verdict['is'];
  readonly detail: string;
  /** The input in hexadecimal. */
  readonly input: string;
}

export interface TargetResult {
  readonly row: Row;
  readonly findings: readonly Finding[];
}

/** After so many findings of one target the rest of its inputs tell nothing new. */
const MAX_FINDINGS = 3;

/** How many inputs each target gets of `inputs` in all: evenly, by their shares, at least one. */
export function inputsFor(targets: readonly Target[], inputs: number): number[] {
  const total = targets.reduce((sum, target) => sum + (target.share ?? 1), 0);
  const counts = targets.map((target) => Math.max(1, Math.floor((inputs * (target.share ?? 1)) / total)));
  const full = targets.flatMap((target, i) => (target.share === undefined ? [i] : []));
  const spread = full.length > 0 ? full : targets.map((_, i) => i);
  let left = inputs - counts.reduce((sum, count) => sum + count, 0);
  for (let i = 0; left > 0; i = (i + 1) % spread.length, left--) {
    const at = spread[i] ?? 0;
    counts[at] = (counts[at] ?? 0) + 1;
  }
  return counts;
}

/** The seeds as they are, then every truncation of each, then `inputs` mutations. */
export async function fuzz(target: Target, inputs: number, seed: number, clock: Clock): Promise<TargetResult> {
  const findings: Finding[] = [];
  const counts = { identical: 0, refused: 0, truncations: 0, inputs: 0 };
  let slowestMs = 0;
  const note = (verdict: Verdict, input: Uint8Array): void => {
    slowestMs = Math.max(slowestMs, verdict.tookMs);
    if (verdict.is === 'identical' || verdict.is === 'refused') counts[verdict.is]++;
    if (!isFinding(verdict) || findings.some(({ detail }) => detail === verdict.detail)) return;
    const { is, detail } = verdict;
    findings.push({ target: target.name, seed, is, detail, input: Buffer.from(input).toString('hex') });
  };
  const goesOn = () => findings.length < MAX_FINDINGS;

  for (const sample of target.seeds) note({ ...(await judgeSeed(target, sample, clock)) }, sample);
  counts.identical = 0;
  for (const sample of target.seeds) {
    for (let length = 0; length < sample.length && goesOn(); length++) {
      const input = sample.slice(0, length);
      note(await judge(target, input, clock), input);
      counts.truncations++;
    }
  }
  const random = new Random(seed, target.name);
  for (; counts.inputs < inputs && goesOn(); counts.inputs++) {
    const input = mutate(target.seeds, random);
    note(await judge(target, input, clock), input);
  }
  return { row: { target: target.name, ...counts, slowestMs }, findings };
}
