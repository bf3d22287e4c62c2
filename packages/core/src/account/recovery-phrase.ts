import { entropyToMnemonic, mnemonicToEntropy } from '@scure/bip39';
import { wordlist } from '@scure/bip39/wordlists/english.js';
import type { Brand } from '@palmkey/envelope';
import { hkdfSha256, type Primitives } from '../crypto/index.ts';
import { type DeviceKeys, deviceKeys } from '../devices/index.ts';
import { RecoveryPhraseError } from './errors.ts';

/** 12 words of BIP39's English list, joined by one space, whose checksum is right. */
export type RecoveryPhrase = Brand<string, 'RecoveryPhrase'>;

/** The words of a recovery phrase. */
export const RECOVERY_WORDS = 12;
const ENTROPY_BYTES = 16;
const known = new Set(wordlist);

/** A new phrase, from 128 random bits. */
export function newRecoveryPhrase(primitives: Primitives): RecoveryPhrase {
  return entropyToMnemonic(primitives.randomBytes(ENTROPY_BYTES), wordlist) as RecoveryPhrase;
}

/**
 * Takes what was typed, in any case and with any white space. Throws {@link RecoveryPhraseError}: another number of
 * words, words that are not in the list (all of them named by position), a wrong checksum.
 */
export function parseRecoveryPhrase(typed: string): RecoveryPhrase {
  const words = typed.normalize('NFKC').toLowerCase().split(/\s+/u).filter(Boolean);
  const unknown = words.flatMap((word, i) => (known.has(word) ? [] : [i + 1]));
  if (words.length !== RECOVERY_WORDS) throw new RecoveryPhraseError('wrong-word-count');
  if (unknown.length > 0) throw new RecoveryPhraseError('unknown-word', unknown);
  const phrase = words.join(' ');
  try {
    mnemonicToEntropy(phrase, wordlist);
  } catch {
    // The library's error repeats the words: it is not kept as a cause.
    throw new RecoveryPhraseError('wrong-checksum');
  }
  return phrase as RecoveryPhrase;
}

/** The keys of the paper key: HKDF-SHA256 of the phrase's 16 bytes of entropy (spec/account.md, "The recovery phrase"). */
export async function paperKeys(primitives: Primitives, phrase: RecoveryPhrase): Promise<DeviceKeys> {
  const entropy = mnemonicToEntropy(phrase, wordlist);
  const signer = await primitives.signerOf(hkdfSha256(entropy, 'palmkey/paper-signing/1', 32));
  return deviceKeys(signer, await primitives.agreementOf(hkdfSha256(entropy, 'palmkey/paper-agreement/1', 32)));
}
