/** What the daemon says of its account over the control socket. */
import { type ChainDevice, type ChainState } from '@palmkey/chain';
import { type DeviceId, equal, toHex } from '@palmkey/envelope';
import type { AccountDeviceFact, AccountFact, AccountSummary } from '../control/account-calls.ts';
import type { Pairing } from '../state/pairing-store.ts';
import { provisionalName, shortId } from './account-phones.ts';
import type { HostAccount } from './host-account.ts';
import type { MoveTrouble } from './moving.ts';

/** Who knows whom by which name. */
export interface Known {
  readonly self: { readonly id: DeviceId; readonly name: string };
  readonly pairings: readonly Pairing[];
  /** What phones of the account called themselves, by DeviceId in hexadecimal; those too that are out of it. */
  readonly names: ReadonlyMap<string, string>;
}

/** Null where this computer never was in an account. */
export function accountSummary(account: HostAccount, known: Known, moving: MoveTrouble | null): AccountSummary | null {
  const { state, place, alarm } = account;
  if (state === null || place === null) return null;
  const end = state.revoked.find(({ id }) => equal(id, known.self.id))?.revoked;
  return {
    id: toHex(state.account),
    relay: place.relay,
    head: { seqno: state.head.seqno, hash: toHex(state.head.hash) },
    active: state.active.length,
    current: account.isCurrent,
    alarm,
    moving,
    removed:
      end === undefined ? null : { at: end.ctime, by: equal(end.by, known.self.id) ? null : nameOrId(known, end.by) },
  };
}

/** The same with the devices. */
export function accountFact(account: HostAccount, known: Known, moving: MoveTrouble | null): AccountFact | null {
  const summary = accountSummary(account, known, moving);
  const { state } = account;
  return summary && state && { ...summary, devices: deviceFacts(state, known) };
}

function deviceFacts(state: ChainState, known: Known): AccountDeviceFact[] {
  return state.active.map((device) => ({
    id: toHex(device.id),
    name: nameOf(known, device.id),
    kind: kindOf(device),
    self: equal(device.id, known.self.id),
    addedAt: device.added.ctime,
    addedBy: equal(device.added.by, device.id) ? null : nameOrId(known, device.added.by),
  }));
}

/** What a device is to a person. */
export function kindOf({ kind }: Pick<ChainDevice, 'kind'>): AccountDeviceFact['kind'] {
  return kind === 'member' ? 'phone' : kind === 'host' ? 'computer' : 'paper';
}

/** The name that a device has told this computer; null where it has not. */
export function nameOf({ self, pairings, names }: Known, id: DeviceId): string | null {
  if (equal(id, self.id)) return self.name;
  const name = pairings.find(({ peer }) => equal(peer.id, id))?.peer.name;
  return name === undefined || name === provisionalName(id) ? (names.get(toHex(id)) ?? null) : name;
}

/** For a sentence: a name, or the beginning of the id. */
export function nameOrId(known: Known, id: DeviceId): string {
  return nameOf(known, id) ?? shortId(id);
}
