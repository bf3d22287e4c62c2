import type { UserKeyView } from '../ssh-agent/login-ask.ts';
import { MAX_PUBLIC_KEY_BYTES, SshFormatError, SshReader } from '@palmkey/core/ssh';

const IDENTITIES_ANSWER = 12;
/** As many as OpenSSH's client reads (authfd.c: `MAX_AGENT_IDENTITIES`). */
const MAX_IDENTITIES = 2048;

/**
 * Reads an `SSH_AGENT_IDENTITIES_ANSWER` (RFC 9987 §3.5), without its length. Comments may be any bytes: what is no UTF-8
 * in them is replaced.
 * @throws SshFormatError for every other message, more than 2,048 keys, a blob that is empty or over 32 KiB, bytes left over.
 */
export function parseIdentities(message: Uint8Array): UserKeyView[] {
  const reader = new SshReader(message);
  if (reader.byte() !== IDENTITIES_ANSWER) throw new SshFormatError('not a list of keys');
  const count = reader.uint32();
  if (count > MAX_IDENTITIES) throw new SshFormatError('a list of more keys than a client reads');
  const keys: UserKeyView[] = [];
  for (let i = 0; i < count; i++) {
    const blob = reader.string(MAX_PUBLIC_KEY_BYTES);
    if (blob.length === 0) throw new SshFormatError('a key that is empty');
    keys.push({ blob, comment: new TextDecoder().decode(reader.string()) });
  }
  reader.end();
  return keys;
}
