export interface BenchOptions {
  /** Fewer rounds: to see that it runs, not to quote. */
  readonly quick: boolean;
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
    const peer = rows.find((r) => r.case === row.case && r.metric === row.metric && r.subject !== row.subject);
    const ratio =
      row.subject === 'ours' && peer !== undefined ? `  ${(row.value / peer.value).toFixed(2)} × ${peer.subject}` : '';
    console.log(
      `${row.case.padEnd(caseWidth)}  ${row.subject.padEnd(subjectWidth)}  ${row.metric.padEnd(metricWidth)}  ${row.value.toFixed(1).padStart(9)} ${row.unit}${ratio}`,
    );
  }
}
