#!/usr/bin/env node
/**
 * `node vectors/verify-chain.mjs FILE`: judges an exported chain by spec/account.md alone. It shares no line with the
 * packages: Node's own cryptography, and the page. Prints one line of JSON, the head or the first error, and exits with 0
 * or 1; 2 for a file that is no export.
 */
import { createHash, createPublicKey, verify } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { argv, exit } from 'node:process';
import { pathToFileURL } from 'node:url';

const hex = (bytes) => new RegExp(`^[0-9a-f]{${2 * bytes}}$`);
const is = (pattern) => (value) => typeof value === 'string' && pattern.test(value);
const count = (value) => Number.isSafeInteger(value) && value >= 0;
const only = (wanted) => (value) => value === wanted;
/** An object with exactly these keys, each as its rule says. */
const shape = (rules) => (value) =>
  isObject(value) &&
  Object.keys(value).length === Object.keys(rules).length &&
  Object.entries(rules).every(([key, rule]) => Object.hasOwn(value, key) && rule(value[key]));
const isObject = (value) => typeof value === 'object' && value !== null && !Array.isArray(value);

const id = is(hex(16));
const key = is(hex(32));
const signature = is(hex(64));
const P = 2n ** 255n - 19n;
const littleEndian = (bytes) => BigInt(`0x${Buffer.from(bytes).reverse().toString('hex')}`);
/** The points of order 1, 2, 4 and 8: with them every X25519 key agrees on zeros. */
const noAgreement = [
  0n,
  1n,
  P - 1n,
  0x00b8495f16056286fdb1329ceb8d09da6ac49ff1fae35616aeb8413b7c7aebe0n,
  0x57119fd0dd4e22d8868e1c58c45c44045bef839c55b1d0b1248c50a3bc959c5fn,
];
/** Whether hexadecimal is a key that agrees on something, without its highest bit and modulo P. */
export const isAgreementKey = (value) =>
  key(value) && !noAgreement.includes((littleEndian(Buffer.from(value, 'hex')) % 2n ** 255n) % P);
const device = shape({ agreementKey: isAgreementKey, facts: key, id, signingKey: key });
const puk = { agreementKey: isAgreementKey, generation: (value) => count(value) && value >= 1, signingKey: key };
const ascending = (ids) => ids.every((each, i) => i === 0 || ids[i - 1] < each);
const bodies = {
  eldest: shape({ device, puk: shape({ ...puk, generation: only(1) }) }),
  sibkey: shape({ device: shape({ facts: key, id, signingKey: key }), reverseSig: signature }),
  subkey: shape({ device: shape({ agreementKey: isAgreementKey, id }) }),
  paper: shape({ device, reverseSig: signature }),
  host: shape({ device, reverseSig: signature }),
  revoke: shape({
    devices: (ids) =>
      Array.isArray(ids) && ids.length >= 1 && ids.length <= 32 && ids.every((each) => id(each)) && ascending(ids),
  }),
  puk: shape({ puk: shape(puk) }),
};

/** RFC 8785 for what a link may hold. */
export function canonical(value) {
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`;
  if (!isObject(value)) return JSON.stringify(value);
  const keys = Object.keys(value).sort();
  return `{${keys.map((each) => `${JSON.stringify(each)}:${canonical(value[each])}`).join(',')}}`;
}

function plain(value, levels) {
  if (typeof value === 'string') return /^[ -~]*$/.test(value);
  if (typeof value === 'number') return count(value);
  if (typeof value !== 'object' || value === null) return true;
  if (levels === 0) return false;
  return Object.entries(value).every(([name, each]) => plain(name, 0) && plain(each, levels - 1));
}

const sha256 = (bytes) => createHash('sha256').update(bytes).digest();
const bytesOf = (text) => Buffer.from(text, 'hex');

const L = 2n ** 252n + 27742317777372353535851937790883648493n;
const ORDER_8 = 0x7a03ac9277fdc74ec6cc392cfa53202a0f67100d760b3cba4fd84d3d706a17c7n;
const smallOrder = [0n, 1n, P - 1n, ORDER_8, P - ORDER_8];
function pointIsFine(bytes) {
  const y = littleEndian(bytes) % 2n ** 255n;
  return y < P && !smallOrder.includes(y);
}
/** Whether a signature is of a key over a text in a context, as everybody judges it (spec/devices.md). */
export function isSigned(context, publicKey, text, sig) {
  if (!pointIsFine(publicKey) || !pointIsFine(sig.subarray(0, 32)) || littleEndian(sig.subarray(32)) >= L) return false;
  const message = Buffer.concat([Buffer.from(`palmkey/${context}/1\0`), Buffer.from(text, 'latin1')]);
  try {
    const spki = Buffer.concat([bytesOf('302a300506032b6570032100'), publicKey]);
    return verify(null, message, createPublicKey({ key: spki, format: 'der', type: 'spki' }), sig);
  } catch {
    return false;
  }
}

/** The id of both keys. */
export function deviceId({ signingKey, agreementKey }) {
  const parts = ['palmkey/device/1\x07ed25519\0\x20', bytesOf(signingKey), '\x06x25519\0\x20', bytesOf(agreementKey)];
  const preimage = Buffer.concat(parts.map((part) => (typeof part === 'string' ? Buffer.from(part, 'latin1') : part)));
  return sha256(preimage).subarray(0, 16).toString('hex');
}

class Refused extends Error {}
const demand = (holds, code) => {
  if (!holds) throw new Refused(code);
};

/** The link of a text, or the first three errors of the page's table. */
function parse(text) {
  demand(text.length <= 4096 && /^[ -~]*$/.test(text), 'bad-link');
  let link;
  try {
    link = JSON.parse(text);
  } catch {
    throw new Refused('bad-link');
  }
  demand(isObject(link) && plain(link, 8) && canonical(link) === text, 'bad-link');
  demand(Object.hasOwn(link, 'v') && typeof link.v === 'number', 'bad-link');
  demand(link.v === 1, 'unsupported-version');
  demand(Object.hasOwn(link, 'type') && typeof link.type === 'string', 'bad-link');
  demand(Object.hasOwn(bodies, link.type), 'unknown-type');
  const base = { body: bodies[link.type], ctime: count, seqno: count, signer: id, type: is(/./), v: only(1) };
  demand(shape(link.type === 'eldest' ? base : { ...base, account: id, prev: key })(link), 'bad-link');
  return link;
}

/** @param {readonly {json: string, signature: Uint8Array}[]} links one character of `json` for each byte */
export function verifyChain(links) {
  const active = new Map();
  const revoked = new Set();
  const used = new Set();
  let head = { seqno: 0, hash: null };
  let account = null;
  let generation = 0;
  let owed = null;

  const use = (...names) => {
    for (const name of names) {
      demand(!used.has(name), 'reused-key');
      used.add(name);
    }
  };
  const members = () => [...active.values()].filter(({ kind }) => kind !== 'host').length;
  const room = (kind) => demand(active.size < 256 && (kind === 'host' || members() < 32), 'too-many-devices');
  const agreed = (link) => {
    const asked = canonical({ ...link, body: { ...link.body, reverseSig: null } });
    const { device: added, reverseSig } = link.body;
    demand(isSigned('account-device', bytesOf(added.signingKey), asked, bytesOf(reverseSig)), 'bad-reverse-signature');
  };

  const take = (text, sig) => {
    const link = parse(text);
    const { type, body } = link;
    demand(head.seqno < 10_000, 'too-long');
    demand(type === 'eldest' ? account === null : link.account === account, 'wrong-account');
    demand(link.seqno === head.seqno + 1, 'wrong-seqno');
    demand(type === 'eldest' || link.prev === head.hash, 'wrong-prev');
    if (owed?.type === 'subkey') {
      const same = link.signer === owed.id && body.device?.id === owed.id && link.ctime === owed.ctime;
      demand(type === 'subkey' && same, 'incomplete');
    }
    if (owed?.type === 'puk') demand(type === 'puk' && link.signer === owed.signer, 'incomplete');

    let by;
    if (type === 'eldest') {
      demand(link.signer === body.device.id, 'unknown-signer');
      by = { ...body.device, kind: 'member' };
    } else if (owed?.type === 'subkey') by = { ...owed.device, kind: 'member' };
    else {
      by = active.get(link.signer);
      demand(by !== undefined, revoked.has(link.signer) ? 'revoked-signer' : 'unknown-signer');
      const self = type === 'revoke' && body.devices.includes(link.signer);
      const alone = self && body.devices.length === 1;
      demand(by.kind === 'host' ? alone : type !== 'subkey' && !self, 'not-allowed');
    }
    demand(isSigned('account-link', bytesOf(by.signingKey), text, sig), 'bad-signature');

    switch (type) {
      case 'eldest':
        demand(deviceId(body.device) === body.device.id, 'wrong-device-id');
        use(body.device.id, body.device.signingKey, body.device.agreementKey);
        use(body.puk.signingKey, body.puk.agreementKey);
        active.set(body.device.id, { ...body.device, kind: 'member' });
        generation = 1;
        break;
      case 'sibkey':
        use(body.device.id, body.device.signingKey);
        agreed(link);
        room('member');
        owed = { type: 'subkey', id: body.device.id, ctime: link.ctime, device: body.device };
        break;
      case 'subkey': {
        const whole = { ...owed.device, ...body.device };
        demand(deviceId(whole) === whole.id, 'wrong-device-id');
        use(whole.agreementKey);
        active.set(whole.id, { ...whole, kind: 'member' });
        owed = null;
        break;
      }
      case 'paper':
      case 'host':
        demand(deviceId(body.device) === body.device.id, 'wrong-device-id');
        use(body.device.id, body.device.signingKey, body.device.agreementKey);
        agreed(link);
        demand(type === 'host' || ![...active.values()].some(({ kind }) => kind === 'paper'), 'paper-exists');
        room(type);
        active.set(body.device.id, { ...body.device, kind: type });
        break;
      case 'revoke':
        demand(
          body.devices.every((each) => active.has(each)),
          'no-such-device',
        );
        if (body.devices.some((each) => active.get(each).kind !== 'host')) owed = { type: 'puk', signer: link.signer };
        for (const each of body.devices) {
          active.delete(each);
          revoked.add(each);
        }
        break;
      case 'puk':
        use(body.puk.signingKey, body.puk.agreementKey);
        demand(body.puk.generation === generation + 1, 'wrong-generation');
        generation += 1;
        owed = null;
    }
    const hash = sha256(Buffer.from(text, 'latin1')).toString('hex');
    account ??= hash.slice(0, 32);
    head = { seqno: head.seqno + 1, hash };
  };

  try {
    for (const { json, signature: sig } of links) take(json, sig);
    demand(account !== null && owed === null, 'incomplete');
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    return { valid: false, seqno: head.seqno + 1, code: error.message };
  }
  return {
    valid: true,
    account,
    head,
    active: [...active.values()].map((each) => ({ id: each.id, kind: each.kind })),
    revoked: [...revoked],
    generation,
  };
}

/**
 * Judges links that go on from what a device has `saved`, by its pin: as {@link verifyChain} does, and with
 * `rolled-back` and `forked`.
 */
export function verifyPinned(saved, links, pin) {
  const all = [...saved, ...links];
  const verdict = verifyChain(all);
  const refused = (code, seqno) => ({ valid: false, seqno, code });
  const isApart = verdict.code === 'wrong-prev' && verdict.seqno === saved.length + 1;
  if (isApart) return refused('forked', saved.length);
  if (!verdict.valid) return verdict;
  if (pin.seqno > all.length) return refused('rolled-back', pin.seqno);
  const hash = sha256(Buffer.from(all[pin.seqno - 1].json, 'latin1')).toString('hex');
  return hash === pin.hash ? verdict : refused('forked', pin.seqno);
}

/** Every device that is or was on a valid chain, by id: its keys and kind, all in hexadecimal. */
export function devicesOf(links) {
  const devices = new Map();
  for (const { type, body } of links.map(({ json }) => JSON.parse(json))) {
    if (!body.device) continue;
    const { id, signingKey, agreementKey } = { ...devices.get(body.device.id), ...body.device };
    devices.set(id, { id, signingKey, agreementKey, kind: type === 'host' || type === 'paper' ? type : 'member' });
  }
  return devices;
}

/** The per-user keys of a valid chain, the first generation first. */
export const perUserKeysOf = (links) => links.flatMap(({ json }) => JSON.parse(json).body.puk ?? []);

/** The links of bytes as they are stored and sent, or null for bytes that end within one. */
export function readLinks(bytes) {
  const links = [];
  for (let at = 0; at < bytes.length;) {
    const jsonEnd = at + 2 + 256 * bytes[at] + (bytes[at + 1] ?? 0);
    if (jsonEnd + 64 > bytes.length) return null;
    const json = Buffer.from(bytes.subarray(at + 2, jsonEnd)).toString('latin1');
    links.push({ json, signature: bytes.subarray(jsonEnd, jsonEnd + 64) });
    at = jsonEnd + 64;
  }
  return links;
}

/** The link of a text, whatever its place, or null for what is none. */
export function readLink(text) {
  try {
    return parse(text);
  } catch (error) {
    if (error instanceof Refused) return null;
    throw error;
  }
}

/** The links of an exported chain. Throws for a file that is none. */
export function readExport(text) {
  const file = JSON.parse(text);
  const link = shape({ json: is(/^[\0-\xff]*$/), signature });
  if (!isObject(file) || !Array.isArray(file.links) || !file.links.every(link))
    throw new TypeError('no exported chain');
  return file.links.map((each) => ({ json: each.json, signature: bytesOf(each.signature) }));
}

if (import.meta.url === pathToFileURL(argv[1] ?? '').href) {
  let links;
  try {
    links = readExport(readFileSync(argv[2] ?? '', 'utf8'));
  } catch (error) {
    console.error(`usage: node vectors/verify-chain.mjs FILE\n${error.message}`);
    exit(2);
  }
  const verdict = verifyChain(links);
  console.log(JSON.stringify(verdict));
  exit(verdict.valid ? 0 : 1);
}
