/** Whether what was scanned or typed is a secret of the other device, before the engine is given it. */
import { parseJoinUrl, parseTyped, WordsError } from '@palmkey/core/provisioning';
import { codeOf } from '../parts/code-of.ts';

/** Which device reads it: `x` lets in, `y` joins. */
export type Side = 'x' | 'y';

/** Null when it is one; else a code that {@link secretProblem} puts into words. */
export function secretFault(text: string, reader: Side): string | null {
  try {
    if (isJoinLink(text)) {
      return parseJoinUrl(text).shownBy.side === reader ? 'own-side' : null;
    }
    const { suite } = parseTyped(text);
    // A new device shows eight words alone; nine say nothing without the account that is in their QR code.
    if (reader === 'x') return suite === 'kex2-v1' ? null : 'own-side';
    return suite === 'kex2-v2' ? 'account-needed' : null;
  } catch (error) {
    return error instanceof WordsError ? error.code : (codeOf(error) ?? 'bad-link');
  }
}

/** Whether it has the look of a QR code's link. */
export function isJoinLink(text: string): boolean {
  return text.includes('/join#');
}

/** What is wrong with it, and what to do. */
export function secretProblem(code: string, reader: Side): string {
  switch (code) {
    case 'own-side':
      return reader === 'x'
        ? 'That was made by a device that is in an account already. Open it on the new device instead.'
        : 'That was made by a new device, as this one is. Use the device that you had before.';
    case 'account-needed':
      return 'Those nine words work only by their QR code. Scan it.';
    case 'unknown-word':
      return 'A word is not in the list. Compare it with the other screen.';
    case 'wrong-word-count':
      return reader === 'x' ? 'It is eight words.' : 'It is a number and three words, or eight words.';
    case 'version':
      return 'The other device has another version of Palmkey. Update both, and begin again.';
    default:
      return 'That is not from “Add a device”. Scan what the other device shows now.';
  }
}
