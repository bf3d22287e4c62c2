import * as v from 'valibot';
import type { HexId } from '../model/hex-id.ts';

const hash = v.pipe(v.string(), v.regex(/^[0-9a-f]{64}$/));
const question = v.pipe(v.string(), v.regex(/^[0-9a-f]{32}$/));
const decision = v.picklist(['approve', 'reject']);

const word = v.variant('is', [
  v.strictObject({ is: v.literal('push') }),
  v.strictObject({ is: v.literal('mine') }),
  v.strictObject({ is: v.literal('not-mine') }),
  v.strictObject({ is: v.literal('wanted') }),
  v.strictObject({ is: v.literal('decide'), question, hash, decision }),
  v.strictObject({ is: v.literal('decided'), question, done: v.boolean() }),
]);

/**
 * What the pages of one browser and its service worker say to each other about the one connection:
 *
 * - `push`: the worker was woken; who has the connection? A page in sight that has it wakes and says `mine`, one out of
 *   sight gives it up, and one in sight that has it not says `not-mine`;
 * - `wanted`: a page in sight waits for the connection; the worker gives it up;
 * - `decide`: the person answered a notification; the page that has the connection does it and says `decided`.
 */
export type Word = v.InferOutput<typeof word>;

/** What a person can say on a notification. */
export type NoticeDecision = v.InferOutput<typeof decision>;

/** The other pages and the worker of this browser. None hears its own words. */
export interface Neighbours {
  say(word: Word): void;
  /** What it returns ends that. */
  onWord(listener: (word: Word) => void): () => void;
}

/** Reads a word; null for anything else: another version of the app may be open beside this one. */
export function parseWord(value: unknown): Word | null {
  const parsed = v.safeParse(word, value);
  return parsed.success ? parsed.output : null;
}

/** The hash that a notification or an address names; null where it is none. */
export function parseHash(value: unknown): HexId | null {
  const parsed = v.safeParse(hash, value);
  return parsed.success ? parsed.output : null;
}
