/** SSH signatures verified by `node:crypto`, without the two threads that each of WebCrypto's checks crosses in Node. */
import { type HostKeyVerifier, webHostKeyVerifier } from '@palmkey/core/ssh';
import { isWellFormedSignature, parseSignature, parseSigningPublicKey } from '@palmkey/envelope';
import { nodePrimitives } from './node-primitives.ts';

/** As `webHostKeyVerifier` judges: Ed25519 here, the rarer algorithms by WebCrypto itself. */
export const nodeHostKeyVerifier: HostKeyVerifier = async (key, signature, message) => {
  if (key.kind !== 'ed25519') return webHostKeyVerifier(key, signature, message);
  if (signature.algorithm !== 'ssh-ed25519' || !isWellFormedSignature(key.publicKey, signature.signature)) return false;
  return nodePrimitives.verify(parseSigningPublicKey(key.publicKey), message, parseSignature(signature.signature));
};
