/**
 * What NATS's client uses of `tweetnacl` to log in with an nkey: Ed25519 (RFC 8032) and random bytes, by `node:crypto`.
 *
 * It stands in its place (`overrides` in the root's package.json) because `tweetnacl` also opens NaCl boxes, and nothing
 * that a relay depends on may be able to open a body. What nkeys' curve keys would need is not here.
 */
'use strict';
const { createPrivateKey, createPublicKey, randomBytes, sign, verify } = require('node:crypto');

/** RFC 8410: what stands before the 32 bytes of a private and of a public key. */
const PRIVATE = Buffer.from('302e020100300506032b657004220420', 'hex');
const PUBLIC = Buffer.from('302a300506032b6570032100', 'hex');

function privateKeyOf(seed) {
  return createPrivateKey({ key: Buffer.concat([PRIVATE, seed.subarray(0, 32)]), format: 'der', type: 'pkcs8' });
}

function publicKeyOf(publicKey) {
  return createPublicKey({ key: Buffer.concat([PUBLIC, publicKey]), format: 'der', type: 'spki' });
}

module.exports = {
  randomBytes: (length) => new Uint8Array(randomBytes(length)),
  sign: {
    keyPair: {
      /** `secretKey` is the seed and the public key, 64 bytes, as NaCl has it. */
      fromSeed: (seed) => {
        const publicKey = createPublicKey(privateKeyOf(seed)).export({ format: 'der', type: 'spki' }).subarray(-32);
        const secretKey = new Uint8Array(64);
        secretKey.set(seed);
        secretKey.set(publicKey, 32);
        return { publicKey: new Uint8Array(publicKey), secretKey };
      },
    },
    /** The signature, 64 bytes. */
    detached: Object.assign((message, secretKey) => new Uint8Array(sign(null, message, privateKeyOf(secretKey))), {
      verify: (message, signature, publicKey) => verify(null, message, publicKeyOf(publicKey), signature),
    }),
  },
};
