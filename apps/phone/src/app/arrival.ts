import { invitationIn } from '@palmkey/envelope';
import { parseHash } from '../engine/neighbours.ts';
import type { HexId } from '../model/hex-id.ts';
import type { AddressBar } from '../pair/take-link.ts';

/**
 * What the app was opened for, as its address says: back from a sign-in at a relay, by an invitation to it, or at a
 * request.
 */
export type Arrival =
  | { readonly is: 'signed-in' }
  | { readonly is: 'sign-in-failed'; readonly code: string }
  | { readonly is: 'invited'; readonly code: string }
  | { readonly is: 'request'; readonly hash: HexId };

const CODE = /^#sign-in-failed=([a-z-]{1,40})$/;

/** Takes what the app was opened for out of the address bar; null when there is nothing. */
export function takeArrival({ location, history }: AddressBar): Arrival | null {
  const arrival = arrivalOf(location.hash);
  if (arrival !== null) history.replaceState(null, '', '/');
  return arrival;
}

function arrivalOf(fragment: string): Arrival | null {
  if (fragment === '#signed-in') return { is: 'signed-in' };
  const failed = CODE.exec(fragment)?.[1];
  if (failed !== undefined) return { is: 'sign-in-failed', code: failed };
  const code = invitationIn(fragment);
  if (code !== null) return { is: 'invited', code };
  const hash = fragment.startsWith('#request=') ? parseHash(fragment.slice('#request='.length)) : null;
  return hash === null ? null : { is: 'request', hash };
}
