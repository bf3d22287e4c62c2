/** The lengths out of sight that can be chosen, in minutes. */
export const lockMinutes = [1, 5, 15] as const;

/** Why a text cannot be the code, in words, or null when it can. */
export function codeProblem(code: string): string | null {
  if (!/^\d*$/.test(code)) return 'Digits only.';
  return code.length < 6 ? 'At least 6 digits.' : null;
}

/** How many requests wait behind the lock, without what they are. */
export function waitingWords(count: number): string {
  if (count === 0) return 'Nothing is asking.';
  return count === 1 ? '1 request waits.' : `${count} requests wait.`;
}
