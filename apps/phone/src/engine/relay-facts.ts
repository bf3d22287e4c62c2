import type { ConnectNonce } from '@palmkey/envelope';
import { BytesError, fromBase64Url, parseConnectNonce } from '@palmkey/envelope';
import * as v from 'valibot';

/** How a relay admits devices that it does not know (spec/relay.md, "Admission"). */
export type AdmissionWay = 'open' | 'invitation' | 'github';

/** What a relay says of itself (spec/relay.md, `GET /v1/relay`). */
export interface RelayFacts {
  readonly admission: readonly AdmissionWay[];
  /** It is the relay of one computer, which lets devices in as they pair with it. */
  readonly own: boolean;
  /** The VAPID key that it pushes with, 65 bytes; null where it does not push. */
  readonly pushKey: Uint8Array | null;
}

const MAX_BYTES = 16 * 1024;
const ANSWERS_WITHIN_MS = 10_000;
const WAYS: readonly string[] = ['open', 'invitation', 'github'] satisfies readonly AdmissionWay[];

const schema = v.object({
  admission: v.pipe(v.array(v.string()), v.maxLength(16)),
  own: v.optional(v.boolean(), false),
  push: v.nullable(v.object({ key: v.pipe(v.string(), v.regex(/^[A-Za-z0-9_-]{87}$/)) })),
});

/** Asks a relay what it is; null when it cannot be reached, or is of a version that does not say. */
export async function fetchRelayFacts(relay: string): Promise<RelayFacts | null> {
  try {
    const signal = AbortSignal.timeout(ANSWERS_WITHIN_MS);
    const response = await fetch(`${relay}/v1/relay`, { cache: 'no-store', credentials: 'omit', signal });
    return response.ok ? parseRelayFacts(JSON.parse(await boundedText(response))) : null;
  } catch {
    return null;
  }
}

const nonceAnswer = v.object({ nonce: v.string() });
const refusal = v.object({ error: v.literal('wrong-origin') });

/**
 * Asks a relay for the nonce of a sign-in (spec/relay.md, "Admission"): `wrong-origin` where it takes none from the
 * address of this app, null when it gives none.
 */
export async function fetchSignInNonce(relay: string): Promise<ConnectNonce | 'wrong-origin' | null> {
  try {
    const signal = AbortSignal.timeout(ANSWERS_WITHIN_MS);
    const how = { method: 'POST', cache: 'no-store', credentials: 'omit', signal } as const;
    const response = await fetch(`${relay}/v1/github/nonce`, how);
    if (response.status === 403) {
      return v.is(refusal, JSON.parse(await boundedText(response))) ? 'wrong-origin' : null;
    }
    if (!response.ok) return null;
    const { nonce } = v.parse(nonceAnswer, JSON.parse(await boundedText(response)));
    return parseConnectNonce(fromBase64Url(nonce));
  } catch {
    return null;
  }
}

/** Reads a relay's facts; ways that this app does not know are left out. Null for anything else. */
export function parseRelayFacts(value: unknown): RelayFacts | null {
  const parsed = v.safeParse(schema, value);
  if (!parsed.success) return null;
  const { admission, own, push } = parsed.output;
  try {
    return { admission: admission.filter(isWay), own, pushKey: push === null ? null : fromBase64Url(push.key) };
  } catch (error) {
    if (error instanceof BytesError) return null;
    throw error;
  }
}

function isWay(way: string): way is AdmissionWay {
  return WAYS.includes(way);
}

async function boundedText(response: Response): Promise<string> {
  const decoder = new TextDecoder('utf-8', { fatal: true });
  const reader = response.body?.getReader();
  let text = '';
  for (let next = await reader?.read(); next?.value !== undefined; next = await reader?.read()) {
    text += decoder.decode(next.value, { stream: true });
    if (text.length > MAX_BYTES) {
      await reader?.cancel();
      throw new Error('too long');
    }
  }
  return text + decoder.decode();
}
