import { equal } from '@palmkey/envelope';
import type { HostKeyVerifier, SessionBind } from './session-bind.ts';
import type { Userauth } from './userauth.ts';
import { BindError } from './errors.ts';
import { verifySessionBind } from './session-bind.ts';

/** The most binds of one connection: as many as OpenSSH's agent keeps. */
export const MAX_BINDS = 16;

/** What the binds prove: the servers on the way, the one logged in to last; or nothing. */
export type BindCheck =
  { readonly is: 'verified'; readonly hops: readonly [Uint8Array, ...Uint8Array[]] } | { readonly is: 'unbound' };

/**
 * Whether the binds fit each other and the login, their signatures aside: at most 16, no session id twice, all but the
 * last forwarding and the last not, the login of the last one's session and, where it names a server, of its server;
 * beyond the first hop it must name one (spec/ssh.md). No binds fit every login. Throws {@link BindError}.
 */
export function checkBindOrder(binds: readonly SessionBind[], userauth: Userauth): void {
  const last = binds.at(-1);
  if (last === undefined) return;
  if (binds.length > MAX_BINDS) throw new BindError('too-many');
  if (binds.some((bind) => bind.forwarding === (bind === last))) throw new BindError('forwarding-order');
  const repeated = binds.some((a, i) => binds.slice(0, i).some((b) => equal(a.sessionId, b.sessionId)));
  if (repeated) throw new BindError('repeated');
  if (!equal(last.sessionId, userauth.sessionId)) throw new BindError('session');
  if (userauth.hostKey !== null && !equal(last.hostKey, userauth.hostKey)) throw new BindError('server');
  if (binds.length > 1 && userauth.method !== 'hostbound') throw new BindError('method');
}

/**
 * {@link checkBindOrder}, and every bind's signature. With binds: the host key blobs of the servers on the way, in
 * order; without: `unbound`, which proves no server. Throws {@link BindError}.
 */
export async function checkBinds(
  binds: readonly SessionBind[],
  userauth: Userauth,
  verify: HostKeyVerifier,
): Promise<BindCheck> {
  checkBindOrder(binds, userauth);
  for (const bind of binds) if (!(await verifySessionBind(verify, bind))) throw new BindError('signature');
  const [first, ...rest] = binds.map((bind) => bind.hostKey);
  return first === undefined ? { is: 'unbound' } : { is: 'verified', hops: [first, ...rest] };
}
