import { toHex } from '@palmkey/envelope';
import * as v from 'valibot';
import { isPlainText, toPlainText } from '../devices/index.ts';

/** More bytes than characters of a text can need in UTF-8. */
const BYTES_OF_CHARACTER = 4;

/** Bytes of exactly this length, in hexadecimal from then on. */
export function sharedHex(bytes: number) {
  return v.pipe(
    v.custom<Uint8Array>((value) => value instanceof Uint8Array && value.length === bytes),
    v.transform((value) => toHex(value)),
  );
}

/** Text that members share: plain text of at most so many bytes in UTF-8. */
export function sharedText(maxBytes: number) {
  return v.pipe(
    v.string(),
    v.check((text) => isPlainText(text, maxBytes) && bytesOf(text) <= maxBytes),
  );
}

/** The nearest text that members share, cut with an ellipsis; null stays null. */
export function toSharedText<Text extends string | null>(text: Text, maxBytes: number): Text | string {
  if (text === null) return text;
  let characters = maxBytes;
  for (;;) {
    const cut = toPlainText(text, characters);
    const over = bytesOf(cut) - maxBytes;
    if (over <= 0) return cut;
    characters -= Math.ceil(over / BYTES_OF_CHARACTER);
  }
}

function bytesOf(text: string): number {
  return new TextEncoder().encode(text).length;
}
