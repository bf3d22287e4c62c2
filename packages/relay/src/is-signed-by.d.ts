import { type SignatureContext, type SigningPublicKey } from '@palmkey/envelope';
/** Whether a device has signed a message in a context (spec/README.md, "Signatures"); 64 bytes. Never throws. */
export declare function isSignedBy(key: SigningPublicKey, context: SignatureContext, message: Uint8Array, signature: Uint8Array): boolean;
