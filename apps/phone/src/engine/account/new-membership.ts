import { beginAccount } from '@palmkey/core/account';
import type { DeviceKeys } from '@palmkey/core/devices';
import { equal, toHex } from '@palmkey/envelope';
import type { EnginePorts } from '../ports.ts';
import { accountNameOf } from './account-name.ts';
import { factsRow, keyRow, type NewMembership } from './account-rows.ts';

/** Begins an account with this device as its first member, under its name or one that is near to it: no relay is needed. */
export async function newMembership(
  { primitives, clock, deviceKind }: Pick<EnginePorts, 'primitives' | 'clock' | 'deviceKind'>,
  device: DeviceKeys,
  deviceName: string,
): Promise<NewMembership> {
  const actor = { primitives, device, ctime: clock.now() };
  const begun = await beginAccount(actor, { kind: deviceKind, name: accountNameOf(deviceName) });
  const box = begun.boxes.find(({ receiver }) => equal(receiver, device.id));
  if (box === undefined) throw new RangeError('an account without a box for its first member');
  return {
    account: toHex(begun.after.account),
    links: begun.links,
    facts: factsRow(device.id, begun.facts, false),
    pin: null,
    relay: null,
    ...keyRow(box, []),
  };
}
