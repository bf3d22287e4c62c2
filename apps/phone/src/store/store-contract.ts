import type { PinRow, SettingsRow } from './schema.ts';
import type { Store } from './store.ts';
import { StoreError } from './store.ts';

/** What a case works with: an empty store, and a second look at the same tables as after a reload. */
export interface ContractStores {
  readonly open: () => Promise<Store>;
}

/** One thing that every {@link Store} does; `run` rejects when it does not. */
export interface ContractCase {
  readonly name: string;
  readonly run: (stores: ContractStores) => Promise<void>;
}

const settings = (secondWayAcknowledged: boolean): SettingsRow => ({
  id: 'settings',
  secondWayAcknowledged,
  lock: null,
});
const pin = (name: string): PinRow => ({
  id: `22/ssh-ed25519/${name}`,
  name,
  port: 22,
  keyType: 'ssh-ed25519',
  hostKey: Uint8Array.of(1, 2, 3),
  pinnedAt: 5,
  computers: ['1a'],
});

/** The contract of {@link Store}, runnable in Node and in a page: no test library is needed. */
export const storeContract: readonly ContractCase[] = [
  {
    name: 'finds nothing in an empty table',
    run: async ({ open }) => {
      const store = await open();
      const found = await store.transact('read', ['pins'], async (transaction) => [
        await transaction.get('pins', 'x'),
        await transaction.all('pins'),
      ]);
      check(found[0] === undefined && Array.isArray(found[1]) && found[1].length === 0);
    },
  },
  {
    name: 'puts, replaces, lists by id, and deletes',
    run: async ({ open }) => {
      const store = await open();
      await store.transact('write', ['pins'], async (transaction) => {
        await transaction.put('pins', pin('b'));
        await transaction.put('pins', pin('a'));
        await transaction.put('pins', { ...pin('b'), pinnedAt: 6 });
        await transaction.put('pins', pin('c'));
        await transaction.delete('pins', pin('c').id);
        await transaction.delete('pins', 'was never there');
      });
      const rows = await store.transact('read', ['pins'], (transaction) => transaction.all('pins'));
      check(rows.map(({ name, pinnedAt }) => `${name}${pinnedAt}`).join() === 'a5,b6');
    },
  },
  {
    name: 'reads its own writes in the same transaction',
    run: async ({ open }) => {
      const store = await open();
      const row = await store.transact('write', ['settings'], async (transaction) => {
        await transaction.put('settings', settings(true));
        return transaction.get('settings', 'settings');
      });
      check(row?.secondWayAcknowledged === true);
    },
  },
  {
    name: 'keeps bytes as bytes, and gives copies',
    run: async ({ open }) => {
      const store = await open();
      const row = pin('a');
      await store.transact('write', ['pins'], (transaction) => transaction.put('pins', row));
      row.hostKey.fill(9);
      const read = () => store.transact('read', ['pins'], (transaction) => transaction.get('pins', row.id));
      const first = await read();
      check(first?.hostKey instanceof Uint8Array && first.hostKey.join() === '1,2,3');
      first.hostKey.fill(8);
      check((await read())?.hostKey.join() === '1,2,3');
    },
  },
  {
    name: 'keeps keys that cannot be exported, usable and still not exportable',
    run: async ({ open }) => {
      const signing = await crypto.subtle.generateKey({ name: 'Ed25519' }, false, ['sign', 'verify']);
      const row = { id: 'k', name: 'k', blob: new Uint8Array(51), privateKey: signing.privateKey, createdAt: 0 };
      await (await open()).transact('write', ['keys'], (transaction) => transaction.put('keys', row));
      const kept = await (await open()).transact('read', ['keys'], (transaction) => transaction.get('keys', 'k'));
      check(kept?.privateKey.extractable === false);
      const signature = await crypto.subtle.sign({ name: 'Ed25519' }, kept.privateKey, Uint8Array.of(1));
      check(await crypto.subtle.verify({ name: 'Ed25519' }, signing.publicKey, signature, Uint8Array.of(1)));
    },
  },
  {
    name: 'undoes everything when the work throws, and throws the same',
    run: async ({ open }) => {
      const store = await open();
      const fault = new Error('ours');
      const thrown = await rejection(
        store.transact('write', ['settings', 'pins'], async (transaction) => {
          await transaction.put('settings', settings(true));
          await transaction.put('pins', pin('a'));
          throw fault;
        }),
      );
      check(thrown === fault);
      const found = await store.transact('read', ['settings', 'pins'], async (transaction) => [
        await transaction.get('settings', 'settings'),
        await transaction.get('pins', pin('a').id),
      ]);
      check(found.every((row) => row === undefined));
    },
  },
  {
    name: 'is found as it was by the next one to open it',
    run: async ({ open }) => {
      const store = await open();
      await store.transact('write', ['settings'], (transaction) => transaction.put('settings', settings(true)));
      store.close();
      const next = await open();
      const row = await next.transact('read', ['settings'], (transaction) => transaction.get('settings', 'settings'));
      check(row?.secondWayAcknowledged === true);
    },
  },
  {
    name: 'runs writes to one table one after the other',
    run: async ({ open }) => {
      const store = await open();
      await store.transact('write', ['pins'], (transaction) => transaction.put('pins', { ...pin('n'), pinnedAt: 0 }));
      const add = () =>
        store.transact('write', ['pins'], async (transaction) => {
          const row = await transaction.get('pins', pin('n').id);
          await transaction.put('pins', { ...pin('n'), pinnedAt: (row?.pinnedAt ?? 0) + 1 });
        });
      await Promise.all(Array.from({ length: 20 }, add));
      const row = await store.transact('read', ['pins'], (transaction) => transaction.get('pins', pin('n').id));
      check(row?.pinnedAt === 20);
    },
  },
  {
    name: 'refuses to write in a read transaction, to leave its tables, and to work once closed',
    run: async ({ open }) => {
      const store = await open();
      const writes = store.transact('read', ['settings'], (transaction) => transaction.put('settings', settings(true)));
      check((await rejection(writes)) instanceof StoreError);
      const strays = store.transact('read', ['settings'], (transaction) => transaction.all('pins'));
      check((await rejection(strays)) instanceof StoreError);
      store.close();
      const late = store.transact('read', ['settings'], (transaction) => transaction.all('settings'));
      check((await rejection(late)) instanceof StoreError);
    },
  },
];

async function rejection(promise: Promise<unknown>): Promise<unknown> {
  try {
    await promise;
  } catch (error) {
    return error;
  }
  throw new Error('did not reject');
}

function check(holds: boolean): asserts holds {
  if (!holds) throw new Error('does not hold');
}
