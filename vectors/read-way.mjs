/**
 * Reads what X and Y tell each other by RPC, and judges a joining from the offer to the countersigned link, by
 * spec/provisioning.md, "RPC" and "The way", alone. It shares no line with the packages: the other readers, Node's own
 * cryptography, and libsodium for NaCl's boxes.
 */
import { createHash } from 'node:crypto';
import sodium from 'libsodium-wrappers';
import { readFrame } from './read-joining.mjs';
import { factsOf, foldName, importPerUserKeys, isAccountName } from './read-members.mjs';
import {
  canonical,
  deviceId,
  devicesOf,
  isAgreementKey,
  isSigned,
  perUserKeysOf,
  readLink,
  readLinks,
  verifyChain,
} from './verify-chain.mjs';

await sodium.ready;

const sha256 = (...parts) =>
  createHash('sha256')
    .update(Buffer.concat(parts.map((part) => Buffer.from(part))))
    .digest();
const hex = (bytes) => Buffer.from(bytes).toString('hex');
const bytes = (text) => Buffer.from(text, 'hex');
const same = (a, b) => Buffer.compare(a, b) === 0;

const bin = (length) => (value) => value instanceof Uint8Array && value.length === length;
const upTo =
  (most, step = 1) =>
  (value) =>
    value instanceof Uint8Array && value.length <= most && value.length % step === 0;
const shape = (rules) => (value) =>
  typeof value === 'object' &&
  value !== null &&
  !Array.isArray(value) &&
  !(value instanceof Uint8Array) &&
  Object.keys(value).sort().join() === Object.keys(rules).sort().join() &&
  Object.entries(rules).every(([key, rule]) => rule(value[key]));
const isKey = (value) => bin(32)(value) && isAgreementKey(hex(value));
const pukBox = shape({
  box: bin(72),
  generation: (value) => Number.isInteger(value) && value >= 1 && value <= 0xffffffff,
  receiver: bin(16),
  sender: bin(16),
});

const HELLO = 'palmkey.kex.hello2';
const COUNTERSIGNED = 'palmkey.kex.didCounterSign2';
/** Where a message stands, what it is in there, and its form. */
const places = {
  start: [{ is: 'notify', method: 'palmkey.kex.start' }, 'arg', shape({})],
  failed: [
    { is: 'notify', method: 'palmkey.kex.failed' },
    'arg',
    shape({ code: (value) => typeof value === 'string' && /^[a-z0-9-]{1,64}$/.test(value) }),
  ],
  hello: [
    { is: 'call', seqid: 0, method: HELLO },
    'arg',
    shape({
      codeCommitment: bin(32),
      deviceNames: upTo(80_000, 8),
      newSession: bin(32),
      sibkeySigBody: upTo(4096),
      uid: bin(16),
    }),
  ],
  helloAnswer: [
    { is: 'answer', seqid: 0, failure: null },
    'result',
    shape({ deviceFacts: upTo(512), deviceSalt: bin(32), dhPublicKey: isKey, sibkeySigBodySigned: upTo(4096) }),
  ],
  code: [{ is: 'notify', method: 'palmkey.kex.code' }, 'arg', shape({ nonce: bin(32) })],
  countersigned: [
    { is: 'call', seqid: 1, method: COUNTERSIGNED },
    'arg',
    shape({
      ppsEncrypted: (value) => value === null || bin(220)(value),
      pukBox,
      sibkeySigBodyCounterSigned: upTo(2 + 4096 + 64),
    }),
  ],
  joined: [{ is: 'answer', seqid: 1, failure: null }, 'result', shape({ ok: (value) => value === true })],
};

/** The message of a frame at its place in the conversation, or null for what is none. */
export function readMessage(place, frame) {
  const [head, key, isForm] = places[place];
  const read = readFrame(frame);
  const isThere = read !== null && Object.entries(head).every(([name, value]) => read[name] === value);
  return isThere && isForm(read[key]) ? read[key] : null;
}

/** The hash (8) by which X tells Y a name that is taken. */
export const takenName = (session, name) =>
  sha256('palmkey/taken-name/1', session, Buffer.from(foldName(name))).subarray(0, 8);

/** Whether a name is among the hashes. */
export function isTaken(session, hashes, name) {
  const asked = takenName(session, name);
  return Array.from({ length: hashes.length / 8 }, (_, i) => hashes.subarray(8 * i, 8 * i + 8)).some((each) =>
    same(each, asked),
  );
}

/** What X is held to before it tells its share of the code. */
export const codeCommitment = (session, nonce) => sha256('palmkey/kex-code-share/1', session, nonce);

/** The six digits that both show. */
export function joiningCode(session, nonce, signed, dhPublicKey) {
  const length = Buffer.alloc(4);
  length.writeUInt32BE(signed.length);
  const digest = sha256('palmkey/kex-code/1', session, nonce, length, signed, dhPublicKey);
  return String(digest.readBigUInt64BE() % 1_000_000n).padStart(6, '0');
}

/** The passphrase stream in its box, for Y's private key, or null where there is none. */
export function openStream(sealed, agreementPrivate) {
  if (sealed.length !== 220) return null;
  let opened;
  try {
    opened = sodium.crypto_box_open_easy(
      sealed.subarray(56),
      sealed.subarray(32, 56),
      sealed.subarray(0, 32),
      agreementPrivate,
    );
  } catch {
    return null;
  }
  const generation = Buffer.from(opened).readUInt32BE();
  return generation === 0 ? null : { generation, salt: opened.subarray(4, 20), bytes: opened.subarray(20) };
}

class Wrong extends Error {}
const demand = (holds, code) => {
  if (!holds) throw new Wrong(code);
};

/** A link's JSON, which has to be canonical. */
function jsonOf(part) {
  const text = Buffer.from(part).toString('latin1');
  try {
    const value = JSON.parse(text);
    return canonical(value) === text ? value : null;
  } catch {
    return null;
  }
}

const HASH = /^[0-9a-f]{64}$/;
const isSkeleton = (link) =>
  link !== null &&
  Object.keys(link).join() === 'account,body,ctime,prev,seqno,signer,type,v' &&
  canonical(link.body) === '{"device":null,"reverseSig":null}' &&
  HASH.test(link.prev) &&
  [link.account, link.signer].every((id) => /^[0-9a-f]{32}$/.test(id)) &&
  [link.ctime, link.seqno].every((count) => Number.isSafeInteger(count) && count >= 0) &&
  link.type === 'sibkey' &&
  link.v === 1;

/** The skeleton of a `sibkey` link, or null for what is none. */
export function readSkeleton(part) {
  const link = jsonOf(part);
  return isSkeleton(link) ? link : null;
}

/** What Y finds of the offer, by the chain that the relay gives (3). */
function judgeOffer({ sender, before, verdict }, hello) {
  demand(hello !== null, 'bad-message');
  const skeleton = readSkeleton(hello.sibkeySigBody);
  demand(skeleton !== null, 'bad-message');
  demand(skeleton.signer === hex(sender), 'wrong-peer');
  demand(skeleton.account === hex(hello.uid), 'other-account');
  demand(verdict.valid, 'bad-chain');
  demand(verdict.account === hex(hello.uid), 'other-account');
  demand(skeleton.seqno === verdict.head.seqno + 1 && skeleton.prev === verdict.head.hash, 'wrong-place');
  const provisioner = verdict.active.find(({ id }) => id === skeleton.signer);
  demand(provisioner !== undefined && provisioner.kind !== 'host', 'not-a-member');
  return { skeleton, x: devicesOf(before).get(skeleton.signer) };
}

/** What X finds of the answer (4): the link that it signs, and who Y says it is. */
function judgeAnswer({ receiver, before, names }, skeleton, answer) {
  demand(answer !== null, 'bad-message');
  const signed = readLink(Buffer.from(answer.sibkeySigBodySigned).toString('latin1'));
  demand(signed?.type === 'sibkey', 'bad-message');
  const { device, reverseSig } = signed.body;
  const asked = canonical({ ...skeleton, body: { device, reverseSig: null } });
  const isAgreed = isSigned('account-device', bytes(device.signingKey), asked, bytes(reverseSig));
  demand(isAgreed, 'bad-reverse-signature');
  const keys = { signingKey: device.signingKey, agreementKey: hex(answer.dhPublicKey) };
  demand(deviceId(keys) === device.id && hex(receiver) === device.id, 'wrong-device-id');
  const used = [...devicesOf(before).values(), ...perUserKeysOf(before)].flatMap((each) => Object.values(each));
  const isUsed = [device.id, ...Object.values(keys)].some((each) => used.includes(each));
  demand(!isUsed && keys.signingKey !== keys.agreementKey, 'reused-key');
  const facts = factsOf(answer.deviceFacts, answer.deviceSalt, device.facts);
  demand(facts !== null, 'wrong-facts');
  demand(isAccountName(facts.name), 'bad-account-name');
  demand(facts.kind !== 'paper', 'wrong-facts');
  demand(!names.some((name) => foldName(name) === foldName(facts.name)), 'name-taken');
  return { link: canonical({ ...skeleton, body: { device, reverseSig } }), facts, id: device.id };
}

/** What Y finds of what X has signed (6). */
function judgeCountersigned(given, { link, id }, x, countersigned) {
  demand(countersigned !== null, 'bad-message');
  const links = readLinks(countersigned.sibkeySigBodyCounterSigned);
  demand(links !== null, 'bad-message');
  const isIt = links.length === 1 && links[0].json === link;
  demand(isIt && isSigned('account-link', bytes(x.signingKey), link, links[0].signature), 'bad-countersignature');
  const { box, generation, receiver, sender } = countersigned.pukBox;
  const head = Buffer.alloc(4);
  head.writeUInt32BE(generation);
  const imported = importPerUserKeys({
    box: Buffer.concat([head, sender, receiver, box]),
    previous: given.previous,
    receiver: { id: bytes(id), agreementPrivate: given.agreementPrivate },
    generations: perUserKeysOf(given.before),
    members: devicesOf(given.before),
  });
  demand(imported.code === undefined, 'wrong-per-user-key');
  const { ppsEncrypted } = countersigned;
  const stream = ppsEncrypted === null ? null : openStream(ppsEncrypted, given.agreementPrivate);
  demand(ppsEncrypted === null || stream !== null, 'wrong-passphrase-stream');
  return { seeds: imported.seeds, stream };
}

/**
 * Judges a joining: `given` has the session id, the sender of each side's packets (X's `sender`, Y's `receiver`), the
 * chain `before`, the names that are taken, Y's private agreement key and the previous seeds; `frames` the four
 * messages. What both have in the end, or as `refused` the code of the first thing that is wrong.
 */
export function judgeJoining(given, frames) {
  const links = readLinks(given.before);
  const known = { ...given, before: links, verdict: verifyChain(links) };
  try {
    const hello = readMessage('hello', frames.hello);
    const { skeleton, x } = judgeOffer(known, hello);
    const answer = readMessage('helloAnswer', frames.answer);
    const judged = judgeAnswer(known, skeleton, answer);
    const { id, facts } = judged;
    const share = readMessage('code', frames.share);
    demand(share !== null, 'bad-message');
    demand(same(codeCommitment(given.session, share.nonce), hello.codeCommitment), 'wrong-commitment');
    const code = joiningCode(given.session, share.nonce, answer.sibkeySigBodySigned, answer.dhPublicKey);
    const countersigned = readMessage('countersigned', frames.countersigned);
    const taken = judgeCountersigned(known, judged, x, countersigned);
    return { id, facts, code, ...taken, sibkey: countersigned.sibkeySigBodyCounterSigned };
  } catch (error) {
    if (error instanceof Wrong) return { refused: error.message };
    throw error;
  }
}
