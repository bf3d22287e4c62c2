/** Every way in which a chain can be wrong: what `account.json` has under `invalid`. */
import type { ChainErrorCode } from '@palmkey/chain';
import { ascii, concat, fromHex, signedBytes, toHex } from '@palmkey/envelope';
import { fixedBytes, fixedDevice } from '../packages/core/src/testing/fixed-keys.ts';
import {
  type AccountMaker,
  inBody,
  inLink,
  inPart,
  type PlainLink,
} from '../packages/chain/src/testing/account-maker.ts';

/** One wrong chain. */
export interface Fault {
  readonly name: string;
  readonly code: ChainErrorCode;
  /** The seqno that is refused, if it is not the last link's. */
  readonly at?: number;
  /** What the chain begins with: nothing, its eldest link (`phone`), or also `words`, `tablet` and the host `laptop` (5 links). */
  readonly on: 'nothing' | 'eldest' | 'all';
  readonly make: (chain: AccountMaker) => Promise<unknown>;
}

/** The points of order 1, 2, 4 and 8 in hexadecimal, some of them in a second encoding. */
const smallOrder = [
  `01${'00'.repeat(31)}`,
  `${'00'.repeat(31)}80`,
  `ec${'ff'.repeat(30)}7f`,
  `ee${'ff'.repeat(31)}`,
  'e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800',
  '5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f11d7',
];
const L = 2n ** 252n + 27742317777372353535851937790883648493n;
/** Anything that is canonical JSON and no link. */
const forged = (name: string, code: ChainErrorCode, value: (link: PlainLink) => unknown): Fault => ({
  name,
  code,
  on: 'eldest',
  make: async (chain) => {
    await chain.puk('phone');
    await chain.redo('phone', (link) => value(link) as PlainLink);
  },
});
/** A per-user key link in another spelling; `from` is what stands in the right one. */
const spelt = (name: string, from: string | RegExp, to: string, code: ChainErrorCode = 'bad-link'): Fault => ({
  name,
  code,
  on: 'eldest',
  make: async (chain) => {
    await chain.puk('phone');
    await chain.redoText('phone', (text) => {
      const changed = text.replace(from, to);
      if (changed === text) throw new Error(`${name}: nothing changed`);
      return changed;
    });
  },
});
const bytes = (name: string, change: (text: string) => string | Uint8Array): Fault => ({
  name,
  code: 'bad-link',
  on: 'eldest',
  make: async (chain) => (await chain.puk('phone')).redoText('phone', change),
});
/** What `make` makes goes to the last link, which `by` signs again; `consenting` agrees again before. */
const redone = (
  name: string,
  code: ChainErrorCode,
  on: Fault['on'],
  make: (chain: AccountMaker) => Promise<AccountMaker>,
  by: string,
  change: (link: PlainLink) => PlainLink,
  consenting?: string,
): Fault => ({ name, code, on, make: async (chain) => (await make(chain)).redo(by, change, consenting) });
const made = (
  name: string,
  code: ChainErrorCode,
  on: Fault['on'],
  make: (chain: AccountMaker) => Promise<unknown>,
  at?: number,
): Fault => ({ name, code, on, make, ...(at !== undefined && { at }) });

const without = (key: string) => (link: PlainLink) =>
  Object.fromEntries(Object.entries(link).filter(([k]) => k !== key));
const ids = (count: number) =>
  Array.from({ length: count }, (_, i) => toHex(fixedBytes(`stranger ${i}`).slice(0, 16))).sort();
const same = (chain: AccountMaker) => Promise.resolve(chain);
const addHost = (chain: AccountMaker) => chain.host('phone', 'laptop');
const addPuk = (chain: AccountMaker) => chain.puk('phone');

const form: readonly Fault[] = [
  bytes('nothing at all', () => ''),
  bytes('no JSON', (text) => text.slice(0, -1)),
  bytes('something after the JSON', (text) => `${text}x`),
  bytes('a space after a colon', (text) => text.replace('":', '": ')),
  bytes('a line feed at the end', (text) => `${text}\n`),
  bytes('a byte order mark', (text) => concat(fromHex('efbbbf'), ascii(text))),
  bytes('a byte that is no UTF-8', (text) => concat(ascii(text.slice(0, 5)), fromHex('ff'), ascii(text.slice(6)))),
  bytes('a letter beyond ASCII in UTF-8', (text) =>
    concat(ascii(text.slice(0, text.indexOf('uk"'))), fromHex('c3bc'), ascii(text.slice(text.indexOf('uk"') + 1))),
  ),
  bytes('2,000 lists in each other', () => `${'['.repeat(2000)}${']'.repeat(2000)}`),
  bytes('a list', (text) => `[${text}]`),
  bytes('null', () => 'null'),
  bytes('a number', () => '1'),
  bytes('a text', () => '"eldest"'),
  forged('4,097 bytes', 'bad-link', () => ({ type: 'x'.repeat(4097 - '{"type":"","v":1}'.length), v: 1 })),
  spelt('keys in another order', /^\{("account":"[^"]*"),("body":.*\}),"ctime"/, '{$2,$1,"ctime"'),
  spelt('a key twice', '"v":1', '"v":1,"v":1'),
  spelt('a key twice with two values', '"type":"puk"', '"type":"revoke","type":"puk"'),
  spelt('a letter as an escape', '"puk","v"', '"p\\u0075k","v"'),
  spelt('a key with an escape', '"type"', '"typ\\u0065"'),
  spelt('a slash as an escape', '"type":"puk"', '"type":"p\\/k"'),
  spelt('half a surrogate pair', '"type":"puk"', '"type":"\\ud800"'),
  spelt('a line feed as an escape', '"type":"puk"', '"type":"p\\nk"'),
  spelt('a fraction that is whole', '"v":1', '"v":1.0'),
  spelt('an exponent', '"v":1', '"v":1e0'),
  spelt('a zero in front', '"v":1', '"v":01'),
  spelt('minus zero', /"ctime":\d+/, '"ctime":-0'),
  spelt('a negative time', /"ctime":\d+/, '"ctime":-1'),
  spelt('half a millisecond', /"ctime":\d+/, '"ctime":1.5'),
  spelt('2^53', /"ctime":\d+/, '"ctime":9007199254740992'),
  spelt('2^53 + 1', /"ctime":\d+/, '"ctime":9007199254740993'),
  spelt('10^21', /"ctime":\d+/, '"ctime":1e+21'),
  spelt('an infinity', /"ctime":\d+/, '"ctime":1e999'),
  spelt('a number as text', /"ctime":(\d+)/, '"ctime":"$1"'),
  spelt('the version as text', '"v":1', '"v":"1"'),
  spelt('the version true', '"v":1', '"v":true'),
  spelt('capitals in hexadecimal', /"account":"\w{4}/, '"account":"ABCD'),
  spelt('an id that is a byte too short', /("signer":")\w\w/, '$1'),
  spelt('an id that is a digit too long', /("signer":")/, '$10'),
  spelt('an id that is a byte too long', /("signer":")/, '$100'),
];

const structure: readonly Fault[] = [
  ...['account', 'body', 'ctime', 'prev', 'seqno', 'signer', 'type', 'v'].map((key) =>
    forged(`no ${key}`, 'bad-link', without(key)),
  ),
  forged('a key too many', 'bad-link', inLink({ extra: 1 })),
  forged('a key too many in the body', 'bad-link', inBody({ extra: 1 })),
  forged('a key too many in a part', 'bad-link', inPart('puk', { extra: 1 })),
  spelt('the key __proto__', /^\{/, '{"__proto__":{},'),
  spelt('the key constructor', ',"ctime"', ',"constructor":{},"ctime"'),
  spelt('the key toString', ',"type"', ',"toString":"x","type"'),
  spelt('a version that only a prototype has', /^\{(.*),"v":1\}$/, '{"__proto__":{"v":1},$1}'),
  forged('a null body', 'bad-link', inLink({ body: null })),
  forged('a list as body', 'bad-link', inLink({ body: [] })),
  forged('the body of another type', 'bad-link', inLink({ type: 'revoke' })),
  forged('the type as a list', 'bad-link', inLink({ type: ['puk'] })),
  forged('generation 0', 'bad-link', inPart('puk', { generation: 0 })),
  ...smallOrder.map((key) =>
    forged(`an agreement key of small order: ${key}`, 'bad-link', inPart('puk', { agreementKey: key })),
  ),
  redone(
    'a host with an agreement key of small order',
    'bad-link',
    'eldest',
    addHost,
    'phone',
    inPart('device', { agreementKey: '00'.repeat(32) }),
    'laptop',
  ),
  made('a member with an agreement key of small order', 'bad-link', 'eldest', async (c) => {
    await c.member('phone', 'tablet');
    await c.redo('tablet', inPart('device', { agreementKey: '00'.repeat(32) }));
  }),
  redone('an eldest link of generation 2', 'bad-link', 'eldest', same, 'phone', inPart('puk', { generation: 2 })),
  redone('an eldest link with an account', 'bad-link', 'eldest', same, 'phone', inLink({ account: '00'.repeat(16) })),
  redone('an eldest link with a prev', 'bad-link', 'eldest', same, 'phone', inLink({ prev: '00'.repeat(32) })),
  forged('revokes nobody', 'bad-link', (link) => ({ ...link, body: { devices: [] }, type: 'revoke' })),
  forged('revokes 33', 'bad-link', (link) => ({ ...link, body: { devices: ids(33) }, type: 'revoke' })),
  forged('revokes in descending order', 'bad-link', (link) => ({
    ...link,
    body: { devices: ids(2).reverse() },
    type: 'revoke',
  })),
  forged('revokes one twice', 'bad-link', (link) => ({
    ...link,
    body: { devices: [...ids(1), ...ids(1)] },
    type: 'revoke',
  })),
  redone('no consent', 'bad-link', 'eldest', addHost, 'phone', inBody({ reverseSig: null })),
  redone('half a consent', 'bad-link', 'eldest', addHost, 'phone', inBody({ reverseSig: '00'.repeat(32) })),
  redone(
    'a sibkey with an agreement key',
    'bad-link',
    'eldest',
    (c) => c.sibkey('phone', 'tablet'),
    'phone',
    inPart('device', { agreementKey: '00'.repeat(32) }),
    'tablet',
  ),
  forged('version 2', 'unsupported-version', inLink({ v: 2 })),
  forged('version 0', 'unsupported-version', inLink({ v: 0 })),
  forged('version 2 and nothing else', 'unsupported-version', () => ({ v: 2 })),
  forged('version 2 of another type', 'unsupported-version', () => ({ type: ['?'], v: 2 })),
  spelt('version 2 in another spelling', '"v":1', '"v": 2'),
  forged('9 levels in version 2', 'bad-link', () => ({ a: [[[[[[[[1]]]]]]]], v: 2 })),
  forged('another type', 'unknown-type', inLink({ type: 'wipe' })),
  forged('another type in 4,096 bytes', 'unknown-type', () => ({
    type: 'x'.repeat(4096 - '{"type":"","v":1}'.length),
    v: 1,
  })),
  forged('a type with a capital', 'unknown-type', inLink({ type: 'Puk' })),
  forged('the type __proto__', 'unknown-type', inLink({ type: '__proto__' })),
  forged('the type toString', 'unknown-type', inLink({ type: 'toString' })),
];

const place: readonly Fault[] = [
  forged('of another account', 'wrong-account', inLink({ account: '00'.repeat(16) })),
  made('a chain that begins with another link', 'wrong-account', 'eldest', async (c) => {
    await c.puk('phone');
    c.links.shift();
  }),
  made('a second eldest link', 'wrong-account', 'eldest', (c) => c.eldest('other')),
  made('the first link again', 'wrong-account', 'eldest', (c) => Promise.resolve(c.links.push(...c.links))),
  redone('an eldest link with seqno 2', 'wrong-seqno', 'eldest', same, 'phone', inLink({ seqno: 2 })),
  forged('seqno 0', 'wrong-seqno', inLink({ seqno: 0 })),
  forged('the seqno of the link before', 'wrong-seqno', inLink({ seqno: 1 })),
  forged('a seqno left out', 'wrong-seqno', inLink({ seqno: 3 })),
  made('a link left out', 'wrong-seqno', 'all', (c) => Promise.resolve(c.links.splice(1, 1)), 2),
  made('the same link twice', 'wrong-seqno', 'eldest', async (c) => {
    await c.puk('phone');
    c.links.push(...c.links.slice(-1));
  }),
  made(
    "two links in each other's place",
    'wrong-seqno',
    'all',
    (c) => Promise.resolve(c.links.push(...c.links.splice(1, 1))),
    2,
  ),
  forged('another prev', 'wrong-prev', inLink({ prev: '00'.repeat(32) })),
  made('the prev of the link before', 'wrong-prev', 'all', async (c) => {
    const { prev } = JSON.parse(String.fromCharCode(...c.links.at(-1)!.json)) as { prev: string };
    await (await c.puk('phone')).redo('phone', inLink({ prev }));
  }),
];

const owed: readonly Fault[] = [
  made('no link', 'incomplete', 'nothing', () => Promise.resolve(), 1),
  made('ends after a sibkey', 'incomplete', 'eldest', (c) => c.sibkey('phone', 'tablet'), 3),
  made(
    'another link between sibkey and subkey',
    'incomplete',
    'eldest',
    async (c) => {
      await c.sibkey('phone', 'tablet');
      await c.puk('phone');
      await c.subkey('tablet');
    },
    3,
  ),
  made('another sibkey after a sibkey', 'incomplete', 'eldest', async (c) => {
    await c.sibkey('phone', 'tablet');
    await c.sibkey('phone', 'other');
  }),
  made('a subkey by another member', 'incomplete', 'eldest', async (c) => {
    await c.member('phone', 'tablet');
    const { id } = await c.keysOf('phone');
    await c.redo('phone', inLink({ signer: id }));
  }),
  redone(
    'a subkey with another ctime',
    'incomplete',
    'eldest',
    async (c) => {
      await c.sibkey('phone', 'tablet');
      return c.subkey('tablet');
    },
    'tablet',
    (link) => ({ ...link, ctime: Number(link.ctime) + 1 }),
  ),
  redone(
    'a subkey of another device',
    'incomplete',
    'eldest',
    async (c) => {
      await c.sibkey('phone', 'tablet');
      return c.subkey('tablet');
    },
    'tablet',
    inPart('device', { id: '00'.repeat(16) }),
  ),
  made('a link by the new member before its subkey', 'incomplete', 'eldest', async (c) => {
    await c.sibkey('phone', 'tablet');
    await c.puk('tablet');
  }),
  made('ends after a member was revoked', 'incomplete', 'all', (c) => c.revoke('phone', 'tablet'), 7),
  made('ends after the paper key was revoked', 'incomplete', 'all', (c) => c.revoke('phone', 'words'), 7),
  made(
    'ends after a host and a member were revoked',
    'incomplete',
    'all',
    (c) => c.revoke('phone', 'laptop', 'tablet'),
    7,
  ),
  made('new words before the next generation', 'incomplete', 'all', async (c) => {
    await c.revoke('phone', 'words');
    await c.paper('phone', 'new words');
  }),
  made('the next generation by another member', 'incomplete', 'all', async (c) => {
    await c.revoke('phone', 'words');
    await c.puk('tablet');
  }),
  made('the next generation by the revoked member', 'incomplete', 'all', async (c) => {
    await c.revoke('phone', 'tablet');
    await c.puk('tablet');
  }),
];

const signer: readonly Fault[] = [
  made('by a device that was never there', 'unknown-signer', 'eldest', (c) => c.puk('stranger')),
  made('by a host that adds itself', 'unknown-signer', 'eldest', (c) => c.host('laptop', 'laptop')),
  redone(
    'an eldest link by another device',
    'unknown-signer',
    'eldest',
    same,
    'tablet',
    inLink({ signer: '00'.repeat(16) }),
  ),
  made('by a revoked member', 'revoked-signer', 'all', async (c) => {
    await c.revoke('phone', 'tablet');
    await c.puk('phone');
    await c.puk('tablet');
  }),
  made('by the replaced words', 'revoked-signer', 'all', async (c) => {
    await c.revoke('phone', 'words');
    await c.puk('phone');
    await c.host('words', 'desktop');
  }),
  made('by a host that left', 'revoked-signer', 'all', async (c) => {
    await c.revoke('laptop', 'laptop');
    await c.revoke('laptop', 'laptop');
  }),
  made('a member added by a host', 'not-allowed', 'all', (c) => c.sibkey('laptop', 'other')),
  made('a host added by a host', 'not-allowed', 'all', (c) => c.host('laptop', 'desktop')),
  made('words by a host', 'not-allowed', 'all', (c) => c.paper('laptop', 'new words')),
  made('a generation by a host', 'not-allowed', 'all', (c) => c.puk('laptop')),
  made('a host revokes a member', 'not-allowed', 'all', (c) => c.revoke('laptop', 'phone')),
  made('a host revokes another host', 'not-allowed', 'all', async (c) => {
    await c.host('phone', 'desktop');
    await c.revoke('laptop', 'desktop');
  }),
  made('a host revokes itself and another', 'not-allowed', 'all', (c) => c.revoke('laptop', 'laptop', 'tablet')),
  made('a host revokes itself and one that was never there', 'not-allowed', 'all', (c) =>
    c.revoke('laptop', 'laptop', 'stranger'),
  ),
  made('a member revokes itself', 'not-allowed', 'all', (c) => c.revoke('phone', 'phone')),
  made('a member revokes itself and another', 'not-allowed', 'all', (c) => c.revoke('phone', 'laptop', 'phone')),
  made('the only member revokes itself', 'not-allowed', 'eldest', (c) => c.revoke('phone', 'phone')),
  made('the words revoke themselves', 'not-allowed', 'all', (c) => c.revoke('words', 'words')),
  made('a subkey that nothing asks for', 'not-allowed', 'eldest', (c) => c.subkey('phone')),
  made('a second subkey', 'not-allowed', 'eldest', async (c) => {
    await c.member('phone', 'tablet');
    await c.subkey('tablet');
  }),
];

const flip = (signature: Uint8Array, at: number) => signature.with(at, (signature[at] ?? 0) ^ 1);
const signatures: readonly Fault[] = [
  ...[0, 31, 32, 62].map((at) =>
    made(`another bit in byte ${at} of a signature`, 'bad-signature', 'eldest', async (c) =>
      (await c.puk('phone')).redoSignature((signature) => flip(signature, at)),
    ),
  ),
  made('the eldest link with another signature', 'bad-signature', 'eldest', (c) =>
    Promise.resolve(c.redoSignature((signature) => flip(signature, 40))),
  ),
  made('zeros as signature', 'bad-signature', 'eldest', async (c) =>
    (await c.puk('phone')).redoSignature(() => new Uint8Array(64)),
  ),
  made('S plus the order of the group', 'bad-signature', 'eldest', async (c) =>
    (await c.puk('phone')).redoSignature((signature) => {
      const s = BigInt(`0x${toHex(signature.slice(32).reverse())}`) + L;
      return concat(signature.slice(0, 32), fromHex(s.toString(16).padStart(64, '0')).reverse());
    }),
  ),
  made('signed by another member', 'bad-signature', 'all', async (c) =>
    (await c.puk('phone')).redo('tablet', (link) => link),
  ),
  made('a subkey signed by whoever made the sibkey', 'bad-signature', 'eldest', async (c) =>
    (await c.member('phone', 'tablet')).redo('phone', (link) => link),
  ),
  made('signed for another context', 'bad-signature', 'eldest', async (c) => {
    const { json } = (await c.puk('phone')).links.at(-1)!;
    const { signer } = await fixedDevice('phone');
    const signature = await signer.sign(signedBytes('account-device', json));
    c.redoSignature(() => signature);
  }),
  made('signed without a context', 'bad-signature', 'eldest', async (c) => {
    const { json } = (await c.puk('phone')).links.at(-1)!;
    const { signer } = await fixedDevice('phone');
    const signature = await signer.sign(json);
    c.redoSignature(() => signature);
  }),
  made('the signature of the link before', 'bad-signature', 'eldest', async (c) =>
    (await c.puk('phone')).redoSignature(() => c.links[0]!.signature),
  ),
];

const wrongId = { id: '0123456789abcdef0123456789abcdef' };
const keys: readonly Fault[] = [
  redone('an eldest device with another id', 'wrong-device-id', 'eldest', same, 'phone', (link) =>
    inLink({ signer: wrongId.id })(inPart('device', wrongId)(link)),
  ),
  redone(
    'words with another id',
    'wrong-device-id',
    'eldest',
    (c) => c.paper('phone', 'words'),
    'phone',
    inPart('device', wrongId),
    'words',
  ),
  redone('a host with another id', 'wrong-device-id', 'eldest', addHost, 'phone', inPart('device', wrongId), 'laptop'),
  made('a member whose agreement key was exchanged', 'wrong-device-id', 'eldest', async (c) => {
    const { agreementKey } = await c.keysOf('other');
    await c.member('phone', 'tablet');
    await c.redo('tablet', inPart('device', { agreementKey }));
  }),
  made('a member with the id of nobody', 'wrong-device-id', 'eldest', async (c) => {
    await c.sibkey('phone', 'tablet');
    await c.redo('phone', inPart('device', wrongId), 'tablet');
    await c.subkey('tablet');
    await c.redo('tablet', (link) => inLink({ signer: wrongId.id })(inPart('device', wrongId)(link)));
  }),
  made('a revoked host comes back', 'reused-key', 'all', async (c) => {
    await c.revoke('phone', 'laptop');
    await c.host('phone', 'laptop');
  }),
  made('a host that is there', 'reused-key', 'all', (c) => c.host('phone', 'laptop')),
  made('a member that is there', 'reused-key', 'all', (c) => c.sibkey('phone', 'tablet')),
  made('a host becomes a member', 'reused-key', 'all', (c) => c.sibkey('phone', 'laptop')),
  made('the replaced words come back', 'reused-key', 'all', async (c) => {
    await c.revoke('phone', 'words');
    await c.puk('phone');
    await c.paper('phone', 'words');
  }),
  made('a member with the id of another', 'reused-key', 'all', async (c) => {
    const { id } = await c.keysOf('laptop');
    await c.sibkey('phone', 'other');
    await c.redo('phone', inPart('device', { id }), 'other');
  }),
  made("a subkey with another device's agreement key", 'reused-key', 'eldest', async (c) => {
    // Its id agrees with both its keys: the device itself is in on it.
    await c.host('phone', 'other signing/shared agreement');
    await c.member('phone', 'tablet signing/shared agreement');
  }),
  made("a host with a member's signing key", 'reused-key', 'eldest', (c) =>
    c.host('phone', 'phone signing/other agreement'),
  ),
  made("a host with a member's agreement key", 'reused-key', 'eldest', (c) =>
    c.host('phone', 'other signing/phone agreement'),
  ),
  made('a signing key that is an agreement key too', 'reused-key', 'eldest', (c) => c.host('phone', 'other signing/=')),
  made("an agreement key that is the per-user key's", 'reused-key', 'eldest', (c) =>
    c.host('phone', 'other signing/puk 1 agreement'),
  ),
  made("a signing key that is the per-user key's", 'reused-key', 'eldest', (c) =>
    c.host('phone', 'puk 1 signing/other agreement'),
  ),
  made('the per-user key of the generation before', 'reused-key', 'eldest', async (c) => {
    const { signingKey, agreementKey } = await c.keysOf('puk 1');
    await (await c.puk('phone')).redo('phone', inPart('puk', { signingKey, agreementKey }));
  }),
  made("a per-user key that is a device's", 'reused-key', 'eldest', async (c) => {
    const { signingKey } = await c.keysOf('phone');
    await (await c.puk('phone')).redo('phone', inPart('puk', { signingKey }));
  }),
  made('a per-user key with one key for both uses', 'reused-key', 'eldest', async (c) => {
    const { signingKey } = await c.keysOf('puk 2');
    await (await c.puk('phone')).redo('phone', inPart('puk', { agreementKey: signingKey }));
  }),
  made('an eldest device that is its own per-user key', 'reused-key', 'eldest', async (c) => {
    const { signingKey } = await c.keysOf('phone');
    await c.redo('phone', inPart('puk', { signingKey }));
  }),
];

/** The consent of `laptop` over something else than the link. */
const consentOver = (
  name: string,
  what: (link: PlainLink) => unknown,
  context: 'account-device' | 'account-link' = 'account-device',
) =>
  made(name, 'bad-reverse-signature', 'eldest', async (c) => {
    await c.host('phone', 'laptop');
    const { signer } = await fixedDevice('laptop');
    await c.redo('phone', (link) => link);
    const link = JSON.parse(String.fromCharCode(...c.links.at(-1)!.json)) as PlainLink;
    const text = JSON.stringify(sorted(what(link)));
    const reverseSig = await signer.sign(signedBytes(context, ascii(text)));
    await c.redo('phone', inBody({ reverseSig }));
  });
const sorted = (value: unknown): unknown =>
  typeof value !== 'object' || value === null || Array.isArray(value)
    ? value
    : Object.fromEntries(
        Object.entries(value)
          .sort(([a], [b]) => (a < b ? -1 : 1))
          .map(([key, each]) => [key, sorted(each)]),
      );
const asked = inBody({ reverseSig: null });
const consents: readonly Fault[] = [
  redone(
    'zeros as consent',
    'bad-reverse-signature',
    'eldest',
    addHost,
    'phone',
    inBody({ reverseSig: '00'.repeat(64) }),
  ),
  redone('the consent of whoever adds', 'bad-reverse-signature', 'eldest', addHost, 'phone', (link) => link, 'phone'),
  redone(
    'a member with the consent of another',
    'bad-reverse-signature',
    'eldest',
    (c) => c.sibkey('phone', 'tablet'),
    'phone',
    (link) => link,
    'other',
  ),
  redone(
    'words with the consent of another',
    'bad-reverse-signature',
    'eldest',
    (c) => c.paper('phone', 'words'),
    'phone',
    (link) => link,
    'other',
  ),
  consentOver('consent to a link without reverseSig', (link) =>
    without('reverseSig')(link.body as unknown as PlainLink),
  ),
  consentOver('consent to an empty reverseSig', inBody({ reverseSig: '' })),
  consentOver('consent to another time', (link) => inLink({ ctime: 0 })(asked(link))),
  consentOver('consent to another place', (link) => inLink({ seqno: 3 })(asked(link))),
  consentOver('consent to another history', (link) => inLink({ prev: '00'.repeat(32) })(asked(link))),
  consentOver('consent to another account', (link) => inLink({ account: '00'.repeat(16) })(asked(link))),
  consentOver('consent to another signer', (link) => inLink({ signer: '00'.repeat(16) })(asked(link))),
  consentOver('consent to be a member', (link) => inLink({ type: 'sibkey' })(asked(link))),
  consentOver('consent to other facts', (link) => inPart('device', { facts: '00'.repeat(32) })(asked(link))),
  consentOver('consent to the device alone', (link) => link.body.device),
  consentOver('consent in the context of links', asked, 'account-link'),
];

const limits: readonly Fault[] = [
  made('a second paper key', 'paper-exists', 'all', (c) => c.paper('phone', 'new words')),
  made('a 33rd member', 'too-many-devices', 'eldest', async (c) => {
    for (let i = 2; i <= 32; i++) await c.member('phone', `member ${i}`);
    await c.sibkey('phone', 'member 33');
  }),
  made('words as the 33rd member', 'too-many-devices', 'eldest', async (c) => {
    for (let i = 2; i <= 32; i++) await c.member('phone', `member ${i}`);
    await c.paper('phone', 'words');
  }),
  made('revokes one that was never there', 'no-such-device', 'all', (c) => c.revoke('phone', 'stranger')),
  made('revokes one that was never there beside one that is', 'no-such-device', 'all', (c) =>
    c.revoke('phone', 'laptop', 'stranger'),
  ),
  made('revokes a host twice', 'no-such-device', 'all', async (c) => {
    await c.revoke('phone', 'laptop');
    await c.revoke('phone', 'laptop');
  }),
  made('revokes a member twice', 'no-such-device', 'all', async (c) => {
    await c.revoke('phone', 'tablet');
    await c.puk('phone');
    await c.revoke('phone', 'tablet');
  }),
  redone('a generation left out', 'wrong-generation', 'eldest', addPuk, 'phone', inPart('puk', { generation: 3 })),
  redone('the same generation again', 'wrong-generation', 'eldest', addPuk, 'phone', inPart('puk', { generation: 1 })),
  redone(
    'the largest generation',
    'wrong-generation',
    'eldest',
    addPuk,
    'phone',
    inPart('puk', { generation: Number.MAX_SAFE_INTEGER }),
  ),
];

/** Two faults: the first by seqno, and within a link the first in the page's order, is the one that is told. */
const order: readonly Fault[] = [
  made(
    'a bad signature, and later no link',
    'bad-signature',
    'eldest',
    async (c) => {
      (await c.puk('phone')).redoSignature((signature) => flip(signature, 0));
      await c.puk('phone');
      await c.redoText('phone', () => 'x');
    },
    2,
  ),
  made(
    'no consent, and later a bad signature',
    'bad-reverse-signature',
    'eldest',
    async (c) => {
      await (await c.host('phone', 'laptop')).redo('phone', inBody({ reverseSig: '00'.repeat(64) }));
      (await c.puk('phone')).redoSignature((signature) => flip(signature, 0));
    },
    2,
  ),
  made('a bad signature and another generation', 'bad-signature', 'eldest', async (c) => {
    await (await c.puk('phone')).redo('phone', inPart('puk', { generation: 7 }));
    c.redoSignature((signature) => flip(signature, 0));
  }),
  made('another seqno and a bad signature', 'wrong-seqno', 'eldest', async (c) => {
    await (await c.puk('phone')).redo('stranger', inLink({ seqno: 7 }));
  }),
  made('another account, seqno and prev', 'wrong-account', 'eldest', async (c) => {
    await (await c.puk('phone')).redo('phone', inLink({ account: '00'.repeat(16), seqno: 7, prev: '00'.repeat(32) }));
  }),
  made('a stranger with another prev', 'wrong-prev', 'eldest', async (c) => {
    await (await c.puk('stranger')).redo('stranger', inLink({ prev: '00'.repeat(32) }));
  }),
  made('a sibkey, and a stranger', 'incomplete', 'eldest', async (c) => {
    await c.sibkey('phone', 'tablet');
    await c.puk('stranger');
  }),
  made('another type by a stranger', 'unknown-type', 'eldest', async (c) => {
    await (await c.puk('stranger')).redo('stranger', inLink({ type: 'wipe' }));
  }),
  made('a second paper key without consent', 'bad-reverse-signature', 'all', async (c) => {
    await (await c.paper('phone', 'new words')).redo('phone', inBody({ reverseSig: '00'.repeat(64) }));
  }),
  made('a key that was there, of a device with another id', 'wrong-device-id', 'all', async (c) => {
    await (await c.host('phone', 'laptop')).redo('phone', inPart('device', wrongId), 'laptop');
  }),
  made('a key that was there, without consent', 'reused-key', 'all', async (c) => {
    await (await c.host('phone', 'laptop')).redo('phone', inBody({ reverseSig: '00'.repeat(64) }));
  }),
  made('a sibkey with a bad signature, at the end', 'bad-signature', 'eldest', async (c) => {
    (await c.sibkey('phone', 'tablet')).redoSignature((signature) => flip(signature, 0));
  }),
];

/** All of them. */
export const faults: readonly Fault[] = [
  ...form,
  ...structure,
  ...place,
  ...owed,
  ...signer,
  ...signatures,
  ...keys,
  ...consents,
  ...limits,
  ...order,
];
