import { Decoder, Encoder } from '@msgpack/msgpack';
import { equal } from '@palmkey/envelope';
import * as v from 'valibot';
import { FormatError } from './errors.ts';

/** Deeper than any structure of the spec. */
const MAX_DEPTH = 8;
/** More elements or keys than any structure of the spec has; what is claimed is refused before it is allocated. */
const MAX_ELEMENTS = 256;

const encoder = new Encoder({ sortKeys: true, maxDepth: MAX_DEPTH });
const decoder = new Decoder({
  maxArrayLength: MAX_ELEMENTS,
  maxMapLength: MAX_ELEMENTS,
  mapKeyConverter: (key) => {
    if (typeof key !== 'string') throw new FormatError('a key that is not text');
    return key;
  },
});

/**
 * Canonical MessagePack (spec/README.md) of null, booleans, safe integers, text, bytes, lists and maps of these.
 * Throws {@link FormatError} for anything else. Keys are ASCII, so that their UTF-16 order is their bytes' order.
 */
export function encodeCanonical(value: unknown): Uint8Array<ArrayBuffer> {
  checkValue(value, 1);
  return encoder.encode(value);
}

/**
 * Decodes canonical MessagePack that fits the schema; byte strings of the result are views of `bytes`.
 * Throws {@link FormatError} for more than `maxBytes`, another encoding than the canonical one, and another structure.
 */
export function decodeCanonical<const Schema extends v.GenericSchema>(
  bytes: Uint8Array,
  schema: Schema,
  maxBytes: number,
): v.InferOutput<Schema> {
  if (bytes.length > maxBytes) throw new FormatError('longer than allowed');
  const parsed = v.safeParse(schema, decodeValue(bytes), { abortEarly: true, abortPipeEarly: true });
  if (!parsed.success) throw new FormatError('not the structure that the page allows');
  return parsed.output;
}

function decodeValue(bytes: Uint8Array): unknown {
  let value: unknown;
  try {
    value = decoder.decode(bytes);
  } catch (cause) {
    throw new FormatError('not MessagePack', { cause });
  }
  checkValue(value, 1);
  if (!equal(encoder.encodeSharedRef(value), bytes)) throw new FormatError('not the canonical encoding');
  return value;
}

function checkValue(value: unknown, depth: number): void {
  if (depth > MAX_DEPTH) throw new FormatError('too deep');
  if (value === null || typeof value === 'boolean' || value instanceof Uint8Array) return;
  if (typeof value === 'string') checkText(value);
  else if (typeof value === 'number') {
    if (!Number.isSafeInteger(value)) throw new FormatError('a number that is not a safe integer');
  } else if (Array.isArray(value)) {
    if (value.length > MAX_ELEMENTS) throw new FormatError('too many elements');
    for (const element of value) checkValue(element, depth + 1);
  } else if (isMap(value)) {
    for (const key of Object.keys(value)) {
      if (!/^[\x20-\x7e]+$/.test(key)) throw new FormatError('a key that is not ASCII');
      checkValue(value[key], depth + 1);
    }
  } else throw new FormatError('a value of no allowed type');
}

function checkText(text: string): void {
  // Lone surrogates have no UTF-8; a leading U+FEFF would be dropped by TextDecoder, but only from long texts.
  if (/^\uFEFF|\p{Surrogate}/u.test(text)) throw new FormatError('text that has no single encoding');
}

function isMap(value: unknown): value is Readonly<Record<string, unknown>> {
  if (typeof value !== 'object' || value === null) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}
