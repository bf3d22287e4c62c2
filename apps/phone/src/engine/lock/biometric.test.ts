import { toBase64Url } from '@palmkey/envelope';
import { describe, expect, test } from 'vitest';
import type { BiometricAnswer } from '../ports.ts';
import { COSE_ES256, COSE_RS256, verifyBiometric } from './biometric.ts';

const origin = 'https://app.example.org';
const challenge = new Uint8Array(32).fill(7);
const sha256 = async (bytes: Uint8Array<ArrayBuffer>) => new Uint8Array(await crypto.subtle.digest('SHA-256', bytes));
const text = (value: unknown) => new TextEncoder().encode(JSON.stringify(value));

/** `INTEGER`, in its shortest form. */
function integer(bytes: Uint8Array): number[] {
  const digits = [...bytes.subarray(bytes.findIndex((byte) => byte !== 0))];
  const padded = (digits[0] ?? 0) >= 0x80 ? [0, ...digits] : digits;
  return [2, padded.length, ...padded];
}

async function credential() {
  const algorithm = { name: 'ECDSA', namedCurve: 'P-256' };
  const pair = await crypto.subtle.generateKey(algorithm, false, ['sign', 'verify']);
  const publicKey = new Uint8Array(await crypto.subtle.exportKey('spki', pair.publicKey));
  const row = { credentialId: Uint8Array.of(1), publicKey, algorithm: COSE_ES256 };
  const answer = async (changes: { data?: object; flags?: number; place?: string } = {}): Promise<BiometricAnswer> => {
    const clientData = text({ type: 'webauthn.get', challenge: toBase64Url(challenge), origin, ...changes.data });
    const place = await sha256(new TextEncoder().encode(changes.place ?? 'app.example.org'));
    const authenticatorData = new Uint8Array([...place, changes.flags ?? 5, 0, 0, 0, 0]);
    const signed = new Uint8Array([...authenticatorData, ...(await sha256(clientData))]);
    const how = { name: 'ECDSA', hash: 'SHA-256' };
    const raw = new Uint8Array(await crypto.subtle.sign(how, pair.privateKey, signed));
    const numbers = [...integer(raw.subarray(0, 32)), ...integer(raw.subarray(32))];
    return { authenticatorData, clientData, signature: new Uint8Array([0x30, numbers.length, ...numbers]) };
  };
  return { row, answer };
}

describe('verifyBiometric', () => {
  test('takes a P-256 answer, whatever lengths its numbers have', async () => {
    const { row, answer } = await credential();
    for (let n = 0; n < 40; n += 1) expect(await verifyBiometric(row, challenge, origin, await answer())).toBe(true);
  });

  test('takes no other challenge, origin, place or kind, and nobody who was not verified', async () => {
    const { row, answer } = await credential();
    const other = await credential();
    const verify = async (given: BiometricAnswer) => verifyBiometric(row, challenge, origin, given);
    for (const changes of [
      { data: { challenge: toBase64Url(new Uint8Array(32)) } },
      { data: { origin: 'https://evil.example.org' } },
      { data: { type: 'webauthn.create' } },
      { place: 'evil.example.org' },
      { flags: 1 },
      { flags: 4 },
      { flags: 0 },
    ])
      expect(await verify(await answer(changes))).toBe(false);
    expect(await verify(await other.answer())).toBe(false);
  });

  test('takes nothing that is cut, longer, or of another algorithm', async () => {
    const { row, answer } = await credential();
    const good = await answer();
    for (let length = 0; length < good.signature.length; length += 1) {
      const signature = good.signature.slice(0, length);
      expect(await verifyBiometric(row, challenge, origin, { ...good, signature })).toBe(false);
    }
    const signature = new Uint8Array([...good.signature, 0]);
    expect(await verifyBiometric(row, challenge, origin, { ...good, signature })).toBe(false);
    const authenticatorData = good.authenticatorData.slice(0, 36);
    expect(await verifyBiometric(row, challenge, origin, { ...good, authenticatorData })).toBe(false);
    expect(await verifyBiometric({ ...row, algorithm: COSE_RS256 }, challenge, origin, good)).toBe(false);
    expect(await verifyBiometric(row, challenge, origin, { ...good, clientData: text(null) })).toBe(false);
  });
});
