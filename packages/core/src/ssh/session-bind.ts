import type { PlainKey } from './public-key.ts';
import type { SshSignature } from './signature.ts';
import { SshFormatError } from './errors.ts';
import { parseHostKey } from './host-certificate.ts';
import { parseSshSignature } from './signature.ts';

/**
 * What `ssh` tells an agent about a connection (`session-bind@openssh.com`, OpenSSH `PROTOCOL.agent` §1): the server
 * proved with its host key that the session is its own.
 */
export interface SessionBind {
  /** A host key blob, or a host certificate. */
  readonly hostKey: Uint8Array;
  /** 1 to 128 bytes. */
  readonly sessionId: Uint8Array;
  /** A signature blob over the session id. */
  readonly signature: Uint8Array;
  /** True where the agent itself is forwarded to that server, false where the person logs in. */
  readonly forwarding: boolean;
}

/** Port: whether a signature of the named algorithm is one of the key over the message. Never throws; what does not fit is false. */
export type HostKeyVerifier = (key: PlainKey, signature: SshSignature, message: Uint8Array) => Promise<boolean>;

/** Whether the bind's signature is its host key's over its session id. Never throws: what cannot be read is false. */
export async function verifySessionBind(verify: HostKeyVerifier, bind: SessionBind): Promise<boolean> {
  try {
    const { key } = parseHostKey(bind.hostKey);
    return await verify(key, parseSshSignature(bind.signature), bind.sessionId);
  } catch (error) {
    if (error instanceof SshFormatError) return false;
    throw error;
  }
}
