/**
 * Reads what members of an account keep, by spec/account.md alone: the per-user key, account data, records, the notice
 * of a move, facts, the recovery phrase and what a passphrase locks. It shares no line with the packages: Node's own
 * cryptography, libsodium for NaCl's boxes, and BIP39's list.
 */
import {
  createDecipheriv,
  createHash,
  createHmac,
  createPrivateKey,
  createPublicKey,
  hkdfSync,
  scryptSync,
} from 'node:crypto';
import { wordlist } from '@scure/bip39/wordlists/english.js';
import sodium from 'libsodium-wrappers';
import { whole } from './messagepack.mjs';
import { isDeviceName, isOrigin } from './read-codes.mjs';
import { deviceId, isSigned } from './verify-chain.mjs';

await sodium.ready;

const joined = (...parts) => Buffer.concat(parts.map((part) => Buffer.from(part)));
const sha256 = (...parts) =>
  createHash('sha256')
    .update(joined(...parts))
    .digest();
const hmac = (seed, label) => createHmac('sha256', seed).update(label).digest();
const hkdf = (secret, info) => Buffer.from(hkdfSync('sha256', secret, new Uint8Array(0), info, 32));
const hex = (bytes) => Buffer.from(bytes).toString('hex');
const u32 = (bytes, at) => Buffer.from(bytes.subarray(at, at + 4)).readUInt32BE();
const attempt = (read) => {
  try {
    return read();
  } catch {
    return null;
  }
};

/** The public half of a private key (32): Ed25519 of its seed, or X25519. */
function publicOf(algorithm, privateKey) {
  const oid = { ed25519: '70', x25519: '6e' }[algorithm];
  const der = joined(Buffer.from(`302e020100300506032b65${oid}04220420`, 'hex'), privateKey);
  const key = createPublicKey(createPrivateKey({ key: der, format: 'der', type: 'pkcs8' }));
  return Buffer.from(key.export({ format: 'jwk' }).x, 'base64url');
}

/** The public key of an X25519 private key (32). */
export const x25519Of = (privateKey) => publicOf('x25519', privateKey);

/** What a per-user seed (32) gives: both public keys, and the symmetric one. */
export function perUserKeys(seed) {
  return {
    signingKey: publicOf('ed25519', hmac(seed, 'palmkey/puk-signing/1')),
    agreementKey: publicOf('x25519', hmac(seed, 'palmkey/puk-agreement/1')),
    symmetricKey: hmac(seed, 'palmkey/puk-symmetric/1'),
  };
}

const openBox = (box, theirKey, ownPrivate) =>
  attempt(() => sodium.crypto_box_open_easy(box.subarray(24), box.subarray(0, 24), theirKey, ownPrivate));
const openSecretBox = (box, key) =>
  attempt(() => sodium.crypto_secretbox_open_easy(box.subarray(24), box.subarray(0, 24), key));

/**
 * Imports a PUK box (108) with the previous seeds (76 each): `receiver` is the device and its private key,
 * `generations` the chain's public keys, `members` a map by id of those who are or were members, keys in hexadecimal.
 * The seeds, the first generation first, or the code of what is wrong.
 */
export function importPerUserKeys({ box, previous, receiver, generations, members }) {
  const isWhole = (bytes, length) => bytes.length === length && u32(bytes, 0) > 0;
  if (!isWhole(box, 108) || !previous.every((each) => isWhole(each, 76))) return { code: 'bad-format' };
  if (u32(box, 0) !== generations.length) return { code: 'wrong-generation' };
  if (hex(box.subarray(20, 36)) !== hex(receiver.id)) return { code: 'wrong-receiver' };
  const sender = members.get(hex(box.subarray(4, 20)));
  if (sender === undefined || sender.kind === 'host') return { code: 'wrong-sender' };
  const seeds = [];
  let seed = openBox(box.subarray(36), Buffer.from(sender.agreementKey, 'hex'), receiver.agreementPrivate);
  for (let generation = generations.length; ; generation -= 1) {
    if (seed === null) return { code: 'unopenable' };
    const { signingKey, agreementKey, symmetricKey } = perUserKeys(seed);
    const known = generations[generation - 1];
    if (hex(signingKey) !== known.signingKey || hex(agreementKey) !== known.agreementKey) return { code: 'wrong-key' };
    seeds.unshift(seed);
    if (generation === 1) return { seeds };
    const before = previous.find((each) => u32(each, 0) === generation);
    if (before === undefined) return { code: 'missing-seed' };
    seed = openSecretBox(before.subarray(4), symmetricKey);
  }
}

/** A record of account data under one generation's seed, or null where it does not open. */
export function openAccountData({ account, generation, seed, record, sealed }) {
  if (sealed.length < 33 || sealed[0] !== 1 || u32(sealed, 1) !== generation) return null;
  const label = 'palmkey/account-data/1';
  const key = hkdf(perUserKeys(seed).symmetricKey, label);
  return attempt(() => {
    const decipher = createDecipheriv('aes-256-gcm', key, sealed.subarray(5, 17));
    decipher.setAAD(joined(label, account, sealed.subarray(1, 5), record));
    decipher.setAuthTag(sealed.subarray(-16));
    return joined(decipher.update(sealed.subarray(17, -16)), decipher.final());
  });
}

/** What a member says in a record of its own, or null for one that counts as not read. */
export function openMemberRecord({ by, ...data }) {
  const plain = openAccountData(data);
  const { account, record } = data;
  const writer = /^(?:permissions|endings|history(?=\/[0-9a-f]+\/[0-7]$))\/([0-9a-f]{32})(?:\/\d)?$/.exec(record)?.[1];
  if (plain === null || plain.length !== 4096 - 33 || writer !== hex(by.id)) return null;
  const counter = plain.readBigUInt64BE();
  const length = plain.readUInt16BE(8);
  const end = 10 + length + 64;
  if (counter < 1n || counter > BigInt(Number.MAX_SAFE_INTEGER) || end > plain.length) return null;
  const signed = joined(account, [record.length], record, plain.subarray(0, 10 + length));
  const isTheirs = isSigned('account-record', by.signingKey, signed.toString('latin1'), plain.subarray(end - 64, end));
  if (!isTheirs || plain.subarray(end).some((byte) => byte !== 0)) return null;
  return { counter: Number(counter), body: plain.subarray(10, 10 + length) };
}

const isBin = (value, length) => value instanceof Uint8Array && value.length === length;
const isPositive = (value) => Number.isSafeInteger(value) && value >= 1;
const keysOf = (value) => (typeof value === 'object' && value !== null ? Object.keys(value).join() : '');

function isSafeOrigin(text) {
  if (!isOrigin(text)) return false;
  const { protocol, hostname } = new URL(text);
  const isLoopback = /^(?:(?:.+\.)?localhost|\[::1\]|127(?:\.\d{1,3}){3})$/.test(hostname);
  return protocol === 'https:' || isLoopback;
}

/** A notice of a move, or null for what is none, or not signed by this key. */
export function readMove(notice, signingKey) {
  const signed = notice.subarray(0, -64);
  const move = attempt(() => whole(signed));
  const isMove =
    notice.length <= 512 &&
    keysOf(move) === 'account,by,head,n,relay,v' &&
    keysOf(move.head) === 'hash,seqno' &&
    isBin(move.account, 16) &&
    isBin(move.by, 16) &&
    isBin(move.head.hash, 32) &&
    [move.head.seqno, move.n].every(isPositive) &&
    typeof move.relay === 'string' &&
    isSafeOrigin(move.relay) &&
    move.v === 1;
  const text = Buffer.from(signed).toString('latin1');
  return isMove && isSigned('account-move', signingKey, text, notice.subarray(-64)) ? move : null;
}

const KINDS = ['phone', 'tablet', 'browser', 'computer', 'paper'];
/** The hash of facts and their salt that stands in a link. */
export const factsHash = (facts, salt) => sha256('palmkey/device-facts/1', salt, facts);

/** The facts that a link's hash (hexadecimal) promises, or null where these are not they. */
export function factsOf(bytes, salt, hash) {
  const facts = bytes.length <= 512 ? attempt(() => whole(bytes)) : null;
  const isForm = keysOf(facts) === 'kind,name' && KINDS.includes(facts.kind) && typeof facts.name === 'string';
  return isForm && salt.length === 32 && hex(factsHash(bytes, salt)) === hash ? facts : null;
}

/** Whether a device of an account may be called so. */
export function isAccountName(name) {
  if ([...name].length < 3 || !isDeviceName(name) || /\p{Default_Ignorable_Code_Point}/u.test(name)) return false;
  const parts = name.split(/[ \-_.']/);
  return parts.every((part) => /^[\p{L}\p{N}][\p{L}\p{M}\p{N}]*$/u.test(part));
}

/** The form in which two names are the same. */
export const foldName = (name) =>
  name
    .normalize('NFKC')
    .toLowerCase()
    .toUpperCase()
    .toLowerCase()
    .replace(/[ \-_.']/g, '')
    .normalize('NFKC');

/** The paper key of typed words, or the code of what is wrong with them. */
export function readPhrase(typed) {
  const words = typed.normalize('NFKC').toLowerCase().split(/\s+/u).filter(Boolean);
  if (words.length !== 12) return { code: 'wrong-word-count' };
  const indices = words.map((word) => wordlist.indexOf(word));
  if (indices.includes(-1)) return { code: 'unknown-word' };
  const bits = indices.reduce((all, index) => (all << 11n) | BigInt(index), 0n);
  const entropy = Buffer.from((bits >> 4n).toString(16).padStart(32, '0'), 'hex');
  if (sha256(entropy)[0] >> 4 !== Number(bits & 15n)) return { code: 'wrong-checksum' };
  const signingKey = publicOf('ed25519', hkdf(entropy, 'palmkey/paper-signing/1'));
  const agreementKey = publicOf('x25519', hkdf(entropy, 'palmkey/paper-agreement/1'));
  const id = deviceId({ signingKey: hex(signingKey), agreementKey: hex(agreementKey) });
  return { phrase: words.join(' '), id, signingKey, agreementKey };
}

/** Whether two passphrases are one. */
export const isSamePassphrase = (a, b) => a.normalize('NFC') === b.normalize('NFC');

/** The 128 bytes that a passphrase gives under a salt. */
export const passphraseStream = (passphrase, salt) =>
  scryptSync(passphrase.normalize('NFC'), salt, 128, { N: 2 ** 15, r: 8, p: 1, maxmem: 64 * 1024 * 1024 });

/** What a locked file holds, by a stream with its generation and salt, or the code of why it does not open. */
export function openLocked({ generation, salt, stream }, locked) {
  if (locked.length > 0 && locked[0] !== 1) return { code: 'unsupported-version' };
  if (locked.length < 1 + 4 + 16 + 24 + 16 || u32(locked, 1) === 0) return { code: 'bad-format' };
  const isOfIt = u32(locked, 1) === generation && hex(locked.subarray(5, 21)) === hex(salt);
  const contents = isOfIt ? openSecretBox(locked.subarray(21), stream.subarray(64, 96)) : null;
  return contents === null ? { code: 'wrong-passphrase' } : { contents };
}

/** A stream as it is carried, taken apart, or null. */
export function readCarried(carried) {
  if (carried.length !== 148 || u32(carried, 0) === 0) return null;
  return { generation: u32(carried, 0), salt: carried.subarray(4, 20), stream: carried.subarray(20) };
}
