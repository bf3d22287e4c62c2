import { constantTimeEqual } from '@palmkey/core/crypto';
import { PalmkeyError } from '@palmkey/envelope';
import type { LockRow } from '../../store/schema.ts';

/** PBKDF2's rounds for a new lock. */
const LOCK_ITERATIONS = 600_000;
const SALT_BYTES = 16;
const CODE = /^[0-9]{6,64}$/;
/** Wrong tries that cost nothing but themselves; each one after costs twice the wait of the one before. */
const FREE_TRIES = 4;
const FIRST_WAIT_MS = 30_000;
const LONGEST_WAIT_MS = 60 * 60_000;

/** The lock cannot be set: `bad-code` (not 6 to 64 digits), `no-biometric` (the platform has none, or the person said no). */
export class AppLockError extends PalmkeyError {
  override readonly name = 'AppLockError';
  readonly code: 'bad-code' | 'no-biometric';

  constructor(code: 'bad-code' | 'no-biometric', cause?: unknown) {
    super(code, { cause });
    this.code = code;
  }
}

/** What is kept of a code. Throws {@link AppLockError} `bad-code`. */
export async function hashCode(code: string): Promise<Pick<LockRow, 'salt' | 'derived' | 'iterations'>> {
  if (!CODE.test(code)) throw new AppLockError('bad-code');
  const salt = crypto.getRandomValues(new Uint8Array(SALT_BYTES));
  return { salt, derived: await derive(code, salt, LOCK_ITERATIONS), iterations: LOCK_ITERATIONS };
}

/** Whether it is the code. */
export async function isCode(code: string, { salt, derived, iterations }: LockRow): Promise<boolean> {
  if (!CODE.test(code)) return false;
  return constantTimeEqual(await derive(code, salt, iterations), derived);
}

/** How long the next try has to wait after so many wrong ones. */
export function waitAfter(failures: number): number {
  if (failures <= FREE_TRIES) return 0;
  return Math.min(FIRST_WAIT_MS * 2 ** (failures - FREE_TRIES - 1), LONGEST_WAIT_MS);
}

async function derive(code: string, salt: Uint8Array, iterations: number): Promise<Uint8Array> {
  const key = await crypto.subtle.importKey('raw', new TextEncoder().encode(code), 'PBKDF2', false, ['deriveBits']);
  const algorithm = { name: 'PBKDF2', hash: 'SHA-256', salt: new Uint8Array(salt), iterations };
  return new Uint8Array(await crypto.subtle.deriveBits(algorithm, key, 256));
}
