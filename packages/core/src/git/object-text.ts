/** How the text of an object is shown; the bytes that are signed never change. */
export interface ObjectText {
  /** `utf-8`, `latin1`, or the name of the `encoding` header's encoding as the Encoding Standard has it. */
  readonly decoded: string;
  decode(bytes: Uint8Array): string;
}

/** Encodings in which ASCII bytes are not ASCII: nothing that a header names may turn one text into another. */
const NOT_ASCII = /^(?:utf-16(?:le|be)|iso-2022-jp|replacement|x-user-defined)$/;

/**
 * Text that is valid UTF-8 is UTF-8, whatever the header says. Else it is what the `encoding` header names, where the
 * platform knows that encoding, ASCII stays ASCII in it and the bytes are valid in it; else each byte is a character.
 *
 * @param texts all that may be shown.
 * @param label the value of the `encoding` header.
 */
export function objectText(texts: readonly Uint8Array[], label: string | null): ObjectText {
  return (
    decoderFor('utf-8', texts) ??
    (label === null ? null : decoderFor(label, texts)) ?? { decoded: 'latin1', decode: latin1 }
  );
}

function decoderFor(label: string, texts: readonly Uint8Array[]): ObjectText | null {
  try {
    const decoder = new TextDecoder(label, { fatal: true, ignoreBOM: true });
    if (NOT_ASCII.test(decoder.encoding)) return null;
    for (const bytes of texts) decoder.decode(bytes);
    return { decoded: decoder.encoding, decode: (bytes) => decoder.decode(bytes) };
  } catch {
    // An unknown label (RangeError) or bytes that it has no characters for (TypeError).
    return null;
  }
}

/** The characters U+0000 to U+00FF, one for each byte. */
function latin1(bytes: Uint8Array): string {
  const parts: string[] = [];
  const step = 8192;
  for (let at = 0; at < bytes.length; at += step) parts.push(String.fromCharCode(...bytes.subarray(at, at + step)));
  return parts.join('');
}
