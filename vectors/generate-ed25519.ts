/** Vectors for spec/devices.md, "Signatures that everybody judges alike": `ed25519.json`. */
import { signedBytes } from '@palmkey/envelope';
import { createHash } from 'node:crypto';
import { fixedBytes, fixedSigner } from '../packages/core/src/testing/fixed-keys.ts';
import { writePage } from './page.ts';

const P = 2n ** 255n - 19n;
const L = 2n ** 252n + 27742317777372353535851937790883648493n;
const SIGN = 2n ** 255n;
const Y_OF_ORDER_8 = 0x7a03ac9277fdc74ec6cc392cfa53202a0f67100d760b3cba4fd84d3d706a17c7n;

const littleEndian = (value: bigint) =>
  Uint8Array.from({ length: 32 }, (_, i) => Number((value >> BigInt(8 * i)) & 255n));
const toNumber = (bytes: Uint8Array) => bytes.reduceRight((value, byte) => (value << 8n) | BigInt(byte), 0n);
const join = (r: Uint8Array, s: Uint8Array) => Uint8Array.of(...r, ...s);

const seed = fixedBytes('ed25519');
const signer = await fixedSigner(seed);
const key = signer.publicKey;
const message = signedBytes('message', new TextEncoder().encode('a message'));
const signature = await signer.sign(message);
const r = signature.slice(0, 32);
const s = signature.slice(32);
/** The secret scalar a of RFC 8032 §5.1.5: (R, S) = (A, a) holds under the key of order 1, whatever the message. */
const hash = new Uint8Array(createHash('sha512').update(seed).digest().subarray(0, 32));
const scalar = toNumber(hash.with(0, (hash[0] ?? 0) & 248).with(31, ((hash[31] ?? 0) & 63) | 64)) % L;

const smallOrder: readonly [string, bigint][] = [
  ['order 1', 1n],
  ['order 1, x = 0 with the sign bit', 1n + SIGN],
  ['order 2', P - 1n],
  ['order 2, x = 0 with the sign bit', P - 1n + SIGN],
  ['order 4', 0n],
  ['order 4, the other', SIGN],
  ['order 8, 1st', Y_OF_ORDER_8],
  ['order 8, 2nd', Y_OF_ORDER_8 + SIGN],
  ['order 8, 3rd', P - Y_OF_ORDER_8],
  ['order 8, 4th', P - Y_OF_ORDER_8 + SIGN],
];
const notCanonical: readonly [string, bigint][] = [
  ['y = p', P],
  ['y = p + 1', P + 1n],
  ['y = p + 1 with the sign bit', P + 1n + SIGN],
  ['y = p + 18', P + 18n],
];
const points = [...smallOrder, ...notCanonical];

writePage('ed25519', {
  seed,
  valid: [{ name: 'a signature', publicKey: key, message, signature }],
  invalid: [
    { name: 'another message', publicKey: key, message: message.subarray(1), signature },
    { name: 'another context', publicKey: key, message: signedBytes('relay-connect', message), signature },
    { name: 'another key', publicKey: (await fixedSigner(fixedBytes('another'))).publicKey, message, signature },
    { name: 'another S', publicKey: key, message, signature: join(r, littleEndian((toNumber(s) + 1n) % L)) },
    { name: 'S + L', publicKey: key, message, signature: join(r, littleEndian(toNumber(s) + L)) },
    { name: 'S = L', publicKey: key, message, signature: join(r, littleEndian(L)) },
    { name: 'S of all ones', publicKey: key, message, signature: join(r, new Uint8Array(32).fill(255)) },
    { name: 'a signature of 63 bytes', publicKey: key, message, signature: signature.subarray(0, 63) },
    { name: 'a signature of 65 bytes', publicKey: key, message, signature: Uint8Array.of(...signature, 0) },
    { name: 'a key of 31 bytes', publicKey: key.subarray(0, 31), message, signature },
    {
      name: 'a signature that holds for every message under the key of order 1',
      publicKey: littleEndian(1n),
      message,
      signature: join(key, littleEndian(scalar)),
    },
    ...points.map(([name, y]) => ({ name: `a key: ${name}`, publicKey: littleEndian(y), message, signature })),
    ...points.map(([name, y]) => ({
      name: `an R: ${name}`,
      publicKey: key,
      message,
      signature: join(littleEndian(y), s),
    })),
  ],
});
