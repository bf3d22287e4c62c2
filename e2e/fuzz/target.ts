import type { MaybePromise } from '@palmkey/core/crypto';

/** A class of errors that a parser is documented to throw. */
export type Refusal = abstract new (...args: never[]) => Error;

/** A parser of bytes that somebody else wrote, and samples of what it takes. */
export interface Target {
  /** As `--target` names it. */
  readonly name: string;
  /**
   * What an accepted input must be. `codec`: the only encoding of its value, so that encoding it again gives the same
   * bytes. `authenticated`: one of the seeds, since nobody without the key can make another. `lenient`: a text that is
   * documented to have several spellings; it has a normal form that is taken too, and is its own.
   */
  readonly kind: 'codec' | 'authenticated' | 'lenient';
  /** Samples that are accepted. */
  readonly seeds: readonly Uint8Array[];
  /** What may be thrown; anything else is a crash. */
  readonly refusals: readonly Refusal[];
  /** How many inputs it gets for each one that others get; 1 unless parsing costs a signature, a file or a server. */
  readonly share?: number;
  /**
   * Parses, and gives back what the value is encoded to (for `authenticated`: anything); null for a refusal that is
   * documented not to throw.
   */
  parse(bytes: Uint8Array): MaybePromise<Uint8Array | null>;
  /** Gives back what the samples needed. */
  close?(): MaybePromise<void>;
}

/** The characters U+0000 to U+00FF, one for each byte: for formats that are ASCII. */
export function latin1(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('latin1');
}

/** The reverse of {@link latin1}; any other character gives bytes that differ from every input. */
export function fromLatin1(text: string): Uint8Array {
  const bytes = new Uint8Array(Buffer.from(text, 'latin1'));
  return latin1(bytes) === text ? bytes : utf8(text);
}

/** The text as UTF-8. */
export function utf8(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

/** The text, with U+FFFD for what is not UTF-8: as files and sockets are read. */
export function fromUtf8(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('utf8');
}

/** A parser of ASCII text as one of bytes. */
export function ofText(parse: (text: string) => string | null): (bytes: Uint8Array) => Uint8Array | null {
  return (bytes) => {
    const again = parse(latin1(bytes));
    return again === null ? null : fromLatin1(again);
  };
}
