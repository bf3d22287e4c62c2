import type { RequestView } from '../model/request-view.ts';

/** One no that was said here. */
export interface Rejection {
  readonly computer: RequestView['computer'];
  /** ms since 1970. */
  readonly at: number;
}

const spanMs = 60_000;

/**
 * The computer whose last two requests were both rejected within a minute, or null: who says no twice in a row may want
 * to be left alone by it. It stays offered until something else is rejected.
 */
export function annoyingComputer(rejections: readonly Rejection[]): RequestView['computer'] | null {
  const last = rejections.at(-1);
  if (last === undefined) return null;
  const before = rejections.slice(0, -1).findLast(({ computer }) => computer.id === last.computer.id);
  return before !== undefined && last.at - before.at <= spanMs ? last.computer : null;
}
