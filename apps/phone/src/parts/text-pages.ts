/** Reads a stretch of a text; positions count UTF-16 units. */
export interface PagedSource {
  readonly total: number;
  read(from: number, length: number): string;
}

/** Units of a page before it is moved to the end of its line. */
export const pageLength = 6000;
/** How far a page is moved at most. */
const slack = 400;

/** How many pages a text has; an empty one has one. */
export function pageCount(total: number): number {
  return Math.max(1, Math.ceil(total / pageLength));
}

function startOf(source: PagedSource, page: number): number {
  const at = page * pageLength;
  if (page <= 0) return 0;
  if (at >= source.total) return source.total;
  // The line that runs over the border stays on the page before.
  const around = source.read(at - 1, slack);
  const end = around.indexOf('\n');
  if (end !== -1) return at + end;
  const unit = around.charCodeAt(0);
  return unit >= 0xd800 && unit <= 0xdbff ? at + 1 : at;
}

/** One page of a text: all pages together are the text, and a page ends with a line where lines are short. */
export function pageOf(source: PagedSource, page: number): string {
  const from = startOf(source, page);
  return source.read(from, startOf(source, page + 1) - from);
}

/** A whole text as a source of pages. */
export function pagesOf(text: string): PagedSource {
  return { total: text.length, read: (from, length) => text.slice(from, from + length) };
}
