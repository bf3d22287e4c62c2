import { GitFormatError } from './errors.ts';

/** The most headers of an object, parents among them: far more than git writes, far fewer than would fill a phone. */
export const MAX_GIT_HEADERS = 1000;
/** The longest name of a header, in bytes. */
const MAX_NAME_BYTES = 255;
const [NUL, NEWLINE, SPACE] = [0x00, 0x0a, 0x20];

/** One header, its value unfolded: the space that begins each further line taken away. */
export interface HeaderLine {
  /** 1 to 255 printable ASCII characters without a space. */
  readonly name: string;
  /** Anything but NUL. */
  readonly value: Uint8Array;
}

/** An object cut at its empty line: every byte of it is in one of the two. */
export interface ObjectLines {
  readonly headers: readonly HeaderLine[];
  readonly message: Uint8Array;
}

/**
 * Cuts an object into its headers (`name SP value LF`, further lines of a value begin with a space) and what follows
 * the first empty line. There is one way only to read or to write each. Time and memory grow with the length.
 *
 * Throws {@link GitFormatError} on a NUL anywhere (git refuses it in a commit, and many a tool ends its text there),
 * on a line that is no header, on more than 1,000 headers and where the empty line is missing.
 */
export function parseHeaderLines(bytes: Uint8Array): ObjectLines {
  if (bytes.includes(NUL)) throw new GitFormatError('an object with a NUL in it');
  const headers: HeaderLine[] = [];
  let start = 0;
  while (bytes[start] !== NEWLINE) {
    if (headers.length === MAX_GIT_HEADERS) throw new GitFormatError('an object with too many headers');
    const end = endOfHeader(bytes, start);
    headers.push(readHeader(bytes.subarray(start, end)));
    start = end + 1;
  }
  return { headers, message: bytes.subarray(start + 1) };
}

/** Where the newline stands that no further line of the same header follows. */
function endOfHeader(bytes: Uint8Array, start: number): number {
  let end = bytes.indexOf(NEWLINE, start);
  while (end >= 0 && bytes[end + 1] === SPACE) end = bytes.indexOf(NEWLINE, end + 1);
  if (end < 0) throw new GitFormatError('an object that ends within its headers');
  return end;
}

function readHeader(lines: Uint8Array): HeaderLine {
  const nameLength = lines.subarray(0, MAX_NAME_BYTES + 1).indexOf(SPACE);
  if (nameLength < 1) throw new GitFormatError('a header without a name or a value');
  const name = lines.subarray(0, nameLength);
  if (name.some((byte) => byte <= SPACE || byte >= 0x7f)) throw new GitFormatError('a header whose name is not a word');
  return { name: String.fromCharCode(...name), value: unfolded(lines.subarray(nameLength + 1)) };
}

/** The value without the space after each of its newlines. */
function unfolded(value: Uint8Array): Uint8Array {
  if (!value.includes(NEWLINE)) return value;
  const out = new Uint8Array(value.length);
  let length = 0;
  for (let at = 0; at < value.length; at++) {
    out[length++] = value[at] ?? 0;
    if (value[at] === NEWLINE) at++;
  }
  return out.subarray(0, length);
}
