/** The store as a whole: read when a session begins, and emptied when a device begins anew. */
import type { DeviceRow } from '../keyring/device-keyring.ts';
import { UserKey, type UserKeyRow } from '../keyring/user-key.ts';
import type { HistoryRow, NoticesRow, PairingRow, PermissionRow, PinRow, SettingsRow } from '../store/schema.ts';
import { TABLES } from '../store/schema.ts';
import type { Store } from '../store/store.ts';
import { sortedHistory } from './history.ts';
import type { PhoneState } from './phone-state.ts';

/** What a session begins with; each of its parts reads the rest by itself. */
export interface WholeStore {
  readonly device: DeviceRow | null;
  readonly keys: readonly UserKeyRow[];
  readonly pairings: readonly PairingRow[];
  readonly pins: readonly PinRow[];
  readonly history: readonly HistoryRow[];
  readonly settings: SettingsRow | null;
  readonly permissions: readonly PermissionRow[];
  readonly notices: NoticesRow | null;
}

/** Throws a StoreError. */
export function readStore(store: Store): Promise<WholeStore> {
  return store.transact('read', TABLES, async (transaction) => ({
    device: (await transaction.get('device', 'device')) ?? null,
    keys: await transaction.all('keys'),
    pairings: await transaction.all('pairings'),
    pins: await transaction.all('pins'),
    history: await transaction.all('history'),
    settings: (await transaction.get('settings', 'settings')) ?? null,
    permissions: await transaction.all('permissions'),
    notices: (await transaction.get('notices', 'notices')) ?? null,
  }));
}

/** Deletes every row. Throws a StoreError. */
export function emptyStore(store: Store): Promise<void> {
  return store.transact('write', TABLES, async (transaction) => {
    for (const table of TABLES) for (const { id } of await transaction.all(table)) await transaction.delete(table, id);
  });
}

/** Takes what was read into what the app knows. Throws a UserKeyError for a key that this app does not make. */
export function fillState(state: PhoneState, rows: WholeStore): void {
  state.deviceName = rows.device?.name ?? '';
  state.keys = rows.keys.toSorted((a, b) => a.createdAt - b.createdAt).map((row) => new UserKey(row));
  for (const row of rows.pairings) state.pairings.set(row.id, row);
  for (const row of rows.pins) state.pins.set(row.id, row);
  state.history = sortedHistory(rows.history);
  state.secondWayAcknowledged = rows.settings?.secondWayAcknowledged ?? false;
  state.notices = rows.notices ?? state.notices;
}

/** The latest time that any row tells of, ms since 1970: a clock that stands before it was set back. 0 for none. */
export function latestTimeIn({ pairings, permissions, history }: WholeStore): number {
  const times = [
    ...pairings.map(({ lastSeenAt }) => lastSeenAt),
    ...permissions.flatMap(({ lastUsedAt, revokedAt }) => [lastUsedAt, revokedAt]),
    ...history.map(({ at }) => at),
  ];
  return times.reduce<number>((latest, time) => Math.max(latest, time ?? 0), 0);
}
