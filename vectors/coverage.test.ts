/** Of everything that account and provisioning have on the wire there is something right and something wrong in the vectors. */
import { fromHex } from '@palmkey/envelope';
import { readFileSync } from 'node:fs';
import { FrameReader, parseJoinLink, parseTyped, type ProvisioningError } from '@palmkey/core/provisioning';
import { describe, expect, it } from 'vitest';
import { chainErrorCodes } from '../packages/chain/src/errors.ts';
import { linkTypes } from '../packages/chain/src/link-schema.ts';
import { METHODS } from '../packages/core/src/provisioning/wire.ts';
import { readPage } from './page.ts';

interface Chains {
  pins: { code?: string }[];
  valid: { links: { json: string }[] }[];
  invalid: { seqno: number; code: string; links: { json: string }[] }[];
}
interface Provisioning {
  suites: { suite: string; cost: number; account: string | null }[];
  typed: { text: string; suite: string }[];
  invalidTyped: { text: string; code: string }[];
  kex3: { how: string }[];
  invalidShares: { from: string }[];
  wrongShares: { code: string }[];
  packets: { valid: unknown[]; invalid: { name: string; code: string; packet: string }[] };
  frames: { frame: { is: string } }[];
  invalidFrames: { name: string; bytes: string }[];
  links: { payload: string }[];
  invalidLinks: { name: string; payload: string }[];
}
interface Way {
  messages: { place: string; frame: string }[];
  invalidMessages: { place: string; frame: string }[];
  joinings: { invalid: { code: string }[] };
}
interface Members {
  generations: { generation: number }[];
  invalidImports: { code: string }[];
}
interface Frames {
  bodies: object;
  invalidBodies: { of: string }[];
}
const frame = readPage('frame') as Frames;
const chains = readPage('account') as Chains;
const provisioning = readPage('provisioning') as Provisioning;
const way = readPage('way') as Way;
const members = readPage('members') as Members;

/** Where each fault of provisioning is produced: in these vectors, or where it takes two sides or time, by a test. */
const faults = {
  'bad-packet': 'vectors',
  'packet-unopenable': 'vectors',
  'packet-mismatch': 'vectors',
  'wrong-session': 'vectors',
  'own-packet': 'vectors',
  'wrong-peer': 'vectors',
  'wrong-packet-seqno': 'vectors',
  'wrong-secret': 'vectors',
  'timed-out': 'connection-faults.test.ts',
  closed: 'connection-faults.test.ts',
  aborted: 'connection-faults.test.ts',
  cancelled: 'connection.test.ts',
  unreachable: 'connection-faults.test.ts',
  flooded: 'connection.test.ts',
  'secret-used': 'kex3.test.ts',
  'account-needed': 'vectors.test.ts',
  'bad-frame': 'rpc.test.ts',
  'wrong-seqid': 'rpc.test.ts',
  'too-many-calls': 'rpc.test.ts',
  'peer-left': 'rpc.test.ts',
  'bad-message': 'vectors',
  'other-account': 'vectors',
  'bad-chain': 'vectors',
  'wrong-place': 'vectors',
  'not-a-member': 'vectors',
  'bad-reverse-signature': 'vectors',
  'wrong-device-id': 'vectors',
  'reused-key': 'vectors',
  'wrong-facts': 'vectors',
  'bad-account-name': 'vectors',
  'name-taken': 'vectors',
  'bad-countersignature': 'vectors',
  'wrong-per-user-key': 'vectors',
  'wrong-passphrase-stream': 'vectors',
  'bad-order': 'hostile-way.test.ts',
  'no-chain': 'hostile-way.test.ts',
  'too-many-devices': 'hostile-way.test.ts',
  'wrong-commitment': 'vectors',
  refused: 'hostile-way.test.ts',
  'not-saved': 'way.test.ts',
  'not-posted': 'way.test.ts',
  conflict: 'way.test.ts',
  'peer-failed': 'hostile-way.test.ts',
} as const satisfies Record<ProvisioningError['code'], string>;
const testOf = (name: string) =>
  readFileSync(new URL(`../packages/core/src/provisioning/${name}`, import.meta.url), 'utf8');

const kinds = <T>(values: readonly T[]) => new Set(values);
/** The type that a link's JSON says, as far as it is such JSON. */
function typeOf(json: string | undefined): unknown {
  try {
    const value: unknown = JSON.parse(json ?? '');
    return typeof value === 'object' && value !== null && 'type' in value ? value.type : null;
  } catch {
    return null;
  }
}

describe('the vectors', () => {
  it('have each type of link in a chain that holds, and as the link that is refused', () => {
    const right = kinds(chains.valid.flatMap(({ links }) => links.map(({ json }) => typeOf(json))));
    const wrong = kinds(chains.invalid.map(({ links, seqno }) => typeOf(links[seqno - 1]?.json)));
    for (const type of linkTypes) expect([type, right.has(type), wrong.has(type)]).toEqual([type, true, true]);
  });

  it('have each error of replay, as far as a chain of that length can stand in a file', () => {
    const told = [...chains.invalid, ...chains.pins].flatMap(({ code }) => code ?? []);
    // A chain of 10,000 links is made by verify-chain.test.ts.
    expect([...kinds(told)].sort()).toEqual(chainErrorCodes.filter((code) => code !== 'too-long').sort());
  });

  it('have each body of an order about chains, right and wrong', () => {
    const wrong = kinds(frame.invalidBodies.map(({ of }) => of));
    const bodies = [...Object.keys(frame.bodies).filter((of) => /^(chain|account)/.test(of)), 'refusal'];
    expect(bodies.length).toBeGreaterThan(10);
    expect([...wrong].sort()).toEqual(bodies.sort());
  });

  it('have, or their tests make, each thing that can go wrong while a device joins', () => {
    const codes = [...provisioning.packets.invalid, ...way.joinings.invalid, ...provisioning.wrongShares];
    const told = kinds(codes.map(({ code }) => code));
    for (const [code, where] of Object.entries(faults)) {
      if (where === 'vectors') expect([code, told.has(code)]).toEqual([code, true]);
      else expect([code, testOf(where).includes(`'${code}`)]).toEqual([code, true]);
    }
    for (const code of told) expect(faults[code as keyof typeof faults]).toBe('vectors');
  });

  it('have packets that are taken, and each error of one that is not', () => {
    const codes = ['bad-packet', 'packet-unopenable', 'packet-mismatch', 'wrong-session', 'own-packet', 'wrong-peer'];
    const refused = kinds(provisioning.packets.invalid.map(({ code }) => code));
    expect([...refused].sort()).toEqual([...codes, 'wrong-packet-seqno'].sort());
    expect(provisioning.packets.valid.length).toBeGreaterThan(2);
  });

  it('have each kind of frame of RPC, right and wrong', () => {
    const right = kinds(provisioning.frames.map(({ frame }) => frame.is));
    expect([...right].sort()).toEqual(['answer', 'call', 'cancel', 'notify']);
    // The kind stands behind the length and the array's first byte.
    const wrong = kinds(provisioning.invalidFrames.map(({ bytes }) => fromHex(bytes)[2]));
    for (const kind of [0, 1, 2, 3, 4]) expect([kind, wrong.has(kind)]).toEqual([kind, true]);
  });

  it('have what each method says and is answered, right and wrong', () => {
    const places = ['start', 'failed', 'hello', 'helloAnswer', 'code', 'countersigned', 'joined'];
    expect([...kinds(way.messages.map(({ place }) => place))].sort()).toEqual([...places].sort());
    expect([...kinds(way.invalidMessages.map(({ place }) => place))].sort()).toEqual([...places].sort());
    const frames = way.messages.flatMap(({ frame }) => new FrameReader().push(fromHex(frame)));
    const methods = kinds(frames.flatMap((frame) => (frame.is === 'answer' ? [] : [frame.method])));
    for (const method of Object.values(METHODS)) expect([method, methods.has(method)]).toEqual([method, true]);
  });

  it('have each suite stretched or confirmed, typed, and in a QR code, right and wrong', () => {
    const stretched = kinds(provisioning.suites.map(({ suite, cost }) => `${suite} ${cost}`));
    expect([...stretched].sort()).toEqual(['kex2-v1 1024', 'kex2-v1 131072', 'kex2-v2 1024']);
    expect([...kinds(provisioning.kex3.map(({ how }) => how))].sort()).toEqual(['code', 'words']);
    expect([...kinds(provisioning.invalidShares.map(({ from }) => from))].sort()).toEqual(['x', 'y']);
    const suites = ['kex2-v1', 'kex2-v2', 'kex3'];
    expect([...kinds(provisioning.typed.map(({ text }) => parseTyped(text).suite))].sort()).toEqual(suites);
    const codes = kinds(provisioning.invalidTyped.map(({ code }) => code));
    expect([...codes].sort()).toEqual(['unknown-word', 'wrong-word-count']);
    const shown = provisioning.links.map(({ payload }) => parseJoinLink(fromHex(payload)).secret.suite);
    expect([...kinds(shown)].sort()).toEqual(suites);
    const badLinks = kinds(provisioning.invalidLinks.map(({ payload }) => fromHex(payload)[1]));
    for (const suite of [1, 2, 3]) expect([suite, badLinks.has(suite)]).toEqual([suite, true]);
  });

  it('have more than one generation of the per-user key, and each way in which an import is refused', () => {
    expect(members.generations.map(({ generation }) => generation)).toEqual([1, 2, 3]);
    const codes = ['wrong-generation', 'wrong-receiver', 'wrong-sender', 'unopenable', 'wrong-key', 'missing-seed'];
    const refused = kinds(members.invalidImports.map(({ code }) => code));
    expect([...refused].sort()).toEqual([...codes, 'bad-format'].sort());
  });
});
