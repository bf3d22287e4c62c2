import { ascii, equal } from '@palmkey/envelope';
import { parseSshsigData, SshFormatError } from '@palmkey/core/ssh';
import { checkFlags, type SignRequest } from './check-login.ts';
import type { ConnectionBinds } from './connection-binds.ts';
import type { FileAsk, RefusalCode } from './login-ask.ts';

const MAGIC = ascii('SSHSIG');

/**
 * A file to be signed (`ssh-keygen -Y sign`), or why nobody is asked about it; null for data that is none. The key is
 * one of ours, and the connection is not poisoned.
 */
export function checkFile(
  request: SignRequest,
  binds: ConnectionBinds,
): Omit<FileAsk, 'claim'> | { readonly refused: RefusalCode } | null {
  const { key, data } = request;
  if (!equal(data.subarray(0, MAGIC.length), MAGIC)) return null;
  const flagFault = checkFlags(request);
  if (flagFault !== null) return { refused: flagFault };
  // A request for a file has no room to say through which servers it came.
  if (binds.all.length > 0) return { refused: 'forwarded' };
  try {
    const { namespace, hash, digest } = parseSshsigData(data);
    return namespace === 'git' ? { refused: 'git-text-unseen' } : { key, data, namespace, hash, digest };
  } catch (error) {
    if (error instanceof SshFormatError) return { refused: 'unparsable' };
    throw error;
  }
}
