/** Canonical MessagePack, and what only a key can have made: signatures, boxes, sealed boxes, locked key files. */
import {
  encodePassphraseStream,
  lockKeyFile,
  openKeyFile,
  parsePassphraseStream,
  PassphraseError,
} from '@palmkey/core/account';
import {
  boxKey,
  decodeCanonical,
  encodeCanonical,
  FormatError,
  openAnonymous,
  openBox,
  OpenError,
  sealAnonymous,
  sealBox,
  sign,
  verifySignature,
} from '@palmkey/core/crypto';
import { concat, parseSignature, parseSigningPublicKey, PalmkeyError } from '@palmkey/envelope';
import * as v from 'valibot';
import { nodePrimitives } from '../../../packages/host/src/keys/node-primitives.ts';
import { fixedAgreement, fixedBytes, fixedDevice, fixedPrimitives } from '../keys.ts';
import { type Target, utf8 } from '../target.ts';

const MAX_CANONICAL_BYTES = 64 * 1024;

const values: readonly unknown[] = [
  null,
  true,
  [0, 127, 128, 255, 256, 65_535, 65_536, 0xffff_ffff, 2 ** 32, Number.MAX_SAFE_INTEGER],
  [-1, -32, -33, -128, -129, -32_768, -32_769, -(2 ** 31), -(2 ** 31) - 1, Number.MIN_SAFE_INTEGER],
  ['', 'a', 'ä'.repeat(20), 'x'.repeat(300), '🔑'],
  [new Uint8Array(0), new Uint8Array(16).fill(7), new Uint8Array(300)],
  { a: 1, b: { c: [], d: {} }, 'long key with spaces and more than 31 characters': null },
  [[[[[[['seven deep']]]]]]],
  new Array(20).fill(0),
];

/** Public key (32) ‖ signature (64) ‖ message. */
async function signed(device: ReturnType<typeof fixedDevice>, message: Uint8Array): Promise<Uint8Array> {
  return concat(device.signer.publicKey, await sign(device.signer, 'message', message), message);
}

export async function cryptoTargets(): Promise<readonly Target[]> {
  const [alice, bob] = [fixedDevice('alice'), fixedDevice('bob')];
  const key = boxKey(await alice.agreement.sharedSecret(bob.agreement.publicKey));
  const plaintexts = [utf8(''), utf8('a'), fixedBytes('plaintext'), new Uint8Array(100)];
  const recipient = fixedAgreement('recipient');
  const sealing = fixedPrimitives('sealing');
  const stream = { generation: 7, salt: sealing.randomBytes(16), bytes: sealing.randomBytes(128) };
  return [
    {
      name: 'messagepack',
      kind: 'codec',
      seeds: values.map(encodeCanonical),
      refusals: [FormatError],
      parse: (bytes) => encodeCanonical(decodeCanonical(bytes, v.unknown(), MAX_CANONICAL_BYTES)),
    },
    {
      name: 'signature',
      kind: 'authenticated',
      share: 0.5,
      seeds: [await signed(alice, utf8('')), await signed(alice, fixedBytes('m')), await signed(bob, fixedBytes('m'))],
      refusals: [PalmkeyError],
      parse: async (bytes) => {
        const publicKey = parseSigningPublicKey(bytes.slice(0, 32));
        const signature = parseSignature(bytes.slice(32, 96));
        const holds = await verifySignature(nodePrimitives, publicKey, 'message', bytes.slice(96), signature);
        return holds ? bytes : null;
      },
    },
    {
      name: 'box',
      kind: 'authenticated',
      seeds: plaintexts.map((plaintext, i) => sealBox(key, fixedBytes(`nonce ${i}`).slice(0, 24), plaintext)),
      refusals: [OpenError],
      parse: (bytes) => openBox(key, bytes),
    },
    {
      name: 'sealed-box',
      kind: 'authenticated',
      share: 0.5,
      seeds: await Promise.all(plaintexts.map((plaintext) => sealAnonymous(sealing, recipient.publicKey, plaintext))),
      refusals: [OpenError],
      parse: (bytes) => openAnonymous(recipient, bytes),
    },
    {
      name: 'passphrase-stream',
      kind: 'codec',
      seeds: [encodePassphraseStream(stream)],
      refusals: [PassphraseError],
      parse: (bytes) => encodePassphraseStream(parsePassphraseStream(bytes)),
    },
    {
      name: 'locked-key-file',
      kind: 'authenticated',
      seeds: plaintexts.map((plaintext) => lockKeyFile(sealing, stream, plaintext)),
      refusals: [PassphraseError],
      parse: (bytes) => openKeyFile(stream, bytes),
    },
  ];
}
