import { expect, test } from 'vitest';
import { isPassphrase, passphraseProblem, passphraseWarning } from './passphrase-words.ts';

test('passphraseProblem says what is too short or too long, and nothing of an empty field', () => {
  expect(passphraseProblem('')).toBeNull();
  expect(passphraseProblem('seven77')).toBe('At least 8 characters.');
  expect(passphraseProblem('a'.repeat(1025))).toBe('That is too long.');
  expect(passphraseProblem('apple river stone cloud')).toBeNull();
});

test('passphraseWarning warns of one that is easily guessed, which can be set all the same', () => {
  expect(passphraseWarning('12345678')).toMatch(/easily guessed/);
  expect(passphraseWarning('apple river stone cloud')).toBeNull();
  expect(isPassphrase('12345678', '12345678')).toBe(true);
});

test('isPassphrase takes what was typed twice alike, however its accents are written', () => {
  expect(isPassphrase('caf\u00e9 au lait', 'cafe\u0301 au lait')).toBe(true);
  expect(isPassphrase('apple river', 'apple rivet')).toBe(false);
  expect(isPassphrase('', '')).toBe(false);
  expect(isPassphrase('short', 'short')).toBe(false);
});
