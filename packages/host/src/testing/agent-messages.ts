/** What a client says to the agent, rightly or wrongly: its messages, and the keys that are in them. */
import { generateKeyPairSync, randomBytes, sign as signWith } from 'node:crypto';
import { AGENT_REQUEST, ed25519Blob, encodeSshSignature, SshWriter } from '@palmkey/core/ssh';

/** The types of the agent's answers. */
export const [FAILURE, SUCCESS, SIGNED] = [5, 6, 14];

export interface AgentKey {
  readonly blob: Uint8Array;
  /** A signature blob over `data`. */
  sign(data: Uint8Array): Uint8Array;
}

/** An Ed25519 key with its blob: a server's, or a user's where it stands in for the phone. */
function key(): AgentKey {
  const { publicKey, privateKey } = generateKeyPairSync('ed25519');
  const blob = ed25519Blob(Buffer.from(publicKey.export({ format: 'jwk' }).x ?? '', 'base64url'));
  return { blob, sign: (data: Uint8Array) => encodeSshSignature('ssh-ed25519', signWith(null, data, privateKey)) };
}

export const user = key();
export const server = key();
export const bastion = key();
/** Of the one session that binds and logins are for. */
export const sessionId = randomBytes(32);

/** What a bind is made of, where it is not as it should be. */
export interface BindParts {
  readonly server?: AgentKey;
  readonly sessionId?: Uint8Array;
  readonly signature?: Uint8Array;
  readonly forwarding?: boolean;
}

/** `session-bind@openssh.com`, by {@link server}. */
export function bindMessage(parts: BindParts = {}): Uint8Array {
  const { server: from = server, sessionId: id = sessionId, forwarding = false } = parts;
  const writer = new SshWriter().byte(AGENT_REQUEST.extension).name('session-bind@openssh.com');
  return writer
    .string(from.blob)
    .string(id)
    .string(parts.signature ?? from.sign(id))
    .bool(forwarding)
    .done();
}

/** What a login signs, where it is not as it should be. */
export interface DataParts {
  readonly sessionId?: Uint8Array;
  readonly hostKey?: Uint8Array;
  readonly key?: Uint8Array;
  readonly method?: string;
  readonly service?: string;
}

/** What ssh has signed to log in as `deploy`; host-bound where it names the server's key. */
export function loginData(parts: DataParts = {}): Uint8Array {
  const hostbound = parts.hostKey !== undefined;
  const writer = new SshWriter()
    .string(parts.sessionId ?? sessionId)
    .byte(50)
    .text('deploy');
  writer.name(parts.service ?? 'ssh-connection');
  writer.name(parts.method ?? (hostbound ? 'publickey-hostbound-v00@openssh.com' : 'publickey'));
  writer
    .byte(1)
    .name('ssh-ed25519')
    .string(parts.key ?? user.blob);
  return (hostbound ? writer.string(parts.hostKey) : writer).done();
}

/** A sign request, with the user key unless another is given. */
export function signMessage(data: Uint8Array, flags = 0, blob = user.blob): Uint8Array {
  return new SshWriter().byte(AGENT_REQUEST.sign).string(blob).string(data).uint32(flags).done();
}

/** 22 locks, 23 unlocks. */
export const lockMessage = (type: number, passphrase: string) => new SshWriter().byte(type).text(passphrase).done();
