/**
 * The primitives of `@palmkey/core/crypto` over `node:crypto`: Node's WebCrypto crosses a thread for each call, which costs
 * small messages tenfold.
 */
import {
  createCipheriv,
  createDecipheriv,
  createPrivateKey,
  createPublicKey,
  diffieHellman,
  generateKeyPairSync,
  type KeyObject,
  randomFillSync,
  sign as signBytes,
  verify as verifyBytes,
} from 'node:crypto';
import {
  type KeyAgreement,
  KeyHandles,
  OpenError,
  type Primitives,
  type SharedSecret,
  type Signer,
} from '@palmkey/core/crypto';
import {
  type AgreementPublicKey,
  parseAgreementPublicKey,
  parseSignature,
  parseSigningPublicKey,
  type SigningPublicKey,
  toBase64Url,
} from '@palmkey/envelope';

const tagBytes = 16;
/** RFC 8410: the DER that stands before 32 raw private key bytes. */
const privateDer = {
  Ed25519: Buffer.from('302e020100300506032b657004220420', 'hex'),
  X25519: Buffer.from('302e020100300506032b656e04220420', 'hex'),
};

type Algorithm = keyof typeof privateDer;

/** As a JWK (RFC 8037): OpenSSL's decoder of DER takes as long as a signature's check. */
function publicKeyOf(crv: Algorithm, raw: Uint8Array): KeyObject {
  return createPublicKey({ key: { kty: 'OKP', crv, x: toBase64Url(raw) }, format: 'jwk' });
}

function privateKeyOf(algorithm: Algorithm, raw: Uint8Array): KeyObject {
  return createPrivateKey({ key: Buffer.concat([privateDer[algorithm], raw]), format: 'der', type: 'pkcs8' });
}

function rawPublic(key: KeyObject): Uint8Array {
  return new Uint8Array(createPublicKey(key).export({ format: 'der', type: 'spki' }).subarray(-32));
}

/** A signer from the 32-byte seed of RFC 8032. */
export function nodeSigner(seed: Uint8Array): Signer {
  const key = privateKeyOf('Ed25519', seed);
  return {
    publicKey: parseSigningPublicKey(rawPublic(key)),
    sign: (message) => parseSignature(new Uint8Array(signBytes(null, message, key))),
  };
}

/** X25519 from 32 private bytes (RFC 7748). */
export function nodeAgreement(privateBytes: Uint8Array): KeyAgreement {
  return agreementOf(privateKeyOf('X25519', privateBytes));
}

function agreementOf(key: KeyObject): KeyAgreement {
  return {
    publicKey: parseAgreementPublicKey(rawPublic(key)),
    sharedSecret: (peer: AgreementPublicKey) => {
      let shared: Buffer;
      try {
        shared = diffieHellman({ privateKey: key, publicKey: publicKeyOf('X25519', peer) });
      } catch (cause) {
        // OpenSSL refuses a peer whose shared secret is zero before we can.
        throw new OpenError('no shared secret with this key', { cause });
      }
      if (shared.every((byte) => byte === 0)) throw new OpenError('no shared secret with this key');
      return new Uint8Array(shared) as SharedSecret;
    },
  };
}

/** Ed25519 public keys as Node takes them. */
export const verifyKeys = new KeyHandles((raw) => publicKeyOf('Ed25519', raw));

export const nodePrimitives: Primitives = {
  randomBytes: (length) => randomFillSync(new Uint8Array(length)),
  generateAgreement: () => agreementOf(generateKeyPairSync('x25519').privateKey),
  signerOf: nodeSigner,
  agreementOf: nodeAgreement,
  verify: (publicKey: SigningPublicKey, message, signature) => {
    try {
      return verifyBytes(null, message, verifyKeys.of(publicKey), signature);
    } catch {
      return false;
    }
  },
  aesGcmSeal: (key, iv, plaintext, aad) => {
    const cipher = createCipheriv('aes-256-gcm', key, iv, { authTagLength: tagBytes });
    cipher.setAAD(aad);
    // One update gives all of it, and the end nothing: GCM is a stream.
    const sealed = new Uint8Array(plaintext.length + tagBytes);
    sealed.set(cipher.update(plaintext));
    cipher.final();
    sealed.set(cipher.getAuthTag(), plaintext.length);
    return sealed;
  },
  aesGcmOpen: (key, iv, sealed, aad) => {
    if (sealed.length < tagBytes) throw new OpenError('shorter than its tag');
    const decipher = createDecipheriv('aes-256-gcm', key, iv, { authTagLength: tagBytes });
    decipher.setAAD(aad);
    decipher.setAuthTag(sealed.subarray(sealed.length - tagBytes));
    const opened = decipher.update(sealed.subarray(0, sealed.length - tagBytes));
    try {
      decipher.final();
      return new Uint8Array(opened);
    } catch (cause) {
      throw new OpenError('does not open', { cause });
    }
  },
};
