import type { Paths } from '../paths.ts';
import { StateError } from '../state/errors.ts';
import { Claims } from './claims.ts';
import { writeKnownHostsCommand } from './known-hosts-command.ts';

/**
 * Writes the script by which an ssh says where it goes, and listens to what it says.
 * @throws StateError `not-writable`
 */
export function openClaims(at: Paths): Claims {
  try {
    writeKnownHostsCommand(at.knownHostsCommand, at.claims);
    return new Claims({ path: at.claims });
  } catch (cause) {
    if (cause instanceof StateError) throw cause;
    throw new StateError('not-writable', at.host, null, cause);
  }
}
