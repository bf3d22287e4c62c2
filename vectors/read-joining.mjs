/**
 * Reads what two devices say to each other while one joins, and derives the per-user key, by spec/provisioning.md and
 * spec/account.md alone. It shares no line with the packages: Node's own cryptography, libsodium for NaCl's boxes, and a
 * MessagePack reader of its own.
 */
import { createHmac, createPrivateKey, createPublicKey } from 'node:crypto';
import { TextDecoder } from 'node:util';
import sodium from 'libsodium-wrappers';

await sodium.ready;

const SHORTEST = { 1: 24n, 2: 0x100n, 4: 0x10000n, 8: 0x100000000n };
class Malformed extends Error {}
const refuse = () => {
  throw new Malformed('not of the form');
};

/** One value of canonical MessagePack at an offset: the value and where it ends. Throws for everything else. */
function valueAt(bytes, at) {
  const take = (from, length) => (from + length <= bytes.length ? bytes.subarray(from, from + length) : refuse());
  const uint = (length) => take(at + 1, length).reduce((sum, byte) => sum * 256n + BigInt(byte), 0n);
  /** Of so many bytes, and of no fewer. */
  const shortest = (length, least) => {
    const value = uint(length);
    return value < least || value > BigInt(Number.MAX_SAFE_INTEGER) ? refuse() : Number(value);
  };
  const raw = (length, from, read) => ({ value: read(take(from, length)), end: from + length });
  const text = (part) => new TextDecoder('utf-8', { fatal: true }).decode(part);
  const byte = take(at, 1)[0];
  if (byte < 0x80) return { value: byte, end: at + 1 };
  if (byte >= 0xe0) return { value: byte - 256, end: at + 1 };
  if (byte < 0x90) return mapAt(bytes, at + 1, byte & 15);
  if (byte < 0xa0) return listAt(bytes, at + 1, byte & 15);
  if (byte < 0xc0) return raw(byte & 31, at + 1, text);
  switch (byte) {
    case 0xc0:
      return { value: null, end: at + 1 };
    case 0xc2:
    case 0xc3:
      return { value: byte === 0xc3, end: at + 1 };
    case 0xc4:
      return raw(shortest(1, 0n), at + 2, (part) => part);
    case 0xc5:
      return raw(shortest(2, SHORTEST[2]), at + 3, (part) => part);
    case 0xcc:
    case 0xcd:
    case 0xce:
    case 0xcf: {
      const length = 2 ** (byte - 0xcc);
      return { value: shortest(length, length === 1 ? 0x80n : SHORTEST[length]), end: at + 1 + length };
    }
    case 0xd9:
      return raw(shortest(1, 32n), at + 2, text);
    case 0xda:
      return raw(shortest(2, SHORTEST[2]), at + 3, text);
    case 0xdc:
      return listAt(bytes, at + 3, shortest(2, 16n));
    case 0xde:
      return mapAt(bytes, at + 3, shortest(2, 16n));
    default:
      // Floats, extensions, and what nothing of these pages is long or low enough for.
      return refuse();
  }
}

function listAt(bytes, from, length) {
  const value = [];
  let end = from;
  for (let i = 0; i < length; i += 1) {
    const each = valueAt(bytes, end);
    value.push(each.value);
    end = each.end;
  }
  return { value, end };
}

function mapAt(bytes, from, length) {
  const { value: flat, end } = listAt(bytes, from, 2 * length);
  const keys = flat.filter((_, i) => i % 2 === 0);
  if (!keys.every((key, i) => typeof key === 'string' && (i === 0 || keys[i - 1] < key))) refuse();
  return { value: Object.fromEntries(keys.map((key, i) => [key, flat[2 * i + 1]])), end };
}

function whole(bytes) {
  const { value, end } = valueAt(bytes, 0);
  return end === bytes.length ? value : refuse();
}

const isBin = (value, length) => value instanceof Uint8Array && (length === undefined || value.length === length);
const isCount = (value) => Number.isInteger(value) && value >= 0 && value <= 0xffffffff;
const same = (a, b) => Buffer.compare(a, b) === 0;

/**
 * A packet as it came by the rendezvous: the payload, or the code of the first thing that is wrong with it. `stream` has
 * the writer's key, the session, both devices' ids and the next seqno.
 */
export function readPacket(stream, { sender, seqno, message }) {
  const attempt = (read) => {
    try {
      return read();
    } catch (error) {
      if (error instanceof Malformed || error instanceof TypeError) return null;
      throw error;
    }
  };
  const headed = (value, length) =>
    Array.isArray(value) && value.length === length && isBin(value[0], 16) && isBin(value[1], 32) && isCount(value[2]);
  const outer = message.length > 15 * 1024 ? null : attempt(() => whole(message));
  if (!headed(outer, 5) || !isBin(outer[3], 24) || !isBin(outer[4]) || outer[4].length < 16)
    return { code: 'bad-packet' };
  let opened;
  try {
    opened = sodium.crypto_secretbox_open_easy(outer[4], outer[3], stream.key);
  } catch {
    return { code: 'packet-unopenable' };
  }
  const inner = attempt(() => whole(opened));
  if (!headed(inner, 4) || !isBin(inner[3]) || inner[3].length > 14 * 1024) return { code: 'bad-packet' };
  const isAlike = same(inner[0], outer[0]) && same(inner[1], outer[1]) && inner[2] === outer[2];
  if (!isAlike || !same(inner[0], sender) || inner[2] !== seqno) return { code: 'packet-mismatch' };
  if (!same(inner[1], stream.session)) return { code: 'wrong-session' };
  if (same(inner[0], stream.self)) return { code: 'own-packet' };
  if (!same(inner[0], stream.peer)) return { code: 'wrong-peer' };
  return seqno === stream.next ? { payload: inner[3] } : { code: 'wrong-packet-seqno' };
}

const isMethod = (value) => typeof value === 'string' && /^[!-~]{1,64}$/.test(value);
const isArgument = (value) => Array.isArray(value) && value.length === 1;
const isFailure = (value) =>
  typeof value === 'object' &&
  Object.keys(value).join() === 'code,message' &&
  /^[a-z0-9-]{1,64}$/.test(value.code) &&
  /^[ -~]{0,256}$/.test(value.message);

/** One frame of the stream, or null where there is none of that form. */
export function readFrame(bytes) {
  try {
    const { value: length, end } = valueAt(bytes, 0);
    if (!isCount(length) || length < 1 || length > 1024 * 1024 || bytes.length !== end + length) return null;
    const frame = whole(bytes.subarray(end));
    return Array.isArray(frame) ? frameOf(frame) : null;
  } catch (error) {
    if (error instanceof Malformed || error instanceof TypeError) return null;
    throw error;
  }
}

function frameOf([kind, ...rest]) {
  const [first, second, third] = rest;
  const is = (length, holds) => rest.length === length && holds;
  if (kind === 0 && is(3, isCount(first) && isMethod(second) && isArgument(third)))
    return { is: 'call', seqid: first, method: second, arg: third[0] };
  if (kind === 1 && is(3, isCount(first) && (second === null || (isFailure(second) && third === null))))
    return { is: 'answer', seqid: first, failure: second, result: third };
  if (kind === 2 && is(2, isMethod(first) && isArgument(second)))
    return { is: 'notify', method: first, arg: second[0] };
  if (kind === 3 && is(2, isCount(first) && isMethod(second))) return { is: 'cancel', seqid: first, method: second };
  return null;
}

const hmac = (seed, label) => createHmac('sha256', seed).update(label).digest();

/** What a per-user seed (32) gives: both public keys, and the symmetric one. */
export function perUserKeys(seed) {
  const publicOf = (algorithm, label) => {
    const der = Buffer.concat([Buffer.from(`302e020100300506032b65${algorithm}04220420`, 'hex'), hmac(seed, label)]);
    const key = createPublicKey(createPrivateKey({ key: der, format: 'der', type: 'pkcs8' }));
    return Buffer.from(key.export({ format: 'jwk' }).x, 'base64url');
  };
  return {
    signingKey: publicOf('70', 'palmkey/puk-signing/1'),
    agreementKey: publicOf('6e', 'palmkey/puk-agreement/1'),
    symmetricKey: hmac(seed, 'palmkey/puk-symmetric/1'),
  };
}

/** The seed (32) in a per-user box, for the receiver's private key; throws where it does not open. */
export function openPerUserBox(box, senderKey, receiverPrivate) {
  const sealed = box.subarray(36);
  return sodium.crypto_box_open_easy(sealed.subarray(24), sealed.subarray(0, 24), senderKey, receiverPrivate);
}

/** The seed (32) of the generation before, under this generation's symmetric key; throws where it does not open. */
export function openPreviousSeed(previous, symmetricKey) {
  const sealed = previous.subarray(4);
  return sodium.crypto_secretbox_open_easy(sealed.subarray(24), sealed.subarray(0, 24), symmetricKey);
}
