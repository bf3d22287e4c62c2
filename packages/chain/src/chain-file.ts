import { BytesError, fromHex, parseSignature, toHex } from '@palmkey/envelope';
import * as v from 'valibot';
import { ChainFormatError } from './errors.ts';
import type { SignedLink } from './link.ts';

const file = v.object({
  links: v.array(v.strictObject({ json: v.pipe(v.string(), v.regex(/^[\0-\xff]*$/)), signature: v.string() })),
});

/** An exported chain (spec/account.md, "A link"), to be kept, and judged by others; of its JSON file, the value. */
export function toChainFile(links: readonly SignedLink[]): {
  readonly links: readonly { readonly json: string; readonly signature: string }[];
} {
  return {
    links: links.map(({ json, signature }) => ({ json: latin1(json), signature: toHex(signature) })),
  };
}

/**
 * The links of an exported chain; what they say is replay's to judge. Other keys beside `links` are passed over. Throws
 * {@link ChainFormatError} for a text that is none.
 */
export function parseChainFile(text: string): SignedLink[] {
  try {
    return v.parse(file, JSON.parse(text)).links.map(({ json, signature }) => ({
      json: Uint8Array.from(json, (character) => character.charCodeAt(0)),
      signature: parseSignature(fromHex(signature)),
    }));
  } catch (cause) {
    if (cause instanceof SyntaxError || cause instanceof v.ValiError || cause instanceof BytesError) {
      throw new ChainFormatError('no exported chain', { cause });
    }
    throw cause;
  }
}

function latin1(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => String.fromCharCode(byte)).join('');
}
