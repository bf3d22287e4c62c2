import type { ChainDevice, RevokedDevice } from '@palmkey/chain';
import { equal, toHex, type DeviceId } from '@palmkey/envelope';
import type { AccountDeviceKind, AccountDeviceView, AccountView } from '../../model/account-view.ts';
import type { Account } from './account.ts';

/** An account as its screen has it; what the relay and the pairings add is the caller's. */
export function accountView(
  account: Account,
  self: DeviceId,
): Omit<AccountView, 'alarm' | 'data' | 'moving' | 'outside'> {
  const { state, row } = account;
  const devices = deviceViews(account, self);
  const own = devices.find((device) => device.self);
  return {
    id: toHex(state.account),
    relay: row.relay,
    head: { seqno: state.head.seqno, hash: toHex(state.head.hash) },
    devices,
    hasWords: state.active.some(({ kind }) => kind === 'paper'),
    removed: own?.revoked ?? null,
  };
}

/**
 * All devices that are, or were, on the chain: the active ones first, each part in the chain's order. `self`: null for
 * a device that is not one of them yet.
 */
export function deviceViews(
  account: Pick<Account, 'state' | 'facts'>,
  self: DeviceId | null,
): readonly AccountDeviceView[] {
  const { state } = account;
  const nameOf = (id: DeviceId): string | null => account.facts(id)?.name ?? null;
  const view = (device: ChainDevice, revoked: AccountDeviceView['revoked']): AccountDeviceView => ({
    id: toHex(device.id),
    name: nameOf(device.id),
    kind: kindOf(device, account.facts(device.id)?.kind),
    self: self !== null && equal(device.id, self),
    addedAt: device.added.ctime,
    addedBy: equal(device.added.by, device.id) ? null : nameOf(device.added.by),
    revoked,
  });
  const ended = (device: RevokedDevice): AccountDeviceView =>
    view(device, { at: device.revoked.ctime, by: nameOf(device.revoked.by) });
  return [...state.active.map((device) => view(device, null)), ...state.revoked.map(ended)];
}

/** What the chain says it is goes before what it calls itself. */
function kindOf({ kind }: ChainDevice, called: AccountDeviceKind | undefined): AccountDeviceKind {
  switch (kind) {
    case 'paper':
      return 'paper';
    case 'host':
      return 'computer';
    case 'member':
      return called === undefined || called === 'paper' || called === 'computer' ? 'phone' : called;
  }
}
