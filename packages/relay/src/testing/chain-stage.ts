/** What tests of chains at a relay play on: a node on a store, and what its refusals look like. */
import { parseGrant, type AccountId } from '@palmkey/envelope';
import { createHash } from 'node:crypto';
import { expect } from 'vitest';
import { ChainDesk } from '../chain/chain-desk.ts';
import type { ChainUser } from '../socket/order-ports.ts';
import { AccountStore } from '../store/account-store.ts';
import { ChainDataStore } from '../store/chain-data-store.ts';
import { ChainGrantStore } from '../store/chain-grant-store.ts';
import { ChainStore } from '../store/chain-store.ts';
import type { Database } from '../store/database.ts';
import { DeviceStore } from '../store/device-store.ts';
import { Registry } from '../store/registry.ts';
import { TestPeople } from './test-chain.ts';
import { TestClock } from './test-clock.ts';
import type { TestDevice } from './test-device.ts';
import type { TestStores } from './test-stores.ts';

export const failing = (code: string): Error => expect.objectContaining({ name: 'RelayError', code }) as Error;
export const refusedFor = (reason: string, seqno: number): Error =>
  expect.objectContaining({ code: 'bad-chain', refusal: { reason, seqno } }) as Error;
export const grantOf = (n: number) => parseGrant(new Uint8Array(32).fill(n));
export const sha256 = (bytes: Uint8Array) => new Uint8Array(createHash('sha256').update(bytes).digest());
/** A device of an account, of its own where none is named. */
export const as = (device: TestDevice, account: Uint8Array = device.id): ChainUser => ({
  device: device.id,
  account: account as AccountId,
  joins: null,
});
/** A device that a grant lets join a chain. */
export const joining = (device: TestDevice, chain: AccountId): ChainUser => ({ ...as(device), joins: chain });

/** One node of a relay on a store, as far as chains go. */
export function nodeOn(database: Database, clock = new TestClock(), maxDevices = 1_000) {
  const grants = new ChainGrantStore(database);
  const chains = new ChainStore(database, { maxDevices });
  const desk = new ChainDesk({ clock, chains, grants, data: new ChainDataStore(database) });
  return {
    clock,
    database,
    desk,
    chains,
    grants,
    registry: new Registry(database, { maxDevices, onAccountChanged: () => undefined }),
    devices: new DeviceStore(database, { open: false }),
    accounts: new AccountStore(database),
  };
}

/** A relay that knows ada, whose chain has begun there. */
export async function begunIn(stores: TestStores, maxDevices = 1_000) {
  const node = nodeOn(await stores.open(), new TestClock(), maxDevices);
  const people = new TestPeople();
  const ada = people.device('ada');
  await node.registry.admitByOperator(ada, node.clock.now());
  const chain = await people.begin('ada');
  const change = await node.desk.post(as(ada), chain.post({ boxes: ['ada'] }));
  return { ...node, people, ada, chain, change };
}
