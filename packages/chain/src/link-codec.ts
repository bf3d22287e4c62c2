import { concat, parseSignature } from '@palmkey/envelope';
import { ChainError } from './errors.ts';
import type { SignedLink } from './link.ts';

const SIGNATURE_BYTES = 64;

/** Links as they are stored and sent: `u16 length ‖ JSON ‖ signature (64)`, one after the other. */
export function encodeLinks(links: readonly SignedLink[]): Uint8Array<ArrayBuffer> {
  return concat(...links.flatMap(({ json, signature }) => [u16(json.length), json, signature]));
}

/**
 * The reverse of {@link encodeLinks}; what the JSON says is replay's to judge. Throws {@link ChainError} `bad-link` for
 * bytes that end within a link, with that link's seqno, the first having `firstSeqno`.
 */
export function decodeLinks(bytes: Uint8Array, firstSeqno = 1): SignedLink[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const links: SignedLink[] = [];
  for (let offset = 0; offset < bytes.length;) {
    const jsonAt = offset + 2;
    const signatureAt = jsonAt + (jsonAt <= bytes.length ? view.getUint16(offset) : 0);
    const end = signatureAt + SIGNATURE_BYTES;
    if (end > bytes.length) throw new ChainError('bad-link', firstSeqno + links.length);
    links.push({
      json: bytes.slice(jsonAt, signatureAt),
      signature: parseSignature(bytes.slice(signatureAt, end)),
    });
    offset = end;
  }
  return links;
}

function u16(length: number): Uint8Array {
  if (length > 0xffff) throw new RangeError('a link of more bytes than its length can say');
  return Uint8Array.of(length >> 8, length & 0xff);
}
