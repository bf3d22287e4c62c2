import * as v from 'valibot';

const answer = v.union([
  v.object({ error: v.object({ err_code: v.optional(v.number(), 0) }) }),
  v.object({ seq: v.number(), duplicate: v.optional(v.boolean(), false) }),
]);

/** What JetStream said to a message. */
export type PostAnswer =
  | { readonly kind: 'taken'; readonly sequence: number; readonly duplicate: boolean }
  | { readonly kind: 'full' }
  /** `503 no responders`: the stream has no leader now, and nobody has the message. */
  | { readonly kind: 'nobody' }
  | { readonly kind: 'failed' };

/**
 * JetStream's API errors (nats-server, `server/errors.json`): insufficient resources, maximum messages, maximum bytes and
 * maximum messages per subject exceeded; those of storage that is used up come as `insufficient storage` too.
 */
const FULL: ReadonlySet<number> = new Set([10_023, 10_047, 10_054, 10_077]);

/** Reads an answer to a publish; anything that is none is `failed`. */
export function parsePostAnswer(bytes: Uint8Array): PostAnswer {
  if (bytes.length === 0) return { kind: 'nobody' };
  let json: unknown;
  try {
    json = JSON.parse(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString());
  } catch {
    return { kind: 'failed' };
  }
  const parsed = v.safeParse(answer, json);
  if (!parsed.success) return { kind: 'failed' };
  if ('error' in parsed.output) return { kind: FULL.has(parsed.output.error.err_code) ? 'full' : 'failed' };
  return { kind: 'taken', sequence: parsed.output.seq, duplicate: parsed.output.duplicate };
}
