/** From the chain to the phones of this computer: who decides, and who does no more. */
import type { ChainState } from '@palmkey/chain';
import { type DeviceName, parseDeviceName } from '@palmkey/core/devices';
import { type DeviceId, equal, toHex } from '@palmkey/envelope';
import type { ChainPhone, Pairing } from '../state/pairing-store.ts';

/** What the phones of this computer have to become. */
export interface PhoneChanges {
  readonly joined: readonly ChainPhone[];
  /** With the device that ended each. */
  readonly ended: readonly { readonly pairing: Pairing; readonly by: DeviceId }[];
}

/** What a phone is called that has not said its name to this computer. */
export function provisionalName(id: DeviceId): DeviceName {
  return parseDeviceName(`phone ${shortId(id)}`);
}

/** A device as it appears in a log. */
export function shortId(id: DeviceId): string {
  return toHex(id).slice(0, 8);
}

/**
 * What a state of the chain says of the phones. All members decide, and those that were revoked do not, however they came
 * to be known; a phone that is on no chain stays as it is. A computer that is out of the account has no phone of it.
 */
export function phoneChanges(
  state: ChainState,
  self: DeviceId,
  pairings: readonly Pairing[],
  { relay, now }: { readonly relay: string; readonly now: number },
): PhoneChanges {
  const ownEnd = state.revoked.find(({ id }) => equal(id, self));
  const known = new Set(pairings.map(({ peer }) => toHex(peer.id)));
  const joined = state.members
    .filter(({ id, kind }) => ownEnd === undefined && kind === 'member' && !known.has(toHex(id)))
    .map(({ id, signingKey, agreementKey }) => {
      const peer = { id, signingKey, agreementKey, name: provisionalName(id), role: 'decides' } as const;
      return { by: 'chain', peer, relay, pairedAt: now, userKeys: [] } as const;
    });
  const ended = pairings.flatMap((pairing) => {
    const device = state.findEver(pairing.peer.id);
    if (device === undefined) return [];
    const end = 'revoked' in device ? device.revoked : ownEnd?.revoked;
    return end === undefined ? [] : [{ pairing, by: end.by }];
  });
  return { joined, ended };
}
