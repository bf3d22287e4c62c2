import type { Answer, Request } from '@palmkey/core/requests';
import { parseRequest } from '@palmkey/core/requests';
import type { HostKeyVerifier } from '@palmkey/core/ssh';
import { BindError } from '@palmkey/core/ssh';
import { PalmkeyError } from '@palmkey/envelope';
import { CheckedLogin } from '../keyring/checked-login.ts';
import type { UserKey } from '../keyring/user-key.ts';

/** A request for a person to decide. */
export interface WaitVerdict {
  readonly is: 'wait';
  readonly request: Request;
  readonly login: CheckedLogin;
  readonly key: UserKey;
}

/** A request that the phone answers by itself. */
export interface AnswerVerdict {
  readonly is: 'answer';
  readonly answer: Answer;
  readonly request: Request;
  /** What the history can tell about it. */
  readonly login: CheckedLogin | null;
}

/** What becomes of a request by itself, before anybody is asked and apart from what came before. */
export type Verdict = WaitVerdict | AnswerVerdict | { readonly is: 'unreadable' };

/**
 * Judges a request's bytes by the table of refusals in spec/requests.md. `sentAt` is the time in the message around
 * it, by the computer's own clock like the request's. Never throws for what a computer sent.
 */
export async function judgeRequest(
  bytes: Uint8Array,
  sentAt: number,
  verify: HostKeyVerifier,
  keyFor: (blob: Uint8Array) => UserKey | undefined,
): Promise<Verdict> {
  const request = parsed(bytes);
  if (request === null) return { is: 'unreadable' };
  if (sentAt >= request.expires) return refused('expired', request);
  if (request.kind === 'ping')
    return { is: 'answer', answer: { is: 'approve', signature: new Uint8Array() }, request, login: null };
  try {
    const login = await CheckedLogin.check(bytes, verify);
    const key = keyFor(login.userauth.key);
    return key === undefined ? refused('unknown-key', request, login) : { is: 'wait', request, login, key };
  } catch (error) {
    if (error instanceof BindError) return refused('bad-bind', request);
    if (error instanceof PalmkeyError) return refused('unparsable', request);
    throw error;
  }
}

function parsed(bytes: Uint8Array): Request | null {
  try {
    return parseRequest(bytes);
  } catch (error) {
    if (error instanceof PalmkeyError) return null;
    throw error;
  }
}

function refused(
  code: 'unparsable' | 'bad-bind' | 'unknown-key' | 'expired',
  request: Request,
  login: CheckedLogin | null = null,
): AnswerVerdict {
  return { is: 'answer', answer: { is: 'refuse', code, skew: null }, request, login };
}
