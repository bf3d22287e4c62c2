import { equal } from '@palmkey/envelope';
import type { Userauth } from '@palmkey/core/ssh';
import { agentFlagsFit, BindError, checkBindOrder, parseUserauth, SshFormatError } from '@palmkey/core/ssh';
import type { ConnectionBinds } from './connection-binds.ts';
import type { RefusalCode, UserKeyView } from './login-ask.ts';

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
  try {
    const userauth = parseUserauth(request.data);
    if (!equal(userauth.key, request.key)) return { refused: 'other-key' };
    if (!agentFlagsFit(userauth.algorithm, request.flags)) return { refused: 'flags' };
    checkBindOrder(binds.all, userauth);
    return { userauth };
  } catch (error) {
    if (error instanceof SshFormatError) return { refused: 'unparsable' };
    if (error instanceof BindError) return { refused: error.fault };
    throw error;
  }
}
