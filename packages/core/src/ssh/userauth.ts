import type { UserKeyAlgorithm } from './user-key.ts';
import { SshFormatError } from './errors.ts';
import { parseHostKey } from './host-certificate.ts';
import { MAX_PUBLIC_KEY_BYTES } from './public-key.ts';
import { checkUserKeyAlgorithm } from './user-key.ts';
import { SshReader } from './wire.ts';

/** The longest data that is signed for a login. */
export const MAX_USERAUTH_BYTES = 16 * 1024;
/** The longest session id (RFC 4253 §7.2 makes it a hash; OpenSSH's agent takes up to 128 bytes). */
export const MAX_SESSION_ID_BYTES = 128;

const SSH_MSG_USERAUTH_REQUEST = 50;
const HOSTBOUND = 'publickey-hostbound-v00@openssh.com';

/** What a login's signature is over (RFC 4252 §7, OpenSSH `PROTOCOL` §3.1), taken apart. */
export interface Userauth {
  /** 1 to 128 bytes. */
  readonly sessionId: Uint8Array<ArrayBuffer>;
  /** The account on the server, 1 to 255 bytes of UTF-8, as the client wrote it: not made safe for a screen. */
  readonly user: string;
  readonly method: 'publickey' | 'hostbound';
  /** That of the key. */
  readonly algorithm: UserKeyAlgorithm;
  /** The user key's blob. */
  readonly key: Uint8Array<ArrayBuffer>;
  /** The server's host key blob; null for `publickey`. */
  readonly hostKey: Uint8Array<ArrayBuffer> | null;
}

/**
 * Reads the data of a login's signature, of at most 16 KiB, exactly as spec/ssh.md lists it: the two methods, service
 * `ssh-connection`, a user key of our types with its algorithm, nothing after it.
 *
 * Throws {@link SshFormatError} (`unparsable`) on everything else.
 */
export function parseUserauth(data: Uint8Array): Userauth {
  if (data.length > MAX_USERAUTH_BYTES) throw new SshFormatError('login data that is too long');
  const reader = new SshReader(data);
  const sessionId = reader.string(MAX_SESSION_ID_BYTES);
  if (sessionId.length === 0) throw new SshFormatError('a session id that is empty');
  if (reader.byte() !== SSH_MSG_USERAUTH_REQUEST) throw new SshFormatError('not a login');
  const user = reader.text(255);
  if (user === '') throw new SshFormatError('a login without a user');
  if (reader.text(64) !== 'ssh-connection') throw new SshFormatError('a login to another service');
  const method = readMethod(reader);
  if (reader.byte() !== 1) throw new SshFormatError('a login that is not signed');
  const named = reader.text(64);
  const key = reader.string(MAX_PUBLIC_KEY_BYTES);
  const algorithm = checkUserKeyAlgorithm(named, key);
  const hostKey = method === 'hostbound' ? reader.string(MAX_PUBLIC_KEY_BYTES) : null;
  if (hostKey !== null) parseHostKey(hostKey);
  reader.end();
  return { sessionId, user, method, algorithm, key, hostKey };
}

function readMethod(reader: SshReader): Userauth['method'] {
  switch (reader.text(64)) {
    case 'publickey':
      return 'publickey';
    case HOSTBOUND:
      return 'hostbound';
    default:
      throw new SshFormatError('a login by another method');
  }
}
