import { type ChainState, isMember } from '@palmkey/chain';
import { type DeviceId, toHex } from '@palmkey/envelope';
import { type Actor, boxesFor, type ChainAct, expectLatest, LinkRow } from './act.ts';
import { newPerUserKey, type PerUserKey } from './per-user-key.ts';
import { type PreviousSeed, sealPreviousSeed } from './per-user-key-records.ts';

/** Devices that are ended by this. */
export interface RevokeAct extends ChainAct {
  /** The latest generation then: a new one if a member was among them, else the one that there was. */
  readonly perUserKey: PerUserKey;
}

/**
 * Ends devices, 1 to 32 of them: `revoke`, and if one of them is a member the next generation, a box for each member that
 * remains, and the previous seed. Rejects with `ChainError`: `no-such-device`, `not-allowed` for the device itself,
 * `bad-link` for too many.
 */
export async function revokeDevices(
  actor: Actor,
  state: ChainState,
  former: PerUserKey,
  devices: readonly DeviceId[],
): Promise<RevokeAct> {
  expectLatest(state, former);
  const row = new LinkRow(state, actor.device);
  const endsMember = devices.map((id) => state.find(id)).some((device) => device && isMember(device));
  if (!endsMember) {
    await row.add(actor, { type: 'revoke', body: { devices: ascending(devices) } });
    return { ...(await row.done(actor.primitives)), boxes: [], seeds: [], perUserKey: former };
  }
  const { perUserKey, seed } = await addRevocation(row, actor, former, devices);
  const done = await row.done(actor.primitives);
  const boxes = await boxesFor(actor, done.after.members, perUserKey);
  return { ...done, boxes, seeds: [seed], perUserKey };
}

/** The two links that end a member and give those who remain a new key. */
export async function addRevocation(
  row: LinkRow,
  actor: Actor,
  former: PerUserKey,
  devices: readonly DeviceId[],
): Promise<{ readonly perUserKey: PerUserKey; readonly seed: PreviousSeed }> {
  const perUserKey = await newPerUserKey(actor.primitives, former.generation + 1);
  const { agreementKey, generation, signingKey } = perUserKey;
  await row.add(actor, { type: 'revoke', body: { devices: ascending(devices) } });
  await row.add(actor, { type: 'puk', body: { puk: { agreementKey, generation, signingKey } } });
  return { perUserKey, seed: sealPreviousSeed(actor.primitives, perUserKey, former) };
}

function ascending(ids: readonly DeviceId[]): readonly DeviceId[] {
  return [...ids].sort((a, b) => (toHex(a) < toHex(b) ? -1 : 1));
}
