import type { Random } from './random.ts';

/** Inputs grow no further: beyond the largest frame, below what would only measure the machine. */
export const MAX_INPUT_BYTES = 70_000;

/** Makes another input of one; never changes the bytes it was given. */
type Mutation = (bytes: Uint8Array, random: Random, seeds: readonly Uint8Array[]) => Uint8Array;

/** What readers of lengths, lines, numbers, JSON and Unicode have stumbled over. */
const TOKENS: readonly Uint8Array[] = [
  ...['\n', '\r\n', '\0', ' ', '\t', '=', '==', '"', '\\', '{', '[', '#', '-0', '0x1', '1e999', '9007199254740993'],
  ...['\u0000\u0000\u0000\u0000', '__proto__', '\\ud800', '\uFEFF', '\u202E', '\u2028', '\u00A0', '\u{1F511}', '../'],
]
  .map((text) => new TextEncoder().encode(text))
  .concat([Uint8Array.of(0xff, 0xfe), Uint8Array.of(0xc0, 0x80), Uint8Array.of(0xed, 0xa0, 0x80), Uint8Array.of(0x80)]);

/** Numbers and beginnings that claim far more than can follow: SSH's, and MessagePack's str, bin, array, map and ext. */
const HUGE: readonly Uint8Array[] = [
  Uint8Array.of(0xff, 0xff, 0xff, 0xff),
  Uint8Array.of(0x7f, 0xff, 0xff, 0xff),
  Uint8Array.of(0x00, 0x04, 0x00, 0x01),
  new Uint8Array(8).fill(0xff),
  ...[0xdb, 0xc6, 0xdd, 0xdf, 0xc9].map((type) => Uint8Array.of(type, 0xff, 0xff, 0xff, 0xff)),
  ...[0xda, 0xc5, 0xdc, 0xde, 0xc8].map((type) => Uint8Array.of(type, 0xff, 0xff)),
];

const flipBit: Mutation = (bytes, random) => {
  const out = bytes.slice();
  const at = random.below(out.length);
  if (out.length > 0) out[at] = (out[at] ?? 0) ^ (1 << random.below(8));
  return out;
};

const setByte: Mutation = (bytes, random) => {
  const out = bytes.slice();
  if (out.length > 0) out[random.below(out.length)] = random.pick([0, 1, 0x7f, 0x80, 0xff, random.below(256)]);
  return out;
};

const truncate: Mutation = (bytes, random) => bytes.slice(0, random.below(bytes.length + 1));

const removeRange: Mutation = (bytes, random) => {
  const [from, to] = rangeOf(bytes, random);
  return join(bytes.subarray(0, from), bytes.subarray(to));
};

const duplicateRange: Mutation = (bytes, random) => {
  const [from, to] = rangeOf(bytes, random);
  const at = random.oneIn(2) ? to : random.below(bytes.length + 1);
  return join(bytes.subarray(0, at), bytes.subarray(from, to), bytes.subarray(at));
};

const insert: Mutation = (bytes, random) => {
  const at = random.oneIn(4) ? bytes.length : random.below(bytes.length + 1);
  const what = random.oneIn(2) ? random.bytes(1 + random.below(16)) : random.pick(TOKENS);
  return join(bytes.subarray(0, at), what, bytes.subarray(at));
};

const splice: Mutation = (bytes, random, seeds) => {
  const other = random.pick(seeds);
  return join(bytes.subarray(0, random.below(bytes.length + 1)), other.subarray(random.below(other.length + 1)));
};

/** Rewrites a big-endian number of 1, 2, 4 or 8 bytes: off by one, doubled, none, the most, the length of what follows. */
const editLength: Mutation = (bytes, random) => {
  const width = random.pick([1, 2, 4, 8]);
  if (bytes.length < width) return bytes;
  const out = bytes.slice();
  const at = random.below(bytes.length - width + 1);
  let value = 0n;
  for (let i = 0; i < width; i++) value = (value << 8n) | BigInt(out[at + i] ?? 0);
  const most = (1n << BigInt(8 * width)) - 1n;
  const left = BigInt(bytes.length - at - width);
  const near = [value + 1n, value - 1n, value * 2n, left, left + 1n, left - 1n];
  let next = random.pick([...near, 0n, most, most >> 1n, 1n << BigInt(8 * width - 1)]) & most;
  for (let i = width - 1; i >= 0; i--) {
    out[at + i] = Number(next & 0xffn);
    next >>= 8n;
  }
  return out;
};

const claimHuge: Mutation = (bytes, random) => {
  const claim = random.pick(HUGE);
  const at = random.below(bytes.length + 1);
  return join(bytes.subarray(0, at), claim, bytes.subarray(random.oneIn(2) ? at : at + claim.length));
};

/** Writes the value at one place of MessagePack in another width or as another type: the same to a lax reader. */
const swapType: Mutation = (bytes, random) => {
  const places = typePlaces(bytes);
  if (places.length === 0) return bytes;
  const at = random.pick(places);
  const type = bytes[at] ?? 0;
  const next = bytes[at + 1] ?? 0;
  const as = (replaced: number, ...head: number[]) =>
    join(bytes.subarray(0, at), Uint8Array.from(head), bytes.subarray(at + replaced));
  if (random.oneIn(4)) return as(1, random.pick([0xc0, 0xc1, 0xc2, 0xc3, 0xca, 0xcb, 0xd4, 0xc7, 0xe0, 0x80, 0x90]));
  if (type < 0x80) return random.oneIn(2) ? as(1, 0xcc, type) : as(1, 0xd0, type);
  if (type < 0x90) return random.oneIn(2) ? as(1, 0xde, 0, type & 15) : as(1, 0x80 | ((type + 1) & 15));
  if (type < 0xa0) return random.oneIn(2) ? as(1, 0xdc, 0, type & 15) : as(1, 0x90 | ((type + 1) & 15));
  if (type < 0xc0) return random.oneIn(2) ? as(1, 0xd9, type & 31) : as(1, 0xc4, type & 31);
  if (type === 0xc4) return random.oneIn(2) ? as(2, 0xc5, 0, next) : as(2, 0xd9, next);
  if (type === 0xc5) return as(1, 0xc6, 0, 0);
  if (type === 0xcc) return as(2, 0xcd, 0, next);
  if (type === 0xcd) return as(1, 0xce, 0, 0);
  if (type === 0xce) return as(1, 0xcf, 0, 0, 0, 0);
  if (type === 0xcf) return as(1, random.pick([0xd3, 0xcb]));
  if (type === 0xd9) return as(2, 0xda, 0, next);
  return as(1, type ^ 1);
};

const noise: Mutation = (_bytes, random) => random.bytes(random.below(random.oneIn(8) ? 2_000 : 80));

/** Repeats a few bytes, white space if there is any, thousands of times: what takes time that grows faster than the input. */
const stretch: Mutation = (bytes, random) => {
  const blanks = random.oneIn(2) ? [] : placesOf(bytes, (byte) => byte === 0x20 || byte === 0x09);
  const at = blanks.length > 0 ? random.pick(blanks) : random.below(bytes.length);
  const unit = blanks.length > 0 ? bytes.subarray(at, at + 1) : bytes.subarray(at, at + 1 + random.below(4));
  if (unit.length === 0) return bytes;
  const run = new Uint8Array(unit.length * (1_000 + random.below(Math.floor(MAX_INPUT_BYTES / unit.length))));
  for (let i = 0; i < run.length; i += unit.length) run.set(unit, i);
  const end = random.oneIn(2) ? random.pick(TOKENS) : new Uint8Array(0);
  return join(bytes.subarray(0, at), run, end, bytes.subarray(at));
};

/** As often as they stand here. */
const MUTATIONS: readonly Mutation[] = [
  ...[flipBit, flipBit, flipBit, setByte, setByte, truncate, removeRange, duplicateRange, insert, insert],
  ...[splice, splice, editLength, editLength, editLength, claimHuge, swapType, swapType, swapType],
];

/** An input: mostly one to four mutations of a seed, now and then noise or something very long. */
export function mutate(seeds: readonly Uint8Array[], random: Random): Uint8Array {
  let bytes = random.pick(seeds);
  if (random.oneIn(40)) return noise(bytes, random, seeds);
  if (random.oneIn(80)) bytes = stretch(bytes, random, seeds);
  for (let left = 1 + random.below(4); left > 0; left--) bytes = random.pick(MUTATIONS)(bytes, random, seeds);
  return bytes.length > MAX_INPUT_BYTES ? bytes.slice(0, MAX_INPUT_BYTES) : bytes;
}

function rangeOf(bytes: Uint8Array, random: Random): [number, number] {
  const from = random.below(bytes.length + 1);
  const most = random.oneIn(3) ? bytes.length : 32;
  return [from, Math.min(bytes.length, from + random.below(most + 1))];
}

/** Where MessagePack of maps and bytes has its type bytes, as far as looking at single bytes can tell. */
function typePlaces(bytes: Uint8Array): number[] {
  return placesOf(bytes, (byte) => (byte >= 0x80 && byte < 0xe0) || byte < 0x02);
}

function placesOf(bytes: Uint8Array, is: (byte: number) => boolean): number[] {
  const places: number[] = [];
  const most = Math.min(bytes.length, 4_096);
  for (let i = 0; i < most; i++) if (is(bytes[i] ?? 0)) places.push(i);
  return places;
}

function join(...parts: readonly Uint8Array[]): Uint8Array {
  return new Uint8Array(Buffer.concat(parts));
}
