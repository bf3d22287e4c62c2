/** Which key is offered where. */
import type { KeyFact, OffersFact } from '@palmkey/host/control';
import type { Paint } from './paint.ts';
import { keyName, shortType } from './picture.ts';
import { table } from './table.ts';
import { visible } from './visible.ts';

/** The keys, one a line, each with where it is offered, and below them the hosts that none is offered to. */
export function keyLines(keys: readonly KeyFact[], offers: OffersFact, paint: Paint): string[] {
  const patternsOf = (key: KeyFact) =>
    offers.keys.find(({ fingerprint }) => fingerprint === key.fingerprint)?.to ?? null;
  const place = (key: KeyFact) => offers.keys.findIndex(({ fingerprint }) => fingerprint === key.fingerprint);
  const rows = keys
    .toSorted((a, b) => place(a) - place(b))
    .map((key) => [
      paint.strong(keyName(key)),
      shortType(key.type),
      key.fingerprint,
      `on ${visible(key.phone)}`,
      `offered ${where(patternsOf(key))}`,
    ]);
  return [...table(rows), ...offLines(offers, paint)];
}

export function offLines({ off }: OffersFact, paint: Paint): string[] {
  return off.length === 0 ? [] : [`${paint.unusual('note')}  no key of a phone is offered to ${list(off)}`];
}

export function offeredWords(key: KeyFact, to: readonly string[] | null): string {
  return to === null
    ? `${keyName(key)} is offered to every server.`
    : `${keyName(key)} is offered to ${list(to)} only.`;
}

export const offerWords = {
  none: 'Keys are offered to every host.',
  off: (pattern: string) => `No key of a phone is offered to ${visible(pattern)} any more.`,
  on: (pattern: string) => `Keys are offered to ${visible(pattern)} again.`,
  first: (key: KeyFact) => `${keyName(key)} comes first where several keys fit.`,
  offerHint: (me: string, key: string) => `${me} keys offer ${key} --everywhere takes that back`,
  offHint: (me: string, pattern: string) => `${me} keys off ${pattern} --undo takes that back`,
} as const;

function where(to: readonly string[] | null): string {
  return to === null ? 'everywhere' : `to ${list(to)}`;
}

/** `*.corp, db-?, not build.corp` */
function list(patterns: readonly string[]): string {
  return patterns
    .map((pattern) => (pattern.startsWith('!') ? `not ${visible(pattern.slice(1))}` : visible(pattern)))
    .join(', ');
}
