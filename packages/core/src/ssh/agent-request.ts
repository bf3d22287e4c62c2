import type { SessionBind } from './session-bind.ts';
import { SshFormatError } from './errors.ts';
import { MAX_PUBLIC_KEY_BYTES } from './public-key.ts';
import { MAX_SIGNATURE_BYTES } from './signature.ts';
import { MAX_SESSION_ID_BYTES } from './userauth.ts';
import { SshReader } from './wire.ts';

/** What a client asks of an agent (RFC 9987 §3, OpenSSH `PROTOCOL.agent`); `other` is all that is answered with a failure. */
export type AgentRequest =
  | { readonly kind: 'identities' }
  | { readonly kind: 'sign'; readonly key: Uint8Array; readonly data: Uint8Array; readonly flags: number }
  | { readonly kind: 'lock' | 'unlock'; readonly passphrase: Uint8Array }
  | { readonly kind: 'session-bind'; readonly bind: SessionBind }
  | { readonly kind: 'query' }
  | { readonly kind: 'other'; readonly type: number; readonly extension: string | null };

export const AGENT_REQUEST = { identities: 11, sign: 13, lock: 22, unlock: 23, extension: 27 } as const;
const SESSION_BIND = 'session-bind@openssh.com';

/** Reads one agent message, without its length. Throws {@link SshFormatError} on a known type that is malformed. */
export function parseAgentRequest(frame: Uint8Array): AgentRequest {
  const reader = new SshReader(frame);
  const type = reader.byte();
  const request = readRequest(reader, type);
  if (request.kind !== 'other') reader.end();
  return request;
}

function readRequest(reader: SshReader, type: number): AgentRequest {
  switch (type) {
    case AGENT_REQUEST.identities:
      return { kind: 'identities' };
    case AGENT_REQUEST.sign:
      return { kind: 'sign', key: reader.string(), data: reader.string(), flags: reader.uint32() };
    case AGENT_REQUEST.lock:
      return { kind: 'lock', passphrase: reader.string() };
    case AGENT_REQUEST.unlock:
      return { kind: 'unlock', passphrase: reader.string() };
    case AGENT_REQUEST.extension:
      return readExtension(reader, type);
    default:
      return { kind: 'other', type, extension: null };
  }
}

function readExtension(reader: SshReader, type: number): AgentRequest {
  const extension = reader.text(256);
  switch (extension) {
    case SESSION_BIND:
      return { kind: 'session-bind', bind: readBind(reader) };
    case 'query':
      return { kind: 'query' };
    default:
      return { kind: 'other', type, extension };
  }
}

function readBind(reader: SshReader): SessionBind {
  const hostKey = reader.string(MAX_PUBLIC_KEY_BYTES);
  const sessionId = reader.string(MAX_SESSION_ID_BYTES);
  if (sessionId.length === 0) throw new SshFormatError('a session id that is empty');
  return { hostKey, sessionId, signature: reader.string(MAX_SIGNATURE_BYTES), forwarding: reader.bool() };
}
