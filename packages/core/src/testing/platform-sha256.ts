import { concat } from '@palmkey/envelope';

/** SHA-256 (32 bytes) of all parts in a row by the platform's own code, to judge ours by; texts are UTF-8. */
export async function platformSha256(...parts: readonly (string | Uint8Array)[]): Promise<Uint8Array<ArrayBuffer>> {
  const bytes = parts.map((part) => (typeof part === 'string' ? new TextEncoder().encode(part) : part));
  return new Uint8Array(await crypto.subtle.digest('SHA-256', concat(...bytes)));
}
