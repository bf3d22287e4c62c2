/**
 * Reads what a person typed, and derives from a secret what two devices share before they say anything, by
 * spec/provisioning.md, "Suites", alone: kex2 by scrypt, kex3 by CPace (draft-irtf-cfrg-cpace-21, ristretto255 and
 * SHA-512). It shares no line with the packages.
 */
import { createHash, createHmac, hkdfSync, scryptSync } from 'node:crypto';
import { wordlist } from '@scure/bip39/wordlists/english.js';
import { decode, derive, encode, littleEndian, multiply } from './ristretto.mjs';

const LISTED = new Set(wordlist);
const joined = (...parts) => Buffer.concat(parts.map((part) => Buffer.from(part)));
const hmac = (key, ...parts) =>
  createHmac('sha256', key)
    .update(joined(...parts))
    .digest();
const sha512 = (...parts) =>
  createHash('sha512')
    .update(joined(...parts))
    .digest();

/** The suite of words in their one form, or null for another number of them; which they are is not looked at. */
function suiteOf(words) {
  if (words.length === 8) return 'kex2-v1';
  if (words.length !== 9) return null;
  return words[8] === 'four' ? 'kex2-v1' : 'kex2-v2';
}

/** What was typed: its suite, and words in their one form; or the code of what is wrong. */
export function readTyped(typed) {
  const [first = '', ...rest] = typed.trim().toLowerCase().split(/\s+/);
  const isNumbered = /^\d{1,10}$/.test(first);
  const words = isNumbered ? rest : [first, ...rest];
  const suite = isNumbered ? 'kex3' : suiteOf(words);
  const isWhole = isNumbered ? words.length === 3 && Number(first) <= 0xffffffff : suite !== null;
  if (!isWhole || typed.length > 256) return { code: 'wrong-word-count' };
  const isKnown = (word, i) => LISTED.has(word) || (i === 8 && word === 'four');
  if (!words.every(isKnown)) return { code: 'unknown-word' };
  return { suite, ...(isNumbered && { number: Number(first) }), words: words.join(' ') };
}

/** S and the session of kex2's words: which suite they are, what that costs, and what they give. */
export function stretch(words, account) {
  const suite = suiteOf(words.split(' '));
  const isCheap = suite === 'kex2-v2' || words.endsWith(' four');
  const cost = isCheap ? 2 ** 10 : 2 ** 17;
  const salt = suite === 'kex2-v2' ? account : new Uint8Array(0);
  const stretched = scryptSync(words, salt, 32, { N: cost, r: 8, p: 1, maxmem: 256 * 1024 * 1024 });
  return { suite, cost, stretched, session: hmac(stretched, 'kex2-session-identifier') };
}

/** The share's message of X or Y, taken apart, or null for what is none. */
export function readShare(message, from) {
  const side = from === 'x' ? 1 : 2;
  const isWhole = message.length === 33 + 17 + (from === 'x' ? 16 : 0) && message[0] === 3 && message[33] === side;
  return isWhole ? { share: message.subarray(1, 33), associatedData: message.subarray(33) } : null;
}

/** The draft's lv_cat: each part behind its length in LEB128, of which none here needs more than two bytes. */
const lengthValues = (...parts) =>
  joined(
    ...parts.flatMap((part) => [
      part.length < 128 ? [part.length] : [(part.length & 127) | 128, part.length >> 7],
      part,
    ]),
  );

/** Where a secret of 32 bytes meets: the rendezvous id. */
export const rendezvousOfCode = (secret) =>
  createHash('sha256').update(joined('palmkey/kex3-rendezvous/1', secret)).digest();

/** An exchange of kex3 from its secret, both scalars, and what each side says of itself (AD). */
export function exchange({ how, secret, rendezvous, randomX, randomY, adX, adY }) {
  const dsi = Buffer.from('CPaceRistretto255');
  // One byte for each of the three lengths in the hash's first block of 128 bytes.
  const padding = new Uint8Array(Math.max(0, 128 - 1 - secret.length - 1 - dsi.length - 1));
  const channel = joined('palmkey/kex3/1', [{ words: 1, code: 2 }[how]]);
  const generator = derive(sha512(lengthValues(dsi, secret, padding, channel, rendezvous)));
  const scalar = (random) => littleEndian(random) % 2n ** 252n;
  const shareX = encode(multiply(scalar(randomX), generator));
  const shareY = encode(multiply(scalar(randomY), generator));
  const agreed = agree(shareY, randomX);
  const isk = sha512(lengthValues(Buffer.from('CPaceRistretto255_ISK'), rendezvous, agreed, shareX, adX, shareY, adY));
  const key = (label) => Buffer.from(hkdfSync('sha256', isk, new Uint8Array(0), `palmkey/kex3-${label}/1`, 32));
  const [confirmKeyX, confirmKeyY] = [key('confirm-x'), key('confirm-y')];
  return {
    messageX: joined([3], shareX, adX),
    messageY: joined([3], shareY, adY),
    agreed,
    confirmKeyX,
    confirmKeyY,
    keyX: key('key-x'),
    keyY: key('key-y'),
    session: key('session'),
    confirmationX: hmac(confirmKeyX, adY),
    confirmationY: hmac(confirmKeyY, adX),
  };
}

/** K of the other side's share and one's own scalar, or null: no element, or the neutral one. */
export function agree(share, random) {
  const element = decode(share);
  if (element === null) return null;
  const agreed = encode(multiply(littleEndian(random) % 2n ** 252n, element));
  return agreed.some((byte) => byte !== 0) ? agreed : null;
}
