import type { Finding, Row } from './campaign.ts';
import type { Target } from './target.ts';

/** Hexadecimal beyond this is in the file of findings only. */
const MAX_SHOWN_CHARACTERS = 2_000;
const COLUMNS = [9, 9, 11, 9, 11] as const;

/** The head of the table. */
export function headText(targets: readonly Target[]): string {
  const width = 28;
  const names = ['cut short', 'inputs', 'identical', 'refused', 'slowest ms'];
  const shares = targets.some(({ share }) => share !== undefined);
  const note = shares ? '* parsing costs a signature, a file or a server: a smaller share of the inputs\n' : '';
  return `${note}${'target'.padEnd(width)}${names.map((name, i) => name.padStart((COLUMNS[i] ?? 9) + 1)).join('')}`;
}

/** One target's line. */
export function rowText(row: Row, target?: Target): string {
  const name = target?.share === undefined ? row.target : `${row.target} *`;
  const cells = [row.truncations, row.inputs, row.identical, row.refused, row.slowestMs.toFixed(1)];
  return `${name.padEnd(28)}${cells.map((cell, i) => String(cell).padStart((COLUMNS[i] ?? 9) + 1)).join('')}`;
}

/** The sums, and how to run the same again. */
export function footText(rows: readonly Row[], seed: number, tookMs: number): string {
  const sum = (of: (row: Row) => number) => rows.reduce((total, row) => total + of(row), 0);
  const total: Row = {
    target: `${rows.length} targets`,
    truncations: sum((row) => row.truncations),
    inputs: sum((row) => row.inputs),
    identical: sum((row) => row.identical),
    refused: sum((row) => row.refused),
    slowestMs: Math.max(0, ...rows.map((row) => row.slowestMs)),
  };
  return `${rowText(total)}\nseed ${seed} · ${total.inputs} inputs and ${total.truncations} truncations in ${(tookMs / 1000).toFixed(1)} s`;
}

/** What happened with which input, and how to see it again. */
export function findingText({ target, seed, is, detail, input }: Finding): string {
  const shown = input.length > MAX_SHOWN_CHARACTERS ? `${input.slice(0, MAX_SHOWN_CHARACTERS)}…` : input;
  return `${is}: ${target}, seed ${seed}: ${detail}\n  --target ${target} --input ${shown}`;
}
