/**
 * Reads the bodies of a relay's orders about account chains, types 31 to 38, and of its `bad-chain`, by
 * spec/account.md, "At the relay", alone. It shares no line with the packages.
 */
class Short extends Error {}
const refuse = () => {
  throw new Short('not of the form');
};
const demand = (holds) => holds || refuse();

/** Takes a body apart from front to back. */
function cursor(body) {
  let at = 0;
  const take = (length) => {
    demand(at + length <= body.length);
    at += length;
    return Buffer.from(body.subarray(at - length, at));
  };
  const u8 = () => take(1)[0];
  const u16 = () => take(2).readUInt16BE();
  const u32 = () => take(4).readUInt32BE();
  const list = (length) => {
    const count = u16();
    demand(at + count * length <= body.length);
    return Array.from({ length: count }, () => take(length));
  };
  return { take, u8, u16, u32, list, rest: () => take(body.length - at) };
}

const BOX = 108;
const SEED = 76;
function name(from) {
  const text = from.take(from.u8()).toString('latin1');
  demand(/^[!-~]{1,64}$/.test(text));
  return text;
}
const recordOf = (bytes) => (bytes.length >= 1 && bytes.length <= 4096 ? bytes : refuse());
const head = (from) => {
  const read = { account: from.take(16), seqno: from.u32(), hash: from.take(32) };
  demand(read.seqno > 0);
  return read;
};
const wholeNumber = (key) => (from) => ({ [key]: from.u32() });

/** What stands in each body. */
const bodies = {
  chainPost: (from) => {
    const [seqno, hash] = [from.u32(), from.take(32)];
    demand((seqno === 0) === hash.every((byte) => byte === 0));
    const links = from.take(from.u32());
    demand(links.length > 0);
    return { prev: seqno === 0 ? null : { seqno, hash }, links, boxes: from.list(BOX), seeds: from.list(SEED) };
  },
  chainPart: (from) => {
    const { boxes, ...part } = bodies.chainPost(from);
    demand(boxes.length === 0);
    return part;
  },
  chainGrant: (from) => ({ hash: from.take(32) }),
  chainAsk: () => ({}),
  chainHead: head,
  chainBoxesAsk: wholeNumber('generation'),
  chainBoxes: (from) => {
    const [box = null, ...more] = from.list(BOX);
    demand(more.length === 0);
    return { box, seeds: from.list(SEED) };
  },
  chainReadAsk: wholeNumber('after'),
  accountRecords: (from) => {
    const latest = from.u32();
    let last = 0;
    const records = Array.from({ length: from.u16() }, () => {
      const revision = from.u32();
      demand(revision > last && revision <= latest);
      last = revision;
      return { name: name(from), revision, bytes: recordOf(from.take(from.u16())) };
    });
    return { latest, records };
  },
  chainWrite: (from) => {
    const revision = from.u32();
    const read = { name: name(from), revision, record: from.rest() };
    if (read.record.length > 0 || revision === 0) recordOf(read.record);
    return read;
  },
  chainWritten: wholeNumber('revision'),
  accountData: (from) => ({ account: from.take(16), revision: from.u32() }),
  refusal: (from) => {
    demand(from.u16() === 30);
    const [retryAfterMs, seqno] = [from.u32(), from.u32()];
    const reason = from.take(from.u8()).toString('latin1');
    demand(/^[!-~]{1,64}$/.test(reason));
    return { retryAfterMs, refusal: { reason, seqno } };
  },
};

/** What a body of this name says, or null for one that is not of its form. */
export function readOrder(of, body) {
  const from = cursor(body);
  try {
    const read = bodies[of](from);
    return from.rest().length === 0 ? read : null;
  } catch (error) {
    if (error instanceof Short) return null;
    throw error;
  }
}
