import { beforeAll, expect, test } from 'vitest';
import { isUsableAgreementKey } from './agreement-key.ts';

const P = 2n ** 255n - 19n;
const HIGHEST = 2n ** 255n;
const order8 = [
  325606250916557431795983626356110631294008115727848805560023387167927233504n,
  39382357235489614581723060781553021112529911719440698176882885853963445705823n,
];
let pair: CryptoKeyPair;

beforeAll(async () => {
  pair = await crypto.subtle.generateKey('X25519', false, ['deriveBits']);
});

function encode(value: bigint): Uint8Array<ArrayBuffer> {
  return Uint8Array.from({ length: 32 }, (_, i) => Number((value >> BigInt(8 * i)) & 255n));
}
/** Whether the platform agrees with it on anything but zeros. */
async function agrees(key: Uint8Array<ArrayBuffer>): Promise<boolean> {
  const peer = await crypto.subtle.importKey('raw', key, 'X25519', true, []);
  const bits = crypto.subtle.deriveBits({ name: 'X25519', public: peer }, pair.privateKey, 256);
  return bits.then((shared) => new Uint8Array(shared).some((byte) => byte !== 0)).catch(() => false);
}

test('isUsableAgreementKey is true for what a library makes, and false for other lengths', async () => {
  const key = new Uint8Array(await crypto.subtle.exportKey('raw', pair.publicKey));
  expect(isUsableAgreementKey(key)).toBe(true);
  expect(isUsableAgreementKey(key.subarray(1))).toBe(false);
  expect(isUsableAgreementKey(Uint8Array.of(...key, 0))).toBe(false);
});

test('isUsableAgreementKey is false exactly where the platform agrees on zeros, in every encoding', async () => {
  const small = [0n, 1n, P - 1n, P, P + 1n, ...order8];
  const beside = [...small.map((u) => u + 3n), P - 2n, 9n, HIGHEST - 1n];
  for (const [keys, isUsable] of [[small, false] as const, [beside, true] as const]) {
    for (const key of keys.flatMap((u) => [encode(u), encode(u | HIGHEST)])) {
      expect([await agrees(key), isUsableAgreementKey(key)]).toEqual([isUsable, isUsable]);
    }
  }
});
