/** The cryptographic constructions of Palmkey over ports, and its one encoding (spec/README.md). Pure. */
export { BOX_OVERHEAD_BYTES, boxKey, openBox, openSecretBox, sealBox, sealSecretBox } from './box.ts';
export type { BoxKey } from './box.ts';
export { decodeCanonical, encodeCanonical } from './canonical.ts';
export { FormatError, OpenError, ShareError } from './errors.ts';
export { constantTimeEqual, hkdfSha256, hmacSha256, sha256 } from './hash.ts';
export { KeyHandles } from './key-handles.ts';
export { parseSharedSecret } from './ports.ts';
export type { KeyAgreement, MaybePromise, Primitives, SharedSecret, Signer } from './ports.ts';
export { openAnonymous, SEALED_BOX_OVERHEAD_BYTES, sealAnonymous } from './sealed-box.ts';
export { sign, verifySignature } from './signature.ts';
export { webAgreement, webPrimitives, webSigner } from './web-primitives.ts';
