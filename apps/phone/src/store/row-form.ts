/**
 * A row as bytes: `u32 length ‖ JSON ‖ (u32 length ‖ bytes) …`. What JSON has no form for stands in it as an object with the
 * one key `$`, which no row has: `["bytes", n]`, `["key", n, form]`, `["handle", n]` and `["number", text]`.
 */
import { concat } from '@palmkey/envelope';
import { formOf, type KeyForm, keyBytes, parseKeyForm } from '../keyring/key-bytes.ts';

/** A row, and the keys in it whose bytes nobody has. */
export interface FormedRow {
  /** The caller's to wipe: bytes of private keys are in it. */
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly handles: readonly CryptoKey[];
  /** Those whose bytes are in it. */
  readonly keys: readonly CryptoKey[];
}

/** A key as it stands in a row's bytes. */
export interface FormedKey {
  readonly form: KeyForm;
  /** PKCS#8, or SubjectPublicKeyInfo. A view of the row's bytes. */
  readonly bytes: Uint8Array;
}

/** Throws a TypeError for a value that no row has. */
export function formRow(value: unknown): FormedRow {
  const parts: Uint8Array[] = [];
  const handles: CryptoKey[] = [];
  const keys: CryptoKey[] = [];
  const json = new TextEncoder().encode(JSON.stringify(form(value)));
  return { bytes: concat(...[json, ...parts].flatMap((part) => [u32(part.length), part])), handles, keys };

  function form(from: unknown): unknown {
    if (typeof from === 'number' && !Number.isFinite(from)) return { $: ['number', String(from)] };
    if (from === null || ['string', 'number', 'boolean'].includes(typeof from)) return from;
    if (from instanceof Uint8Array) return { $: ['bytes', parts.push(from) - 1] };
    if (from instanceof CryptoKey) {
      const bytes = keyBytes(from);
      if (bytes === undefined) return { $: ['handle', handles.push(from) - 1] };
      keys.push(from);
      return { $: ['key', parts.push(bytes) - 1, formOf(from)] };
    }
    if (Array.isArray(from)) return from.map(form);
    if (typeof from !== 'object') throw new TypeError('a row with a value that has no form');
    return Object.fromEntries(
      Object.entries(from)
        .filter(([, inner]) => inner !== undefined)
        .map(([key, inner]) => [key, form(inner)]),
    );
  }
}

/** What was formed, with its keys by `keyOf`. Throws a TypeError for bytes that {@link formRow} has not made. */
export function readRow(bytes: Uint8Array, handles: readonly CryptoKey[], keyOf: (key: FormedKey) => unknown): unknown {
  const [json, ...parts] = split(bytes);
  return read(JSON.parse(new TextDecoder().decode(json)));

  function read(from: unknown): unknown {
    if (Array.isArray(from)) return from.map(read);
    if (typeof from !== 'object' || from === null) return from;
    if ('$' in from) return marked(from.$);
    return Object.fromEntries(Object.entries(from).map(([key, inner]) => [key, read(inner)]));
  }

  function marked(mark: unknown): unknown {
    const [what, where, more] = Array.isArray(mark) ? (mark as readonly unknown[]) : [];
    if (what === 'number') return Number(where);
    const at = Number(where);
    if (what === 'handle') return there(handles[at]);
    if (what === 'bytes') return there(parts[at]).slice();
    if (what === 'key') return keyOf({ form: parseKeyForm(more), bytes: there(parts[at]) });
    throw new TypeError('a row with an unknown mark');
  }
}

/** The keys in a row whose bytes are there. */
export function keysInRow(bytes: Uint8Array, handles: readonly CryptoKey[]): readonly FormedKey[] {
  const found: FormedKey[] = [];
  readRow(bytes, handles, (key) => found.push(key));
  return found;
}

function split(bytes: Uint8Array): readonly Uint8Array[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const parts: Uint8Array[] = [];
  for (let at = 0; at < bytes.length;) {
    const end = at + 4 + (at + 4 <= bytes.length ? view.getUint32(at) : Infinity);
    if (end > bytes.length) throw new TypeError('a row that ends within a part');
    parts.push(bytes.subarray(at + 4, end));
    at = end;
  }
  return parts;
}

function there<T>(value: T | undefined): T {
  if (value === undefined) throw new TypeError('a row without one of its parts');
  return value;
}

function u32(value: number): Uint8Array {
  const bytes = new Uint8Array(4);
  new DataView(bytes.buffer).setUint32(0, value);
  return bytes;
}
