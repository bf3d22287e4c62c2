import { verifyUserSignature } from '@palmkey/core/ssh';
import type { SignOutcome } from './login-ask.ts';
import { nodeHostKeyVerifier } from '../keys/node-host-key-verifier.ts';

/** The outcome, or `gone` as soon as the signal aborts: who asked is not there to hear more. */
export async function unlessGone(outcome: Promise<SignOutcome>, signal: AbortSignal): Promise<SignOutcome> {
  const gone: SignOutcome = { is: 'failed', code: 'gone' };
  if (signal.aborted) {
    outcome.catch(() => undefined);
    return gone;
  }
  let onAbort: () => void = () => undefined;
  const aborted = new Promise<SignOutcome>((resolve) => {
    onAbort = () => resolve(gone);
    signal.addEventListener('abort', onAbort, { once: true });
  });
  try {
    return await Promise.race([outcome, aborted]);
  } finally {
    signal.removeEventListener('abort', onAbort);
  }
}

/** Whether a signature blob is one of the user key over the data. Never rejects. */
export async function isSignatureOf(key: Uint8Array, data: Uint8Array, blob: Uint8Array): Promise<boolean> {
  try {
    return await verifyUserSignature(nodeHostKeyVerifier, key, blob, data);
  } catch {
    return false;
  }
}
