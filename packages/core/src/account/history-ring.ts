import { HISTORY_CHUNKS, MAX_MEMBER_BODY_BYTES } from './member-record.ts';
import { encodeHistoryChunk, type HistoryChunk, type SharedLine, toSharedLine } from './shared-history.ts';

/** A phone's own history as it shares it: the lines of the last turns, at most 8; the oldest go with their turn. */
export type HistoryRing = readonly HistoryChunk[];

/**
 * Takes lines up, oldest first: in the place of the one about the same request, or at the end. What is older than all that
 * is left of a ring that went round was in it before, and stays out. Returns the very same ring where nothing is new.
 */
export function withLines(ring: HistoryRing, lines: readonly SharedLine[]): HistoryRing {
  let now = ring;
  for (const each of lines) now = withLine(now, toSharedLine(each));
  return now;
}

/** Every line of a ring, the turns in their order. */
export function linesOfRing(ring: HistoryRing): readonly SharedLine[] {
  return ring.toSorted((a, b) => a.turn - b.turn).flatMap(({ lines }) => lines);
}

/** In which record a turn stands. */
export function recordOfTurn(turn: number): number {
  return turn % HISTORY_CHUNKS;
}

function withLine(ring: HistoryRing, line: SharedLine): HistoryRing {
  for (const chunk of ring) {
    const known = chunk.lines.find((each) => isSame(each, line));
    if (known === undefined) continue;
    if (isAlike(known, line)) return ring;
    const changed = { ...chunk, lines: chunk.lines.map((each) => (each === known ? line : each)) };
    if (fits(changed)) return ring.map((each) => (each === chunk ? changed : each));
    const without = { ...chunk, lines: chunk.lines.filter((each) => each !== known) };
    return appended(
      ring.map((each) => (each === chunk ? without : each)),
      line,
    );
  }
  const last = latest(ring);
  const oldest = Math.min(...ring.flatMap(({ lines }) => lines.map(({ at }) => at)));
  if (last !== undefined && last.turn > HISTORY_CHUNKS && line.at < oldest) return ring;
  return appended(ring, line);
}

function appended(ring: HistoryRing, line: SharedLine): HistoryRing {
  const last = latest(ring);
  if (last !== undefined) {
    const longer = { ...last, lines: [...last.lines, line] };
    if (fits(longer)) return ring.map((each) => (each === last ? longer : each));
  }
  const next = { turn: (last?.turn ?? 0) + 1, lines: [line] };
  return [...ring.filter(({ turn }) => recordOfTurn(turn) !== recordOfTurn(next.turn)), next];
}

function latest(ring: HistoryRing): HistoryChunk | undefined {
  return ring.toSorted((a, b) => b.turn - a.turn)[0];
}

function fits(chunk: HistoryChunk): boolean {
  return encodeHistoryChunk(chunk).length <= MAX_MEMBER_BODY_BYTES;
}

function isSame(a: SharedLine, b: SharedLine): boolean {
  return a.hash === b.hash && a.host === b.host;
}

function isAlike(a: SharedLine, b: SharedLine): boolean {
  return (Object.keys(a) as (keyof SharedLine)[]).every((key) => a[key] === b[key]);
}
