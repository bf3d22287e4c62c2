/** SSH's formats as Palmkey reads and writes them (spec/ssh.md): keys, logins, session-binds, signatures of files, the agent protocol. Pure. */
export {
  encodeExtensionResponse,
  encodeFailure,
  encodeIdentities,
  encodeSignResponse,
  encodeSuccess,
} from './agent-answer.ts';
export type { AgentIdentity } from './agent-answer.ts';
export { AgentFrames, encodeAgentFrame, MAX_AGENT_FRAME_BYTES } from './agent-frames.ts';
export { AGENT_REQUEST, parseAgentRequest } from './agent-request.ts';
export type { AgentRequest } from './agent-request.ts';
export { authorizedKeysLine, fingerprint, parseAuthorizedKey } from './authorized-key.ts';
export type { AuthorizedKey } from './authorized-key.ts';
export { fromBase64, toBase64 } from './base64.ts';
export { checkBindOrder, checkBinds, MAX_BINDS } from './bind-chain.ts';
export type { BindCheck } from './bind-chain.ts';
export { BindError, SshFormatError } from './errors.ts';
export type { BindFault } from './errors.ts';
export { hostCertificateFault, parseHostCertificate, parseHostKey, verifyHostCertificate } from './host-certificate.ts';
export type { HostCertificate, HostCertificateFault } from './host-certificate.ts';
export { ed25519Blob, MAX_PUBLIC_KEY_BYTES, parsePublicKey, plainKeyBlob } from './public-key.ts';
export type { EcdsaKey, Ed25519Key, NistCurve, PlainKey, PlainKeyType, RsaKey, SshPublicKey } from './public-key.ts';
export { verifySessionBind } from './session-bind.ts';
export type { HostKeyVerifier, SessionBind } from './session-bind.ts';
export { encodeSshSignature, MAX_SIGNATURE_BYTES, parseSshSignature } from './signature.ts';
export type { SshSignature } from './signature.ts';
export { encodeSshsig, MAX_SSHSIG_CHARACTERS, parseSshsig } from './sshsig.ts';
export type { Sshsig } from './sshsig.ts';
export { encodeSshsigData, MAX_NAMESPACE_BYTES, parseSshsigData } from './sshsig-data.ts';
export type { SshsigData, SshsigHash } from './sshsig-data.ts';
export { MAX_SESSION_ID_BYTES, MAX_USERAUTH_BYTES, parseUserauth } from './userauth.ts';
export type { Userauth } from './userauth.ts';
export {
  agentFlagsFit,
  MAX_RSA_USER_KEY_BITS,
  MIN_RSA_USER_KEY_BITS,
  userKeyAlgorithm,
  verifyUserSignature,
} from './user-key.ts';
export type { UserKeyAlgorithm } from './user-key.ts';
export { webHostKeyVerifier } from './web-verifier.ts';
export { SshReader, SshWriter } from './wire.ts';
