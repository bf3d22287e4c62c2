export interface BenchOptions {
  /** Fewer rounds: to see that it runs, not to quote. */
  readonly quick: boolean;
  /** Only the cases whose name contains it; empty for all. */
  readonly only: string;
  /** How long a soak takes, if not an hour. */
  readonly minutes?: number;
  /** Called with the rows of a case that is done: a long bench that is interrupted has kept what it found. */
  readonly done: (rows: readonly Row[]) => void;
  /** Called with what is being measured now, for the person who waits. */
  readonly progress: (text: string) => void;
}

/** One measured figure. `subject` is `ours` or the peer's name. */
export interface Row {
  readonly bench: string;
  readonly case: string;
  readonly subject: string;
  readonly metric: string;
  readonly value: number;
  readonly unit: string;
}

/** The value below which `share` of the samples lie (nearest rank). */
export function quantile(samples: readonly number[], share: number): number {
  const sorted = [...samples].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.max(0, Math.ceil(share * sorted.length) - 1))] ?? Number.NaN;
}

export function median(samples: readonly number[]): number {
  return quantile(samples, 0.5);
}

/** A table for people, with each figure's ratio to its peer where both were measured. */
export function printTable(rows: readonly Row[]): void {
  const width = (pick: (row: Row) => string) => Math.max(...rows.map((row) => pick(row).length));
  const caseWidth = width((r) => r.case);
  const subjectWidth = width((r) => r.subject);
  const metricWidth = width((r) => r.metric);
  for (const row of rows) {
    const value = `${digits(row.value).padStart(9)} ${row.unit.padEnd(2)}`;
    const names = `${row.case.padEnd(caseWidth)}  ${row.subject.padEnd(subjectWidth)}  ${row.metric.padEnd(metricWidth)}`;
    console.log(`${names}  ${value}  ${ratioOf(row, rows)}`.trimEnd());
  }
}

/** `1.09 × ssh-agent`, or `25 × less than rsa-oaep-4096` where ours is less than half; nothing for a peer's own row. */
function ratioOf(row: Row, rows: readonly Row[]): string {
  const peer = rows.find((r) => r.case === row.case && r.metric === row.metric && r.subject !== row.subject);
  if (row.subject !== 'ours' || peer === undefined) return '';
  const ratio = row.value / peer.value;
  return ratio < 0.5
    ? `${(1 / ratio).toFixed(1)} × less than ${peer.subject}`
    : `${ratio.toFixed(2)} × ${peer.subject}`;
}

/** Three digits that mean something. */
function digits(value: number): string {
  if (Number.isInteger(value)) return value.toString();
  return value.toFixed(value < 1 ? 3 : value < 10 ? 2 : 1);
}
