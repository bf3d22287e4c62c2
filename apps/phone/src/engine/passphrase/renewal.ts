import { joinByPhrase, sealPerUserBox } from '@palmkey/core/account';
import type { DeviceKeys } from '@palmkey/core/devices';
import { publicDevice } from '@palmkey/core/devices';
import { toHex } from '@palmkey/envelope';
import { makeDevice, openDevice } from '../../keyring/device-keyring.ts';
import type { DeviceRow } from '../../keyring/device-keyring.ts';
import type { RenewalRow } from '../../store/schema.ts';
import type { Store } from '../../store/store.ts';
import type { AccountDesk } from '../account/account-desk.ts';
import { AccountError } from '../account/account-error.ts';
import { accountNameOf } from '../account/account-name.ts';
import { keyRow } from '../account/account-rows.ts';
import type { EnginePorts } from '../ports.ts';

/** What a renewal works with. */
export interface RenewalDeps {
  readonly ports: Pick<EnginePorts, 'primitives' | 'clock' | 'deviceKind'>;
  readonly store: Store;
  readonly desk: AccountDesk;
  /** This device, as it is until then. */
  readonly device: DeviceKeys;
  readonly row: DeviceRow;
}

/** What is of the former device alone: messages that it has sealed, requests that came to it, and what was replayed to it. */
const OF_THE_FORMER = ['outbox', 'requests', 'replay'] as const;
const TABLES = ['device', 'account', 'pairings', 'renewal', ...OF_THE_FORMER] as const;

/**
 * Gives this device new keys, which a passphrase can lock: they come onto the account's chain as a new device beside the
 * former one, take its place here in one transaction, and then take it out of the account. What is begun and not finished
 * goes on with the same keys when it is called again. Afterwards the session is of no use any more. Throws what acts on
 * the chain throw, and a StoreError.
 */
export async function renewDevice({ ports, store, desk, device, row }: RenewalDeps): Promise<void> {
  const { primitives, clock, deviceKind } = ports;
  const { account, acts } = desk;
  const next = (await saved(store)) ?? (await save(store, await makeDevice(row.name, clock.now(), true)));
  const keys = await openDevice(next);
  await acts.perform(async (actor, state, key) => {
    if (state.find(keys.id) !== undefined) return null;
    const facts = { kind: deviceKind, name: accountNameOf(row.name, account.names) };
    const act = await joinByPhrase(actor, state, key, keys, facts, account.names);
    return { act, facts: [keys.id, act.facts] };
  });
  const { state, perUserKey } = account;
  if (state.find(keys.id) === undefined || perUserKey === undefined) throw new AccountError('no-key');
  const self = publicDevice(keys.signer.publicKey, keys.agreement.publicKey);
  const { box } = keyRow(await sealPerUserBox(primitives, device, self, perUserKey), []);
  const inside = new Set(state.active.map(({ id }) => toHex(id)));
  await store.transact('write', TABLES, async (rows) => {
    const kept = await rows.get('account', 'account');
    if (kept === undefined) throw new AccountError('no-key');
    const ending = [...kept.ending, toHex(device.id)];
    await rows.put('account', { ...kept, revision: kept.revision + 1, signed: null, box, ending });
    await rows.put('device', next);
    for (const pairing of await rows.all('pairings')) {
      // By its pairing a computer knows the former device alone; by the chain it knows this one.
      const known = { ...pairing, transcript: null, phoneSignature: null, hostSignature: null, grant: null };
      if (inside.has(pairing.id)) await rows.put('pairings', known);
      else await rows.delete('pairings', pairing.id);
    }
    for (const table of OF_THE_FORMER) for (const { id } of await rows.all(table)) await rows.delete(table, id);
    await rows.delete('renewal', 'renewal');
  });
}

async function saved(store: Store): Promise<DeviceRow | null> {
  const found = await store.transact('read', ['renewal'], (rows) => rows.get('renewal', 'renewal'));
  return found?.device ?? null;
}

/** Before anything of it is posted: nobody else has these keys. */
async function save(store: Store, device: DeviceRow): Promise<DeviceRow> {
  const row: RenewalRow = { id: 'renewal', device };
  await store.transact('write', ['renewal'], (rows) => rows.put('renewal', row));
  return device;
}
