import type { AccountRecord } from '@palmkey/envelope';
import { afterAll, describe, expect, test } from 'vitest';
import { limits } from '../limits.ts';
import { ChainDataStore } from '../store/chain-data-store.ts';
import { as, begunIn, failing } from '../testing/chain-stage.ts';
import { testableDialects, TestStores } from '../testing/test-stores.ts';
import { ChainDesk } from './chain-desk.ts';

describe.each(testableDialects)('account data and what a chain may take, in a store in %s', (dialect) => {
  const stores = new TestStores(dialect);
  afterAll(() => stores[Symbol.asyncDispose]());
  const begun = (maxDevices?: number) => begunIn(stores, maxDevices);

  test('account data is written in the place of the revision that is named, and of no other', async () => {
    const { desk, ada, chain } = await begun();
    const record = (name: string, revision: number, byte = 1): AccountRecord => ({
      name,
      revision,
      bytes: Uint8Array.of(byte),
    });
    await desk.write(as(ada), record('facts/b', 0, 1));
    await desk.write(as(ada), record('facts/a', 0, 2));
    expect(await desk.write(as(ada), record('facts/A', 0, 3))).toEqual({
      account: ada.id,
      word: { account: chain.account, revision: 3 },
      members: [ada.id],
    });
    for (const revision of [0, 2]) {
      await expect(desk.write(as(ada), record('facts/b', revision))).rejects.toEqual(failing('conflict'));
    }
    await expect(desk.write(as(ada), record('facts/c', 1))).rejects.toEqual(failing('conflict'));
    const both = [1, 2].map((byte) => desk.write(as(ada), record('facts/b', 1, byte)));
    expect((await Promise.allSettled(both)).map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
    const all = await desk.read(as(ada), 0);
    expect(all.latest).toBe(4);
    expect(all.records.map(({ name, revision }) => [name, revision])).toEqual([
      ['facts/a', 2],
      ['facts/A', 3],
      ['facts/b', 4],
    ]);
    expect(await desk.read(as(ada), 2)).toEqual({ latest: 4, records: all.records.slice(1) });
    expect(await desk.read(as(ada), 4)).toEqual({ latest: 4, records: [] });
  });

  test('a record of no bytes takes away what stands there, and its revision does not come again', async () => {
    const { desk, ada } = await begun();
    const write = (revision: number, bytes: Uint8Array) => desk.write(as(ada), { name: 'a', revision, bytes });
    await write(0, Uint8Array.of(1));
    await expect(write(2, new Uint8Array(0))).rejects.toEqual(failing('conflict'));
    expect(await write(1, new Uint8Array(0))).toBeNull();
    await expect(write(1, new Uint8Array(0))).rejects.toEqual(failing('conflict'));
    expect(await desk.read(as(ada), 0)).toEqual({ latest: 1, records: [] });
    expect((await write(0, Uint8Array.of(2)))?.word.revision).toBe(2);
  });

  test('a chain has so many records, and a new one is one too many then', async () => {
    const { desk, ada, database, chain } = await begun();
    const rows = Array.from({ length: limits.recordsPerChain }, (_, n) => ({
      chain: chain.account,
      name: Buffer.from(`n${n}`),
      revision: n + 1,
      record: Uint8Array.of(n & 255),
    }));
    for (let from = 0; from < rows.length; from += 256) {
      await database.db
        .insertInto('chain_records')
        .values(rows.slice(from, from + 256))
        .execute();
    }
    await database.db.updateTable('chains').set({ records_revision: rows.length }).execute();
    await expect(desk.write(as(ada), { name: 'x', revision: 0, bytes: Uint8Array.of(1) })).rejects.toEqual(
      failing('quota'),
    );
    await desk.write(as(ada), { name: 'n7', revision: 8, bytes: Uint8Array.of(1) });
  });

  test('a chain of as many bytes as there may be takes no more', async () => {
    const { desk, ada, chain, database } = await begun();
    await database.db
      .updateTable('chains')
      .set({ bytes: limits.chainBytes - 10 })
      .execute();
    await chain.maker.host('ada', 'host');
    await expect(desk.post(as(ada), chain.post())).rejects.toEqual(failing('quota'));
    expect((await desk.ask(as(ada)))?.seqno).toBe(1);
  });

  test('a device posts so many times a minute', async () => {
    const { desk, ada, chain, clock } = await begun();
    const again = chain.postOf(0, chain.maker.links, { boxes: ['ada'] });
    for (let n = 1; n < limits.chainPostsPerMinute; n++) expect(await desk.post(as(ada), again)).toBeNull();
    await expect(desk.post(as(ada), again)).rejects.toEqual(failing('rate-limited'));
    clock.advance(2_000);
    expect(await desk.post(as(ada), again)).toBeNull();
  });

  test('a device reads what is beside its chain so many times a minute', async () => {
    const { desk, ada, clock } = await begun();
    for (let n = 1; n < limits.chainReadsPerMinute; n++) await desk.read(as(ada), 0);
    await desk.boxes(as(ada), 0);
    await expect(desk.boxes(as(ada), 0)).rejects.toEqual(failing('rate-limited'));
    await expect(desk.read(as(ada), 0)).rejects.toEqual(failing('rate-limited'));
    clock.advance(100);
    expect((await desk.read(as(ada), 0)).records).toEqual([]);
  });

  test('a long chain that was let go of is replayed from its first link a few times a minute', async () => {
    const { database, clock, chains, grants, ada, chain } = await begun();
    const forgetful = new ChainDesk({ clock, chains, grants, data: new ChainDataStore(database), rememberedLinks: 0 });
    const add = async (name: string) => {
      await chain.maker.host('ada', name);
      await chain.maker.revoke(name, name);
    };
    for (let n = 0; n <= limits.longChainLinks / 2; n++) await add(`host ${n}`);
    await forgetful.post(as(ada), chain.post());
    for (let n = 1; n <= limits.longReplaysPerMinute; n++) {
      await add(`later ${n}`);
      await forgetful.post(as(ada), chain.post());
    }
    await add('last');
    const last = chain.post();
    await expect(forgetful.post(as(ada), last)).rejects.toEqual(failing('rate-limited'));
    clock.advance(60_000 / limits.longReplaysPerMinute);
    expect(await forgetful.post(as(ada), last)).not.toBeNull();
  });
});
