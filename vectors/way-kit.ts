/** X, Y and what they say to each other in `way.json`: the very bytes that the tests of the way make. */
import { consent, encodeLinks, linkJson, placeFollowing, sibkeySkeleton, signLink } from '@palmkey/chain';
import { encodeDeviceFacts, factsHash, sealPerUserBox } from '@palmkey/core/account';
import { sha256 } from '@palmkey/core/crypto';
import { publicDevice } from '@palmkey/core/devices';
import type { RpcFrame, SessionId } from '@palmkey/core/provisioning';
import { parseFactsHash } from '../packages/chain/src/link.ts';
import { codeCommitment } from '../packages/core/src/provisioning/joining-code.ts';
import { sealPassphraseStream } from '../packages/core/src/provisioning/passphrase-box.ts';
import { hashNames } from '../packages/core/src/provisioning/taken-names.ts';
import { METHODS } from '../packages/core/src/provisioning/wire.ts';
import { fixedAccount } from '../packages/core/src/testing/fixed-account.ts';
import { fixedBytes, fixedDevice, fixedPrimitives, fixedRandom } from '../packages/core/src/testing/fixed-keys.ts';

/** The session id, that of the tests of the way. */
export const session = fixedBytes('way session') as Uint8Array as SessionId;
/** What X draws its nonces and Y its ephemeral keys from. */
export const primitives = fixedPrimitives('way');
/** The account that Y joins, and its only member. */
export const account = await fixedAccount('home', 2);
/** The member that lets Y in. */
export const x = account.owner;
/** The new device. */
export const y = await fixedDevice('new phone');
/** A device that has nothing to do with it. */
export const stranger = await fixedDevice('stranger');
const latest = account.perUserKeys.at(-1);
/** The last link before Y's. */
export const last = account.links.at(-1)!;
if (latest === undefined) throw new Error('an account without links');

/** Where Y's link goes, and by whom. */
export const place = placeFollowing(sha256, last);
/** X, at the time of the tests' clock. */
export const author = { ctime: 1_800_000_000_000, signer: x.id };
/** The first randomness that Y asks for in the tests of the way, which make these very frames. */
const salt = fixedPrimitives('y primitives').randomBytes(32);
/** What Y is called. */
export const salted = { facts: { kind: 'phone', name: 'New phone' }, salt } as const;
const device = { facts: parseFactsHash(factsHash(salted)), id: y.id, signingKey: y.signer.publicKey };
/** Y's link, with its consent. */
export const link = await consent(y.signer, place, author, { type: 'sibkey', device });
const self = publicDevice(y.signer.publicKey, y.agreement.publicKey);
const box = await sealPerUserBox(primitives, x, self, latest);
/** X's passphrase stream. */
export const stream = { generation: 3, salt: fixedBytes('salt').slice(0, 16), bytes: fixedRandom('passphrase')(128) };
/** {@link stream}, boxed to Y (220). */
export const sealed = await sealPassphraseStream(primitives, y.agreement.publicKey, stream);

/** The names that are taken. */
export const names = ['Phone', 'Old tablet'];
/** The first randomness that X asks for in the tests of the way: its share of the code (32). */
export const nonce = fixedRandom('x')(32);
/** What X offers. */
export const hello = {
  codeCommitment: codeCommitment(session, nonce),
  deviceNames: hashNames(session, names),
  newSession: fixedBytes('grant'),
  sibkeySigBody: sibkeySkeleton(place, author),
  uid: place.account,
};
/** What Y answers. */
export const answer = {
  deviceFacts: encodeDeviceFacts(salted.facts),
  deviceSalt: salted.salt,
  dhPublicKey: y.agreement.publicKey,
  sibkeySigBodySigned: linkJson(link),
};
/** The per-user key for Y, as the last message has it. */
export const pukBox = { box: box.boxed, generation: box.generation, receiver: box.receiver, sender: box.sender };
/** What X gives after its yes. */
export const countersigned = {
  ppsEncrypted: sealed,
  pukBox,
  sibkeySigBodyCounterSigned: encodeLinks([await signLink(x.signer, link)]),
};

/** What stands in which frame: an argument of a method, or its result. */
export type Place = keyof typeof frames;
/** The frame of what stands in it. */
export const frames = {
  start: (arg: unknown): RpcFrame => ({ is: 'notify', method: METHODS.start, arg }),
  failed: (arg: unknown): RpcFrame => ({ is: 'notify', method: 'palmkey.kex.failed', arg }),
  hello: (arg: unknown): RpcFrame => ({ is: 'call', seqid: 0, method: METHODS.hello, arg }),
  code: (arg: unknown): RpcFrame => ({ is: 'notify', method: METHODS.code, arg }),
  helloAnswer: (result: unknown): RpcFrame => ({ is: 'answer', seqid: 0, failure: null, result }),
  countersigned: (arg: unknown): RpcFrame => ({ is: 'call', seqid: 1, method: METHODS.countersigned, arg }),
  joined: (result: unknown): RpcFrame => ({ is: 'answer', seqid: 1, failure: null, result }),
};
