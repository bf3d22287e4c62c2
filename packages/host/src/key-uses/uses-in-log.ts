import type { LogFact } from '../control/protocol.ts';
import { isDialable } from './dialled.ts';
import type { KeyUse, Place } from './key-uses.ts';

/** The uses that a log tells, the oldest first: it names servers as ssh's known hosts do, without their port. */
export function usesInLog(newestFirst: readonly LogFact[]): (Place & Pick<KeyUse, 'key' | 'at'>)[] {
  return newestFirst.toReversed().flatMap(({ at, kind, outcome, keyFingerprint, user, host, hostFingerprint }) => {
    if (kind !== 'login' || outcome !== 'approved' || keyFingerprint === null) return [];
    const dialled = host !== null && isDialable(host) ? host : null;
    return [{ key: keyFingerprint, at, kind: 'login', user, host: dialled, port: null, hostKey: hostFingerprint }];
  });
}
