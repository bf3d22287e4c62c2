/**
 * Canonical MessagePack by spec/README.md, "Conventions", alone, for the other readers: it shares no line with the
 * packages. Bytes become `Uint8Array`, maps objects.
 */
import { TextDecoder } from 'node:util';

/** What is not of the form. */
export class Malformed extends Error {}
const refuse = () => {
  throw new Malformed('not of the form');
};
const MAX_LEVELS = 8;
const MAX_ELEMENTS = 256;
/** The least that needs so many bytes. */
const LEAST = { 1: 0n, 2: 0x100n, 4: 0x10000n, 8: 0x100000000n };

/** One value at an offset: the value and where it ends. Throws {@link Malformed} for everything else. */
export function valueAt(bytes, at, levels = MAX_LEVELS) {
  if (levels === 0) refuse();
  const take = (from, length) => (from + length <= bytes.length ? bytes.subarray(from, from + length) : refuse());
  const uint = (length) => take(at + 1, length).reduce((sum, byte) => sum * 256n + BigInt(byte), 0n);
  /** Of so many bytes, and of no fewer. */
  const shortest = (length, least) => {
    const value = uint(length);
    return value < least || value > BigInt(Number.MAX_SAFE_INTEGER) ? refuse() : Number(value);
  };
  const positive = (length) => ({
    value: shortest(length, length === 1 ? 0x80n : LEAST[length]),
    end: at + 1 + length,
  });
  const negative = (length) => {
    const value = BigInt.asIntN(8 * length, uint(length));
    const isShort = length === 1 ? value >= -32n : value >= -LEAST[length] / 2n;
    return isShort || value < BigInt(Number.MIN_SAFE_INTEGER)
      ? refuse()
      : { value: Number(value), end: at + 1 + length };
  };
  const raw = (length, from, read) => ({ value: read(take(from, length)), end: from + length });
  const bin = (length) => raw(shortest(length, LEAST[length]), at + 1 + length, (part) => part);
  const str = (length) => raw(shortest(length, length === 1 ? 32n : LEAST[length]), at + 1 + length, text);
  const byte = take(at, 1)[0];
  if (byte < 0x80) return { value: byte, end: at + 1 };
  if (byte >= 0xe0) return { value: byte - 256, end: at + 1 };
  if (byte < 0x90) return mapAt(bytes, at + 1, byte & 15, levels);
  if (byte < 0xa0) return listAt(bytes, at + 1, byte & 15, levels);
  if (byte < 0xc0) return raw(byte & 31, at + 1, text);
  if (byte >= 0xc4 && byte <= 0xc6) return bin(2 ** (byte - 0xc4));
  if (byte >= 0xcc && byte <= 0xcf) return positive(2 ** (byte - 0xcc));
  if (byte >= 0xd0 && byte <= 0xd3) return negative(2 ** (byte - 0xd0));
  if (byte >= 0xd9 && byte <= 0xdb) return str(2 ** (byte - 0xd9));
  switch (byte) {
    case 0xc0:
      return { value: null, end: at + 1 };
    case 0xc2:
    case 0xc3:
      return { value: byte === 0xc3, end: at + 1 };
    case 0xdc:
      return listAt(bytes, at + 3, shortest(2, 16n), levels);
    case 0xde:
      return mapAt(bytes, at + 3, shortest(2, 16n), levels);
    default:
      // Floats, extensions, and lists and maps of more than there may be.
      return refuse();
  }
}

function text(part) {
  if (part[0] === 0xef && part[1] === 0xbb && part[2] === 0xbf) refuse();
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(part);
  } catch {
    return refuse();
  }
}

function listAt(bytes, from, length, levels) {
  if (length > MAX_ELEMENTS) refuse();
  return elementsAt(bytes, from, length, levels);
}

function elementsAt(bytes, from, length, levels) {
  const value = [];
  let end = from;
  for (let i = 0; i < length; i += 1) {
    const each = valueAt(bytes, end, levels - 1);
    value.push(each.value);
    end = each.end;
  }
  return { value, end };
}

function mapAt(bytes, from, length, levels) {
  if (length > MAX_ELEMENTS) refuse();
  const { value: flat, end } = elementsAt(bytes, from, 2 * length, levels);
  const keys = flat.filter((_, i) => i % 2 === 0);
  const isKey = (key) => typeof key === 'string' && /^[ -~]+$/.test(key);
  if (!keys.every((key, i) => isKey(key) && (i === 0 || keys[i - 1] < key))) refuse();
  return { value: Object.fromEntries(keys.map((key, i) => [key, flat[2 * i + 1]])), end };
}

/** The one value that bytes are. Throws {@link Malformed}. */
export function whole(bytes) {
  const { value, end } = valueAt(bytes, 0);
  return end === bytes.length ? value : refuse();
}
