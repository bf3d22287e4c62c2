import { ascii, equal, toHex } from '@palmkey/envelope';
import canonicalize from 'canonicalize';
import * as v from 'valibot';
import type { ChainErrorCode } from './errors.ts';
import { type Link, MAX_LINK_BYTES } from './link.ts';
import { linkSchema, linkTypes } from './link-schema.ts';

/** Deeper than any structure of the page. */
const MAX_LEVELS = 8;

/** What a link's bytes are: the link and its JSON as a text, or the first reason to refuse them. */
export type ParsedLink =
  | { readonly is: 'link'; readonly link: Link; readonly text: string }
  | {
      readonly is: 'refused';
      readonly code: Extract<ChainErrorCode, 'bad-link' | 'unsupported-version' | 'unknown-type'>;
    };

/**
 * Reads a link's JSON (spec/account.md, "A link"): at most {@link MAX_LINK_BYTES}, canonical, and the structure of its
 * type. Throws nothing.
 */
export function parseLink(json: Uint8Array): ParsedLink {
  const text = json.length > MAX_LINK_BYTES ? undefined : printableOf(json);
  const value = valueOf(text);
  const parsed = v.safeParse(linkSchema, value, { abortEarly: true, abortPipeEarly: true });
  if (text === undefined || !parsed.success) return { is: 'refused', code: reasonFor(value, json) };
  return isCanonical(value, text) ? { is: 'link', link: parsed.output, text } : { is: 'refused', code: 'bad-link' };
}

/**
 * The canonical JSON of a value, in ASCII; bytes become lower-case hexadecimal. Throws `BytesError` for text that is not
 * ASCII and `TypeError` for what is no JSON at all.
 */
export function canonicalJson(value: unknown): Uint8Array<ArrayBuffer> {
  return ascii(canonicalText(value));
}

/** The value of JSON in printable ASCII without white space outside of strings; undefined for everything else. */
export function parseAscii(json: Uint8Array): unknown {
  return valueOf(printableOf(json));
}

/** Bytes as text, if they are printable ASCII. */
function printableOf(bytes: Uint8Array): string | undefined {
  // A spread would go through an iterator, byte by byte.
  const text: unknown = Reflect.apply(String.fromCharCode, null, bytes);
  return typeof text === 'string' && /^[\x20-\x7e]*$/.test(text) ? text : undefined;
}

/**
 * Whether a text is the canonical JSON of the value that was parsed from it, of which a schema has fixed the keys and
 * that every number is an integer. An engine then writes it as it stood there, but for what is no part of the value:
 * white space, another spelling, a key that is there twice. What is left is the order of the keys.
 */
function isCanonical(value: unknown, text: string): boolean {
  return JSON.stringify(value) === text && isSorted(value);
}

function isSorted(value: unknown): boolean {
  if (Array.isArray(value)) return value.every(isSorted);
  if (!isRecord(value)) return true;
  const keys = Object.keys(value);
  return keys.every((key, i) => (i === 0 || (keys[i - 1] ?? key) < key) && isSorted(value[key]));
}

function valueOf(text: string | undefined): unknown {
  if (text === undefined) return undefined;
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function canonicalText(value: unknown): string {
  const text = canonicalize(hexed(value));
  if (text === undefined) throw new TypeError('not a JSON value');
  return text;
}

/** Why a value that is no link of ours is refused. Only what is canonical may say that it is of another version or type. */
function reasonFor(value: unknown, json: Uint8Array): 'bad-link' | 'unsupported-version' | 'unknown-type' {
  if (!isRecord(value) || !isPlain(value, MAX_LEVELS) || !equal(canonicalJson(value), json)) return 'bad-link';
  const { v: version, type } = value;
  if (typeof version !== 'number') return 'bad-link';
  if (version !== 1) return 'unsupported-version';
  return typeof type === 'string' && !linkTypes.includes(type) ? 'unknown-type' : 'bad-link';
}

/** Whether it holds nothing but what a link may hold: printable ASCII, integers from 0, at most so many levels. */
function isPlain(value: unknown, levels: number): boolean {
  if (value === null || typeof value === 'boolean') return true;
  if (typeof value === 'string') return /^[\x20-\x7e]*$/.test(value);
  if (typeof value === 'number') return Number.isSafeInteger(value) && value >= 0;
  if (levels === 0) return false;
  if (Array.isArray(value)) return value.every((element) => isPlain(element, levels - 1));
  return isRecord(value) && Object.entries(value).every((entry) => entry.every((each) => isPlain(each, levels - 1)));
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function hexed(value: unknown): unknown {
  if (value instanceof Uint8Array) return toHex(value);
  if (Array.isArray(value)) return value.map(hexed);
  if (!isRecord(value)) return value;
  // Without a prototype, so that no key means anything but itself.
  const plain = Object.create(null) as Record<string, unknown>;
  for (const key of Object.keys(value)) plain[key] = hexed(value[key]);
  return plain;
}
