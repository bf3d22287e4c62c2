/**
 * Reads what stands in a QR code, or in the same link pasted: a secret by spec/provisioning.md, "The secret's QR code",
 * and a computer's invitation to meet by spec/pairing.md, "The link". By the pages alone: it shares no line with the
 * packages.
 */
import { createHash } from 'node:crypto';
import { TextDecoder } from 'node:util';
import { wordlist } from '@scure/bip39/wordlists/english.js';

const LISTED = new Set(wordlist);
const sha256 = (...parts) =>
  createHash('sha256')
    .update(Buffer.concat(parts.map((part) => Buffer.from(part))))
    .digest();

/** Whether a text is an `http:` or `https:` origin as the URL standard writes it, of at most 255 characters. */
export function isOrigin(text) {
  if (text.length > 255 || !/^https?:\/\/[!-~]+$/.test(text)) return false;
  try {
    return new URL(text).origin === text;
  } catch {
    return false;
  }
}

/** The suite of words in their one form, or null. */
function suiteOf(words) {
  const each = words.split(' ');
  const isFour = each.length === 9 && each[8] === 'four';
  const isListed = each.every((word, i) => LISTED.has(word) || (isFour && i === 8));
  if (!isListed) return null;
  if (each.length === 8 || isFour) return 1;
  return each.length === 9 ? 2 : null;
}

/** Takes bytes apart from front to back; null once there were too few. */
function cursor(bytes) {
  let at = 0;
  const take = (length) => {
    const taken = at === null || at + length > bytes.length ? null : bytes.subarray(at, at + length);
    at = taken === null ? null : at + length;
    return taken;
  };
  const behindLength = () => {
    const length = take(1);
    return length === null ? null : take(length[0]);
  };
  return { take, behindLength, isAtEnd: () => at === bytes.length };
}

const latin1 = (bytes) => Buffer.from(bytes).toString('latin1');
const SUITES = { 1: 'kex2-v1', 2: 'kex2-v2', 3: 'kex3' };

/**
 * A secret that one device shows to the other, or the code of what is wrong with the payload: `version`, `bad-link`.
 */
export function readJoinPayload(bytes) {
  if (bytes.length > 0 && bytes[0] !== 1) return { code: 'version' };
  const bad = { code: 'bad-link' };
  const from = cursor(bytes);
  const head = from.take(3);
  const relay = from.behindLength();
  if (head === null || relay === null) return bad;
  const [, suite, side] = head;
  const account = side === 1 ? from.take(16) : new Uint8Array(0);
  const secret = account === null ? null : from.behindLength();
  if (secret === null || !from.isAtEnd()) return bad;
  if (!isOrigin(latin1(relay)) || (side !== 1 && side !== 2) || (side === 2 && suite === 2)) return bad;
  const isSecret = suite === 3 ? secret.length === 32 : suiteOf(latin1(secret)) === suite;
  if (!isSecret) return bad;
  return {
    relay: latin1(relay),
    shownBy: side === 1 ? { side: 'x', account } : { side: 'y' },
    secret: suite === 3 ? { suite: 'kex3', bytes: secret } : { suite: SUITES[suite], words: latin1(secret) },
  };
}

// Control characters, line separators, a byte order mark, and what turns the direction of writing.
const NOT_PLAIN = /[\p{Cc}\u2028\u2029\ufeff\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/u;
/** Whether a text is a device name (spec/devices.md, "Names"). */
export function isDeviceName(name) {
  const length = [...name].length;
  const isSound = !/[\ud800-\udfff]/u.test(name) && !NOT_PLAIN.test(name) && !/^\s|\s$/u.test(name);
  return length >= 1 && length <= 64 && Buffer.byteLength(name) <= 255 && isSound;
}

/** Where a phone meets a computer, or the code of what is wrong with the payload: `version`, `bad-link`. */
export function readPairingPayload(bytes) {
  if (bytes.length > 0 && bytes[0] !== 1) return { code: 'version' };
  const bad = { code: 'bad-link' };
  const from = cursor(bytes);
  const head = from.take(33);
  const relay = from.behindLength();
  const name = relay === null ? null : from.behindLength();
  if (head === null || name === null || !from.isAtEnd() || !isOrigin(latin1(relay))) return bad;
  let hostName;
  try {
    hostName = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(name);
  } catch {
    return bad;
  }
  if (!isDeviceName(hostName)) return bad;
  const sessionKey = head.subarray(1);
  return { relay: latin1(relay), sessionKey, hostName, rendezvous: sha256('palmkey/rendezvous/1', sessionKey) };
}

/** The payload (bytes) of a link `<app>/<page>#<payload>`, or null: base64url in its one spelling, without padding. */
export function payloadOf(url, page) {
  const text = new RegExp(`^https?://[^\\s#]+/${page}#([\\w-]+)$`).exec(url)?.[1];
  if (text === undefined) return null;
  const bytes = Buffer.from(text, 'base64url');
  return bytes.toString('base64url') === text ? bytes : null;
}
