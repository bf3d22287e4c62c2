import type { AgreementPublicKey, SigningPublicKey } from '@palmkey/envelope';
import {
  concat,
  fromBase64Url,
  fromHex,
  parseAgreementPublicKey,
  parseSignature,
  parseSigningPublicKey,
} from '@palmkey/envelope';
import { FormatError, OpenError } from './errors.ts';
import { KeyHandles } from './key-handles.ts';
import type { KeyAgreement, Primitives, Signer } from './ports.ts';
import { parseSharedSecret } from './ports.ts';

const ED25519 = { name: 'Ed25519' };
const X25519 = { name: 'X25519' };
/** RFC 8410: the DER before 32 raw private key bytes. */
const PKCS8 = {
  Ed25519: fromHex('302e020100300506032b657004220420'),
  X25519: fromHex('302e020100300506032b656e04220420'),
};

const verifyKeys = new KeyHandles((raw) => crypto.subtle.importKey('raw', own(raw), ED25519, false, ['verify']));

/** {@link Primitives} of WebCrypto: of a browser, a worker, or Node in tests. */
export const webPrimitives: Primitives = {
  randomBytes: (length) => crypto.getRandomValues(new Uint8Array(length)),
  generateAgreement: async () => webAgreement(await crypto.subtle.generateKey(X25519, false, ['deriveBits'])),
  signerOf: async (seed) => webSigner(await importPair('Ed25519', seed)),
  agreementOf: async (privateBytes) => webAgreement(await importPair('X25519', privateBytes)),
  verify: async (publicKey, message, signature) => {
    try {
      return await crypto.subtle.verify(ED25519, await verifyKeys.of(publicKey), own(signature), own(message));
    } catch {
      // WebCrypto throws for bytes that are no point of the curve: the key verifies nothing.
      verifyKeys.forget(publicKey);
      return false;
    }
  },
  aesGcmSeal: async (key, iv, plaintext, aad) => {
    const imported = await importAes(key, 'encrypt');
    return new Uint8Array(await crypto.subtle.encrypt(gcm(iv, aad), imported, own(plaintext)));
  },
  aesGcmOpen: async (key, iv, sealed, aad) => {
    const imported = await importAes(key, 'decrypt');
    try {
      return new Uint8Array(await crypto.subtle.decrypt(gcm(iv, aad), imported, own(sealed)));
    } catch (cause) {
      throw new OpenError('does not open', { cause });
    }
  },
};

/** A {@link Signer} over WebCrypto's Ed25519 keys; the private one may be non-extractable. */
export async function webSigner(pair: CryptoKeyPair): Promise<Signer> {
  const publicKey: SigningPublicKey = parseSigningPublicKey(await rawPublic(pair.publicKey));
  return {
    publicKey,
    sign: async (message) =>
      parseSignature(new Uint8Array(await crypto.subtle.sign(ED25519, pair.privateKey, own(message)))),
  };
}

/** A {@link KeyAgreement} over WebCrypto's X25519 keys; the private one may be non-extractable. */
export async function webAgreement(pair: CryptoKeyPair): Promise<KeyAgreement> {
  const publicKey: AgreementPublicKey = parseAgreementPublicKey(await rawPublic(pair.publicKey));
  return {
    publicKey,
    sharedSecret: async (peer) => {
      let bits: ArrayBuffer;
      try {
        const theirs = await crypto.subtle.importKey('raw', own(peer), X25519, true, []);
        bits = await crypto.subtle.deriveBits({ ...X25519, public: theirs }, pair.privateKey, 256);
      } catch (cause) {
        // Engines that refuse a small-order key themselves do it with an error of their own.
        throw new OpenError('no shared secret with this key', { cause });
      }
      return parseSharedSecret(new Uint8Array(bits));
    },
  };
}

/** The key that is used cannot be exported; WebCrypto tells a public key only of one that can. */
async function importPair(name: 'Ed25519' | 'X25519', privateBytes: Uint8Array): Promise<CryptoKeyPair> {
  if (privateBytes.length !== 32) throw new FormatError('a private key has 32 bytes');
  const usages = name === 'Ed25519' ? ['sign'] : ['deriveBits'];
  const pkcs8 = concat(PKCS8[name], privateBytes);
  const exportable = await crypto.subtle.importKey('pkcs8', pkcs8, { name }, true, usages);
  const privateKey = await crypto.subtle.importKey('pkcs8', pkcs8, { name }, false, usages);
  const { x = '' } = await crypto.subtle.exportKey('jwk', exportable);
  const verifies = name === 'Ed25519' ? ['verify'] : [];
  return { publicKey: await crypto.subtle.importKey('raw', fromBase64Url(x), { name }, true, verifies), privateKey };
}

async function rawPublic(key: CryptoKey): Promise<Uint8Array> {
  return new Uint8Array(await crypto.subtle.exportKey('raw', key));
}

async function importAes(key: Uint8Array, usage: 'encrypt' | 'decrypt'): Promise<CryptoKey> {
  return crypto.subtle.importKey('raw', own(key), { name: 'AES-GCM' }, false, [usage]);
}

function gcm(iv: Uint8Array, aad: Uint8Array) {
  return { name: 'AES-GCM', iv: own(iv), additionalData: own(aad), tagLength: 128 };
}

/** WebCrypto takes no bytes of shared memory; a copy is certain to be of its own. */
function own(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  return bytes.buffer instanceof ArrayBuffer ? (bytes as Uint8Array<ArrayBuffer>) : new Uint8Array(bytes);
}
