import { fromHex } from '@palmkey/envelope';
import * as v from 'valibot';
import { decodeCanonical, encodeCanonical } from '../crypto/index.ts';
import { MAX_MEMBER_BODY_BYTES } from './member-record.ts';
import { sharedHex, sharedText, toSharedText } from './shared-texts.ts';

/** What a request can have asked for, and what can have become of it: their places are those on the wire. */
const KINDS = ['login', 'git', 'file'] as const;
const OUTCOMES = ['approved', 'rejected', 'passed', 'withdrawn', 'expired', 'failed', 'refused'] as const;
const DECIDERS = ['person', 'permission'] as const;

/** One line of a phone's history: something that was decided on it. Hashes and ids are hexadecimal. */
export interface SharedLine {
  /** The request's hash (32). */
  readonly hash: string;
  /** The computer's DeviceId. */
  readonly host: string;
  /** By the phone's clock, ms. */
  readonly at: number;
  readonly kind: (typeof KINDS)[number];
  readonly outcome: (typeof OUTCOMES)[number];
  readonly by: (typeof DECIDERS)[number];
  readonly confirmed: boolean;
  readonly signed: boolean;
  /** What the computer was called there. */
  readonly computer: string;
  readonly user: string | null;
  /** The server's name. */
  readonly server: string | null;
  /** SHA-256 of the server's key (32). */
  readonly hostKey: string | null;
  readonly keyName: string | null;
  readonly subject: string | null;
  readonly repository: string | null;
}

/** One of a history's records: the lines of one turn of its ring. */
export interface HistoryChunk {
  /** From 1 on; turn n stands in the record n mod 8. */
  readonly turn: number;
  /** In the order in which they were written. */
  readonly lines: readonly SharedLine[];
}

const NAME_BYTES = 64;
const SUBJECT_BYTES = 96;

const place = <Names extends readonly string[]>(names: Names) =>
  v.pipe(
    v.number(),
    v.check((at) => names[at] !== undefined),
    v.transform((at): Names[number] => names[at] ?? ''),
  );
const nameText = v.nullable(sharedText(NAME_BYTES));
const subjectText = v.nullable(sharedText(SUBJECT_BYTES));
const count = v.pipe(v.number(), v.minValue(0));

/** Lists in the place of maps, without the keys. */
const line = v.strictTuple([
  sharedHex(32),
  sharedHex(16),
  count,
  place(KINDS),
  place(OUTCOMES),
  place(DECIDERS),
  v.boolean(),
  v.boolean(),
  sharedText(NAME_BYTES),
  nameText,
  nameText,
  v.nullable(sharedHex(32)),
  nameText,
  subjectText,
  subjectText,
]);
const chunk = v.strictTuple([v.pipe(v.number(), v.minValue(1)), v.array(line)]);

/** The line as a record holds it: texts cut. */
export function toSharedLine(of: SharedLine): SharedLine {
  return {
    ...of,
    computer: toSharedText(of.computer, NAME_BYTES),
    user: toSharedText(of.user, NAME_BYTES),
    server: toSharedText(of.server, NAME_BYTES),
    keyName: toSharedText(of.keyName, NAME_BYTES),
    subject: toSharedText(of.subject, SUBJECT_BYTES),
    repository: toSharedText(of.repository, SUBJECT_BYTES),
  };
}

/** The body of a record `history/<id>/<n>`, of lines as {@link toSharedLine} gives them. */
export function encodeHistoryChunk({ turn, lines }: HistoryChunk): Uint8Array<ArrayBuffer> {
  return encodeCanonical([turn, lines.map(lineValue)]);
}

/** Reads it; throws {@link FormatError}. */
export function parseHistoryChunk(body: Uint8Array): HistoryChunk {
  const [turn, lines] = decodeCanonical(body, chunk, MAX_MEMBER_BODY_BYTES);
  return { turn, lines: lines.map(lineOf) };
}

function lineOf(value: v.InferOutput<typeof line>): SharedLine {
  const [hash, host, at, kind, outcome, by, confirmed, signed, computer, ...texts] = value;
  const [user, server, hostKey, keyName, about, repository] = texts;
  return {
    hash, host, at, kind, outcome, by, confirmed, signed, computer,
    user, server, hostKey, keyName, subject: about, repository,
  }; // prettier-ignore
}

function lineValue(of: SharedLine): unknown {
  return [
    fromHex(of.hash),
    fromHex(of.host),
    of.at,
    KINDS.indexOf(of.kind),
    OUTCOMES.indexOf(of.outcome),
    DECIDERS.indexOf(of.by),
    of.confirmed,
    of.signed,
    of.computer,
    of.user,
    of.server,
    of.hostKey === null ? null : fromHex(of.hostKey),
    of.keyName,
    of.subject,
    of.repository,
  ];
}
