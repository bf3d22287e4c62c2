import { beforeAll, describe, expect, test } from 'vitest';
import { isWellFormedSignature } from './ed25519-form.ts';

const P = 2n ** 255n - 19n;
const L = 2n ** 252n + 27742317777372353535851937790883648493n;
const D = mod(-121665n * inverse(121666n));
const SIGN = 2n ** 255n;

const message = Uint8Array.of(1, 2, 3);
let pair: CryptoKeyPair;
let key: Uint8Array;
let signature: Uint8Array<ArrayBuffer>;

beforeAll(async () => {
  pair = await crypto.subtle.generateKey('Ed25519', false, ['sign', 'verify']);
  key = new Uint8Array(await crypto.subtle.exportKey('raw', pair.publicKey));
  signature = new Uint8Array(await crypto.subtle.sign('Ed25519', pair.privateKey, message));
});

function mod(value: bigint): bigint {
  return ((value % P) + P) % P;
}
function power(base: bigint, exponent: bigint): bigint {
  let result = 1n;
  for (let b = mod(base), e = exponent; e > 0n; e >>= 1n, b = mod(b * b)) if (e & 1n) result = mod(result * b);
  return result;
}
function inverse(value: bigint): bigint {
  return power(value, P - 2n);
}
/** The y-coordinate of twice a point, from its y-coordinate alone (RFC 8032 §5.1.4, affine). */
function doubledY(y: bigint): bigint {
  const yy = mod(y * y);
  const xx = mod((yy - 1n) * inverse(D * yy + 1n));
  return mod((yy + xx) * inverse(1n - D * xx * yy));
}
function encode(value: bigint): Uint8Array {
  return Uint8Array.from({ length: 32 }, (_, i) => Number((value >> BigInt(8 * i)) & 255n));
}
function withS(s: bigint): Uint8Array {
  return Uint8Array.of(...signature.subarray(0, 32), ...encode(s));
}
function withR(r: Uint8Array): Uint8Array {
  return Uint8Array.of(...r, ...signature.subarray(32));
}

describe('isWellFormedSignature', () => {
  test('is true for what a library signs', async () => {
    expect(isWellFormedSignature(key, signature)).toBe(true);
    expect(await crypto.subtle.verify('Ed25519', pair.publicKey, signature, message)).toBe(true);
  });

  test('is false for other lengths', () => {
    expect(isWellFormedSignature(key.subarray(1), signature)).toBe(false);
    expect(isWellFormedSignature(Uint8Array.of(...key, 0), signature)).toBe(false);
    expect(isWellFormedSignature(key, signature.subarray(1))).toBe(false);
    expect(isWellFormedSignature(key, Uint8Array.of(...signature, 0))).toBe(false);
  });

  test('is false for an S from the group order on', () => {
    expect(isWellFormedSignature(key, withS(L - 1n))).toBe(true);
    expect(isWellFormedSignature(key, withS(L))).toBe(false);
    expect(isWellFormedSignature(key, withS(2n ** 256n - 1n))).toBe(false);
  });

  const y8 = 0x7a03ac9277fdc74ec6cc392cfa53202a0f67100d760b3cba4fd84d3d706a17c7n;
  const smallOrder = [0n, 1n, P - 1n, y8, P - y8];

  test('the points of order 8 double to one of order 4, and no others are near', () => {
    expect([doubledY(y8), doubledY(P - y8), doubledY(0n)]).toEqual([0n, 0n, P - 1n]);
  });

  test('is false for keys and commitments of small order, and for x = 0 with a sign', () => {
    for (const y of smallOrder) {
      for (const point of [encode(y), encode(y | SIGN)]) {
        expect(isWellFormedSignature(point, signature)).toBe(false);
        expect(isWellFormedSignature(key, withR(point))).toBe(false);
      }
    }
  });

  test('is false for a y from p on', () => {
    for (let y = P; y < 2n ** 255n; y++) {
      for (const point of [encode(y), encode(y | SIGN)]) {
        expect(isWellFormedSignature(point, signature)).toBe(false);
        expect(isWellFormedSignature(key, withR(point))).toBe(false);
      }
    }
    expect(isWellFormedSignature(encode(P - 2n), signature)).toBe(true);
  });
});
