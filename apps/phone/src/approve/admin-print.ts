/** What a text that somebody sent says about a fingerprint. */
export type AdminPrint = 'empty' | 'same' | 'old' | 'other' | 'none';

const printPattern = /SHA256:[A-Za-z0-9+/]{43}/g;

/**
 * Looks for fingerprints in what the server's owner gave, such as the whole line of `ssh-keygen -lf`, and compares them
 * with the one shown now and the one that was pinned.
 */
export function compareAdminPrint(text: string, shownNow: string, pinned: string): AdminPrint {
  if (text.trim() === '') return 'empty';
  const prints = Array.from(text.matchAll(printPattern), ([print]) => print);
  if (prints.length === 0) return 'none';
  if (prints.includes(shownNow)) return 'same';
  return prints.includes(pinned) ? 'old' : 'other';
}
