import type { Signature, SignatureContext, SigningPublicKey } from '@palmkey/envelope';
import { isWellFormedSignature, signedBytes } from '@palmkey/envelope';
import type { Primitives, Signer } from './ports.ts';

/** Signs `"palmkey/" ‖ context ‖ "/1" ‖ 0x00 ‖ message` (spec/README.md, "Signatures"); 64 bytes. */
export async function sign(signer: Signer, context: SignatureContext, message: Uint8Array): Promise<Signature> {
  return signer.sign(signedBytes(context, message));
}

/**
 * Whether `signature` is the key's over the message in that context. Malformed keys and signatures are false before
 * any library sees them (spec/devices.md, "Signatures that everybody judges alike").
 */
export async function verifySignature(
  primitives: Primitives,
  publicKey: SigningPublicKey,
  context: SignatureContext,
  message: Uint8Array,
  signature: Signature,
): Promise<boolean> {
  if (!isWellFormedSignature(publicKey, signature)) return false;
  return primitives.verify(publicKey, signedBytes(context, message), signature);
}
