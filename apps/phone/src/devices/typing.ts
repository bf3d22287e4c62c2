/** What a field of words says while somebody types in it: how to go on with the last word, and which words are none. */
import { CHEAP_WORD, completions, isWord, nearWords } from '@palmkey/core/provisioning';

const MAX_OFFERS = 4;

export interface WrongWord {
  /** Which, from 0, with a number before the words counted. */
  readonly index: number;
  readonly typed: string;
  readonly near: readonly string[];
}

export interface Typing {
  /** How many words are there, the one that is being typed among them. */
  readonly count: number;
  /** Whole words for the one that is being typed; none once it can only be that. */
  readonly offers: readonly string[];
  /** The first finished word that is not in the list. */
  readonly wrong: WrongWord | null;
}

/** Looks at what was typed so far; a word is finished by the white space after it. */
export function lookAtTyping(text: string): Typing {
  const tokens = tokensOf(text);
  const open = /\S$/.test(text) ? tokens.at(-1) : undefined;
  const finished = open === undefined ? tokens : tokens.slice(0, -1);
  const wrongAt = finished.findIndex((token, index) => !isKnown(token, index));
  const typed = finished[wrongAt];
  return {
    count: tokens.length,
    offers: open === undefined ? [] : offersFor(open),
    wrong: typed === undefined ? null : { index: wrongAt, typed, near: nearWords(typed, MAX_OFFERS) },
  };
}

/** The text with its last word replaced by a whole one, ready for the next. */
export function completed(text: string, word: string): string {
  return text.replace(/\S*$/, `${word} `);
}

/** The text with one word replaced; everything else stays as it was typed. */
export function corrected(text: string, index: number, word: string): string {
  let at = -1;
  return text.replace(/\S+/g, (token) => {
    at += 1;
    return at === index ? word : token;
  });
}

function offersFor(open: string): readonly string[] {
  const offers = completions(open, MAX_OFFERS);
  return offers.length === 1 && offers[0] === open ? [] : offers;
}

/** A number may stand before all words, and `four` as the ninth (spec/provisioning.md, "Suites"). */
function isKnown(token: string, index: number): boolean {
  return isWord(token) || (index === 0 && /^\d{1,10}$/.test(token)) || (index === 8 && token === CHEAP_WORD);
}

function tokensOf(text: string): readonly string[] {
  return text.toLowerCase().split(/\s+/).filter(Boolean);
}
