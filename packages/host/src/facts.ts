/** What the daemon says of itself over the control socket. */
import { authorizedKeysLine, fingerprint, parsePublicKey } from '@palmkey/core/ssh';
import { toHex } from '@palmkey/envelope';
import type { KeyFact, PhoneFact } from './control/protocol.ts';
import type { PhoneLines } from './phone-lines.ts';
import type { Pairing } from './state/pairing-store.ts';

export function keyFacts({ peer, userKeys }: Pairing): KeyFact[] {
  return userKeys.map(({ blob, comment }) => ({
    type: parsePublicKey(blob).type,
    fingerprint: fingerprint(blob),
    comment,
    line: authorizedKeysLine(blob, comment),
    phone: peer.name,
  }));
}

export function phoneFact(pairing: Pairing, lines: PhoneLines): PhoneFact {
  const { reach, lastSeenAt, software } = lines.reachOf(pairing.peer.id);
  return {
    id: toHex(pairing.peer.id),
    name: pairing.peer.name,
    relay: pairing.relay,
    pairedAt: pairing.pairedAt,
    reach,
    lastSeenAt,
    software,
    keys: keyFacts(pairing),
  };
}
