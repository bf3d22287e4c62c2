import { MIN_PASSPHRASE_CHARACTERS, passphraseStrength } from '@palmkey/core/account';

/** What is said of a new passphrase under its field: why it cannot be set, or null. */
export function passphraseProblem(text: string): string | null {
  switch (passphraseStrength(text)) {
    case 'too-short':
      return `At least ${MIN_PASSPHRASE_CHARACTERS} characters.`;
    case 'too-long':
      return 'That is too long.';
    case 'empty':
    case 'weak':
    case 'fair':
      return null;
  }
}

/** What is said of one that can be set and is easily guessed; null: nothing. */
export function passphraseWarning(text: string): string | null {
  return passphraseStrength(text) === 'weak'
    ? 'This one is easily guessed by whoever has a copy. Four words at random are better.'
    : null;
}

/** Whether it can be set, and was typed twice alike. */
export function isPassphrase(text: string, again: string): boolean {
  return text !== '' && passphraseProblem(text) === null && text.normalize('NFC') === again.normalize('NFC');
}
