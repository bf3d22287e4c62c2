/** A user key of each type, standing in for a phone's. */
import { generateKeyPairSync, sign } from 'node:crypto';
import { ed25519Blob, encodeSshSignature, plainKeyBlob, type UserKeyAlgorithm } from '@palmkey/core/ssh';

export interface TestUserKey {
  readonly blob: Uint8Array;
  readonly comment: string;
  /** The line for authorized_keys. */
  readonly line: string;
  /** A signature blob, as the phone gives it. */
  sign(data: Uint8Array): Uint8Array;
}

export function testUserKey(algorithm: UserKeyAlgorithm, comment: string = algorithm): TestUserKey {
  const { blob, raw } = makers[algorithm]();
  const type = algorithm === 'rsa-sha2-512' ? 'ssh-rsa' : algorithm;
  return {
    blob,
    comment,
    line: `${type} ${Buffer.from(blob).toString('base64')} ${comment}`,
    sign: (data) => encodeSshSignature(algorithm, raw(data)),
  };
}

const bytes = (text: string | undefined) => new Uint8Array(Buffer.from(text ?? '', 'base64url'));
interface Made {
  readonly blob: Uint8Array;
  readonly raw: (data: Uint8Array) => Uint8Array;
}

const makers: Readonly<Record<UserKeyAlgorithm, () => Made>> = {
  'ssh-ed25519': () => {
    const { publicKey, privateKey } = generateKeyPairSync('ed25519');
    const { x } = publicKey.export({ format: 'jwk' });
    return { blob: ed25519Blob(bytes(x)), raw: (data) => new Uint8Array(sign(null, data, privateKey)) };
  },
  'ecdsa-sha2-nistp256': () => {
    const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    const { x, y } = publicKey.export({ format: 'jwk' });
    const point = Uint8Array.of(4, ...bytes(x), ...bytes(y));
    return {
      blob: plainKeyBlob({ kind: 'ecdsa', curve: 'nistp256', point }),
      raw: (data) => new Uint8Array(sign('sha256', data, { key: privateKey, dsaEncoding: 'ieee-p1363' })),
    };
  },
  'rsa-sha2-512': () => {
    const { publicKey, privateKey } = generateKeyPairSync('rsa', { modulusLength: 3072 });
    const { n, e } = publicKey.export({ format: 'jwk' });
    return {
      blob: plainKeyBlob({ kind: 'rsa', exponent: bytes(e), modulus: bytes(n), bits: 3072 }),
      raw: (data) => new Uint8Array(sign('sha512', data, privateKey)),
    };
  },
};
