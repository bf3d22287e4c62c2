import { equal } from '@palmkey/envelope';
import type { Userauth } from '@palmkey/core/ssh';
import {
  agentFlagsFit,
  BindError,
  checkBindOrder,
  parseUserauth,
  SshFormatError,
  userKeyAlgorithm,
} from '@palmkey/core/ssh';
import type { ConnectionBinds } from './connection-binds.ts';
import type { RefusalCode, UserKeyView } from './login-ask.ts';

const RSA_SHA2_256 = 2;

/** What a sign request asks. */
export interface SignRequest {
  readonly key: Uint8Array;
  readonly data: Uint8Array;
  readonly flags: number;
}

/** The login, or why nobody is asked about it: all that can be refused here never reaches a phone. */
export function checkLogin(
  request: SignRequest,
  keys: readonly UserKeyView[],
  binds: ConnectionBinds,
): { readonly userauth: Userauth } | { readonly refused: RefusalCode } {
  if (binds.poisoned) return { refused: 'poisoned' };
  if (!keys.some((key) => equal(key.blob, request.key))) return { refused: 'unknown-key' };
  const flagFault = checkFlags(request);
  if (flagFault !== null) return { refused: flagFault };
  try {
    const userauth = parseUserauth(request.data);
    if (!equal(userauth.key, request.key)) return { refused: 'other-key' };
    checkBindOrder(binds.all, userauth);
    return { userauth };
  } catch (error) {
    if (error instanceof SshFormatError) return { refused: 'unparsable' };
    if (error instanceof BindError) return { refused: error.fault };
    throw error;
  }
}

/** What is wrong with a request's flags (RFC 9987 §3.6.1) for its key; null if nothing is. */
export function checkFlags({ key, flags }: SignRequest): RefusalCode | null {
  const algorithm = userKeyAlgorithm(key);
  if (algorithm === null) return 'unknown-key';
  if (agentFlagsFit(algorithm, flags)) return null;
  if (algorithm !== 'rsa-sha2-512') return 'flags';
  return flags === 0 ? 'rsa-sha1' : flags === RSA_SHA2_256 ? 'rsa-sha2-256' : 'flags';
}
