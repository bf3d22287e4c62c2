import type { UserKeyAlgorithm } from '@palmkey/core/ssh';
import { ed25519Blob, plainKeyBlob } from '@palmkey/core/ssh';
import { fromBase64Url } from '@palmkey/envelope';
import type { KeyType } from '../model/model.ts';
import { generateLockable } from './key-bytes.ts';

const RSA_BITS = 4096;
/** 65,537. */
const RSA_EXPONENT = new Uint8Array([1, 0, 1]);

/** How WebCrypto signs for an SSH algorithm. */
export function signingParameters(algorithm: UserKeyAlgorithm): { readonly name: string; readonly hash?: string } {
  switch (algorithm) {
    case 'ssh-ed25519':
      return { name: 'Ed25519' };
    case 'ecdsa-sha2-nistp256':
      return { name: 'ECDSA', hash: 'SHA-256' };
    case 'rsa-sha2-512':
      return { name: 'RSASSA-PKCS1-v1_5' };
  }
}

/** A pair whose private key cannot be exported and only signs. RSA is bound to SHA-512 for good. */
export async function generatePair(type: KeyType, lockable: boolean): Promise<CryptoKeyPair> {
  const usages: KeyUsage[] = ['sign', 'verify'];
  const algorithm = generation(type);
  if (lockable) return generateLockable(algorithm, usages);
  const made = await crypto.subtle.generateKey(algorithm, false, usages);
  if (!('privateKey' in made)) throw new TypeError('the algorithm made no pair');
  return made;
}

function generation(type: KeyType): AlgorithmIdentifier | RsaHashedKeyGenParams | EcKeyGenParams {
  switch (type) {
    case 'ssh-ed25519':
      return { name: 'Ed25519' };
    case 'ecdsa-sha2-nistp256':
      return { name: 'ECDSA', namedCurve: 'P-256' };
    case 'ssh-rsa':
      return { name: 'RSASSA-PKCS1-v1_5', modulusLength: RSA_BITS, publicExponent: RSA_EXPONENT, hash: 'SHA-512' };
  }
}

/** The SSH public key blob of a public key of that type. */
export async function publicBlob(type: KeyType, publicKey: CryptoKey): Promise<Uint8Array> {
  if (type === 'ssh-rsa') {
    const { n = '', e = '' } = await crypto.subtle.exportKey('jwk', publicKey);
    return plainKeyBlob({ kind: 'rsa', exponent: fromBase64Url(e), modulus: fromBase64Url(n), bits: RSA_BITS });
  }
  const raw = new Uint8Array(await crypto.subtle.exportKey('raw', publicKey));
  return type === 'ssh-ed25519' ? ed25519Blob(raw) : plainKeyBlob({ kind: 'ecdsa', curve: 'nistp256', point: raw });
}
