/** What the daemon says of itself over the control socket. */
import { authorizedKeysLine, fingerprint, parsePublicKey } from '@palmkey/core/ssh';
import type { UserKey } from '@palmkey/core/pairing';
import { toHex } from '@palmkey/envelope';
import type { ClientState } from '@palmkey/relay-client';
import type { HostAccount } from './account/host-account.ts';
import type { KeyFact, PhoneFact, RelayFact } from './control/protocol.ts';
import type { PhoneLines } from './lines/phone-lines.ts';
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

export function phoneFact(pairing: Pairing, lines: PhoneLines, account: HostAccount): PhoneFact {
  const { reach, lastSeenAt, software, agreed, tooNew, push } = lines.reachOf(pairing.peer.id);
  return {
    id: toHex(pairing.peer.id),
    name: pairing.peer.name,
    relay: pairing.relay,
    pairedAt: pairing.pairedAt,
    reach,
    lastSeenAt,
    software,
    protocol: agreed?.is === 'speaking' ? agreed.protocol : null,
    update: tooNew || agreed?.is === 'update-us' ? 'us' : agreed?.is === 'update-peer' ? 'phone' : null,
    push,
    keys: keyFacts(pairing),
    inAccount: account.isMember(pairing.peer.id),
  };
}

/** A relay as it stands; nothing answering there is `unreachable`. */
export function relayFact(url: string, state: ClientState, lastContactAt: number | null): RelayFact {
  return { url, state: state.is === 'idle' ? 'connecting' : state.is, problem: problemOf(state), lastContactAt };
}

function problemOf(state: ClientState): string | null {
  if (state.is === 'refused') return state.code;
  if (state.is !== 'waiting') return null;
  return state.lastError === 'not-connected' ? 'unreachable' : state.lastError;
}

/** The user keys of all pairings, each once. */
export function userKeysOf(pairings: readonly Pairing[]): UserKey[] {
  const keys = pairings.flatMap(({ userKeys }) => userKeys);
  return [...new Map(keys.toReversed().map((key) => [toHex(key.blob), key])).values()].toReversed();
}
