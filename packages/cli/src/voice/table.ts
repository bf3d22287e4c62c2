import width from 'fast-string-width';

/** Rows of cells as lines with aligned columns, two spaces between them, none at the end. Cells may be painted. */
export function table(rows: readonly (readonly string[])[], indent = 0): string[] {
  const widths: number[] = [];
  for (const row of rows) {
    row.forEach((cell, column) => (widths[column] = Math.max(widths[column] ?? 0, width(cell))));
  }
  return rows.map((row) => {
    const cells = row.map((cell, column) => cell + ' '.repeat((widths[column] ?? 0) - width(cell)));
    return (' '.repeat(indent) + cells.join('  ')).trimEnd();
  });
}
