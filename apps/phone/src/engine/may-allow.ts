import type { RequestView } from '../model/request-view.ts';
import type { NoticesRow } from '../store/schema.ts';
import type { PhoneState } from './phone-state.ts';

/** A notification shows so much of a line on the smallest screens; what is longer could be cut where it matters. */
const FITS = 48;
const PLAIN = /^[\x21-\x7e]+$/;

/** Whether anything may be decided now: the account is not in doubt, and this device is one of it. */
export function mayDecide({ account }: Pick<PhoneState, 'account'>): boolean {
  const view = account();
  return view === null || (view.alarm === null && view.removed === null);
}

/**
 * Whether a request may be allowed from its notification: a login with a key for which the person said so, to a pinned
 * server, directly, with nothing unusual about it, and so short and plain that all of it can be read there.
 */
export function mayAllow(request: RequestView, { keys, notices }: Pick<PhoneState, 'keys' | 'notices'>): boolean {
  if (request.kind !== 'login' || !request.key.here || request.unusual.length > 0) return false;
  const { host, user, hostKey, certificate, hops, computer, key } = request;
  if (hostKey.is !== 'pinned' || host === null || hops.length > 0) return false;
  if (certificate !== null && certificate.state !== 'valid') return false;
  return allows(notices, keys, key.fingerprint) && fits(host.name, user) && computer.name.length <= FITS / 2;
}

function allows({ allowKeys }: NoticesRow, keys: PhoneState['keys'], fingerprint: string): boolean {
  return keys.some((key) => key.fingerprint === fingerprint && allowKeys.includes(key.id));
}

function fits(host: string, user: string): boolean {
  return PLAIN.test(host) && PLAIN.test(user) && host.length + user.length <= FITS;
}
