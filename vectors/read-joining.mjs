/**
 * Reads the packets and the frames of RPC by which one device lets another in, by spec/provisioning.md alone. It shares
 * no line with the packages: libsodium for NaCl's boxes, and a MessagePack reader of its own.
 */
import sodium from 'libsodium-wrappers';
import { Malformed, valueAt, whole } from './messagepack.mjs';

await sodium.ready;

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
