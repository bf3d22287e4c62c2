import { equal, toBase64Url } from '@palmkey/envelope';
import type { BiometricRow } from '../../store/schema.ts';
import type { BiometricAnswer } from '../ports.ts';

/** COSE algorithms that are verified here (RFC 9053 §2). */
export const COSE_ES256 = -7;
export const COSE_EDDSA = -8;
export const COSE_RS256 = -257;
/** Flags of authenticator data (Web Authentication §6.1): somebody was there, and was verified. */
const PRESENT_AND_VERIFIED = 0b101;
const AUTHENTICATOR_DATA_MIN_BYTES = 37;

/**
 * Whether a platform authenticator's answer is one of the kept credential's to this challenge, at this origin, with the
 * person verified (Web Authentication §7.2). Never throws: what cannot be read is false.
 */
export async function verifyBiometric(
  row: BiometricRow,
  challenge: Uint8Array,
  origin: string,
  answer: BiometricAnswer,
): Promise<boolean> {
  try {
    const { authenticatorData, clientData } = answer;
    if (!isClientData(clientData, challenge, origin)) return false;
    const place = new Uint8Array(await digest(new TextEncoder().encode(new URL(origin).hostname)));
    const flags = authenticatorData[32] ?? 0;
    if (authenticatorData.length < AUTHENTICATOR_DATA_MIN_BYTES || !equal(authenticatorData.subarray(0, 32), place))
      return false;
    if ((flags & PRESENT_AND_VERIFIED) !== PRESENT_AND_VERIFIED) return false;
    const signed = new Uint8Array([...authenticatorData, ...new Uint8Array(await digest(clientData))]);
    return await verifySignature(row, answer.signature, signed);
  } catch {
    return false;
  }
}

function isClientData(bytes: Uint8Array, challenge: Uint8Array, origin: string): boolean {
  const data: unknown = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  if (typeof data !== 'object' || data === null) return false;
  if (!('type' in data && 'challenge' in data && 'origin' in data)) return false;
  return data.type === 'webauthn.get' && data.challenge === toBase64Url(challenge) && data.origin === origin;
}

async function verifySignature(row: BiometricRow, signature: Uint8Array, signed: Uint8Array<ArrayBuffer>) {
  const { importing, verifying } = parametersOf(row.algorithm);
  const key = await crypto.subtle.importKey('spki', new Uint8Array(row.publicKey), importing, false, ['verify']);
  const raw = row.algorithm === COSE_ES256 ? rawEcdsa(signature) : new Uint8Array(signature);
  return crypto.subtle.verify(verifying, key, raw, signed);
}

function parametersOf(algorithm: number) {
  switch (algorithm) {
    case COSE_ES256:
      return { importing: { name: 'ECDSA', namedCurve: 'P-256' }, verifying: { name: 'ECDSA', hash: 'SHA-256' } };
    case COSE_EDDSA:
      return { importing: { name: 'Ed25519' }, verifying: { name: 'Ed25519' } };
    case COSE_RS256:
      return { importing: { name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-256' }, verifying: { name: 'RSASSA-PKCS1-v1_5' } };
    default:
      throw new TypeError('an unknown algorithm');
  }
}

/** r ‖ s from `SEQUENCE { INTEGER r, INTEGER s }` (RFC 3279 §2.2.3). */
function rawEcdsa(der: Uint8Array): Uint8Array<ArrayBuffer> {
  const raw = new Uint8Array(64);
  let at = 2;
  if (der[0] !== 0x30 || der[1] !== der.length - 2) throw new TypeError('no signature');
  for (const end of [32, 64]) {
    const length = der[at + 1] ?? 0;
    if (der[at] !== 0x02 || length < 1 || length > 33) throw new TypeError('no integer');
    const number = der.subarray(at + 2, at + 2 + length);
    const digits = number[0] === 0 ? number.subarray(1) : number;
    raw.set(digits, end - digits.length);
    at += 2 + length;
  }
  if (at !== der.length) throw new TypeError('bytes left over');
  return raw;
}

function digest(bytes: Uint8Array): Promise<ArrayBuffer> {
  return crypto.subtle.digest('SHA-256', new Uint8Array(bytes));
}
