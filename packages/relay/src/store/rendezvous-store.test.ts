import { parseDeviceId, parseRendezvousId, parseRendezvousSender, type DeviceId } from '@palmkey/envelope';
import { afterAll, describe, expect, test } from 'vitest';
import { limits } from '../limits.ts';
import { testableDialects, TestStores } from '../testing/test-stores.ts';
import { RendezvousStore } from './rendezvous-store.ts';

const NOW = 1_700_000_000_000;
const idOf = (n: number) => parseRendezvousId(new Uint8Array(32).fill(n));
const deviceOf = (n: number): DeviceId => {
  const bytes = new Uint8Array(16);
  new DataView(bytes.buffer).setUint32(0, n);
  return parseDeviceId(bytes);
};
const senderOf = (n: number) => parseRendezvousSender(new Uint8Array(16).fill(n));
const id = idOf(1);
const host = deviceOf(2);
const [me, other] = [senderOf(4), senderOf(5)];
const nothing = new Uint8Array(0);
const failing = (code: string): Error => expect.objectContaining({ name: 'RelayError', code }) as Error;

describe.each(testableDialects)('rendezvous in a store in %s', (dialect) => {
  const stores = new TestStores(dialect);
  afterAll(() => stores[Symbol.asyncDispose]());

  async function opened() {
    const database = await stores.open();
    const store = new RendezvousStore(database);
    await store.open(id, host, NOW);
    return { database, store };
  }

  test('an id is open once, 16 are a device’s limit, and an hour is all', async () => {
    const { store } = await opened();
    await expect(store.open(id, deviceOf(3), NOW)).rejects.toThrow(failing('conflict'));
    for (let n = 2; n <= 16; n++) await store.open(idOf(n), host, NOW);
    for (let n = 1; n <= 16; n++) {
      for (const sender of [me, other]) await store.post(idOf(n), { sender, seqno: 1, msg: nothing }, NOW);
    }
    await expect(store.open(idOf(17), host, NOW)).rejects.toThrow(failing('rendezvous-full'));
    await store.open(idOf(17), deviceOf(3), NOW);
    const over = NOW + limits.rendezvousLifetimeMs;
    expect([await store.isOpen(id, over - 1), await store.isOpen(id, over)]).toEqual([true, false]);
    await expect(store.post(id, { sender: me, seqno: 1, msg: nothing }, over)).rejects.toThrow(
      failing('no-rendezvous'),
    );
    await expect(store.messages(id, me, 0, over)).rejects.toThrow(failing('no-rendezvous'));
    await expect(store.close(id, host, null, over)).rejects.toThrow(failing('no-rendezvous'));
    await expect(store.allocateNameplate(id, host, over)).rejects.toThrow(failing('no-rendezvous'));
  });

  test('of a device that has 16, the oldest at which no two have met makes room, and no other', async () => {
    const { store, database } = await opened();
    for (const sender of [me, other]) await store.post(id, { sender, seqno: 1, msg: nothing }, NOW);
    for (let n = 2; n <= 16; n++) expect(await store.open(idOf(n), host, NOW + n)).toBeUndefined();
    await database.db
      .updateTable('rendezvous')
      .set({ admitted: deviceOf(9) })
      .where('id', '=', idOf(2))
      .execute();
    // Its opener waits there for somebody, or somebody waited for an opener who is gone.
    await store.post(idOf(3), { sender: me, seqno: 1, msg: nothing }, NOW + 16);
    await store.post(idOf(3), { sender: me, seqno: 2, msg: nothing }, NOW + 16);
    expect(await store.open(idOf(17), host, NOW + 17)).toEqual(idOf(3));
    const open = await Promise.all([1, 2, 3, 4, 17].map((n) => store.isOpen(idOf(n), NOW + 17)));
    expect(open).toEqual([true, true, false, true, true]);
  });

  test('only its opener closes it', async () => {
    const { store } = await opened();
    await expect(store.close(id, deviceOf(3), null, NOW)).rejects.toThrow(failing('no-rendezvous'));
    expect(await store.close(id, host, null, NOW)).toBeUndefined();
    expect(await store.isOpen(id, NOW)).toBe(false);
  });

  test('a message is left once; another under its triple is a conflict', async () => {
    const { store } = await opened();
    const message = { sender: me, seqno: 2 ** 53 - 1, msg: Uint8Array.of(1) };
    expect(await store.post(id, message, NOW)).toBe('posted');
    expect(await store.post(id, message, NOW)).toBe('repeated');
    await expect(store.post(id, { ...message, msg: Uint8Array.of(2) }, NOW)).rejects.toThrow(failing('conflict'));
    expect(await store.messages(id, other, 0, NOW)).toEqual([message]);
  });

  test('holds 64 messages of 16 senders, each of 16 KiB at most', async () => {
    const { store } = await opened();
    for (let n = 0; n < 16; n++) await store.post(id, { sender: senderOf(n), seqno: 1, msg: nothing }, NOW);
    const one = { sender: senderOf(99), seqno: 1, msg: nothing };
    await expect(store.post(id, one, NOW)).rejects.toThrow(failing('rendezvous-full'));
    for (let seqno = 2; seqno <= 49; seqno++) await store.post(id, { sender: senderOf(0), seqno, msg: nothing }, NOW);
    await expect(store.post(id, { ...one, sender: senderOf(1), seqno: 2 }, NOW)).rejects.toThrow(
      failing('rendezvous-full'),
    );
    expect(await store.post(id, { sender: senderOf(0), seqno: 49, msg: nothing }, NOW)).toBe('repeated');
    const long = new Uint8Array(limits.maxRendezvousMessageBytes + 1);
    await expect(store.post(id, { ...one, msg: long }, NOW)).rejects.toThrow(failing('too-large'));
  });

  test('all hold 64 MiB together, and the share of one is free again when it is closed', async () => {
    const { database, store } = await opened();
    await store.open(idOf(2), deviceOf(3), NOW);
    // What 4,096 messages would say, without leaving them.
    await database.db
      .updateTable('rendezvous')
      .set({ bytes: limits.rendezvousTotalBytes - 1 })
      .where('id', '=', idOf(2))
      .execute();
    const two = { sender: me, seqno: 1, msg: Uint8Array.of(1, 2) };
    await expect(store.post(id, two, NOW)).rejects.toThrow(failing('rendezvous-full'));
    expect(await store.post(id, { ...two, msg: Uint8Array.of(1) }, NOW)).toBe('posted');
    await expect(store.post(id, { ...two, seqno: 2 }, NOW)).rejects.toThrow(failing('rendezvous-full'));
    await store.close(idOf(2), deviceOf(3), null, NOW);
    expect(await store.post(id, { ...two, seqno: 2 }, NOW)).toBe('posted');
  });

  test('those of one device hold 2 MiB together, of which a full one leaves half to the others', async () => {
    const { database, store } = await opened();
    await store.open(idOf(2), host, NOW);
    await store.open(idOf(3), deviceOf(3), NOW);
    const full = limits.messagesPerRendezvous * limits.maxRendezvousMessageBytes;
    const fill = (n: number, bytes: number) =>
      database.db.updateTable('rendezvous').set({ bytes }).where('id', '=', idOf(n)).execute();
    await fill(1, full);
    const two = { sender: me, seqno: 1, msg: Uint8Array.of(1, 2) };
    expect(await store.post(idOf(2), two, NOW)).toBe('posted');
    await fill(2, limits.rendezvousBytesPerDevice - full - 1);
    await expect(store.post(idOf(2), { ...two, seqno: 2 }, NOW)).rejects.toThrow(failing('rendezvous-full'));
    expect(await store.post(idOf(3), two, NOW)).toBe('posted');
  });

  test('gives messages by sender and number, however they came', async () => {
    const { store } = await opened();
    for (const [sender, seqno] of [
      [other, 10],
      [me, 2],
      [other, 9],
      [me, 1],
    ] as const) {
      await store.post(id, { sender, seqno, msg: nothing }, NOW);
    }
    const messages = await store.messages(id, senderOf(0), 2, NOW);
    expect(messages.map((m) => [m.sender, m.seqno])).toEqual([
      [me, 2],
      [other, 9],
      [other, 10],
    ]);
  });

  test('a nameplate is one’s own, short, the same until it is used, and burnt by that', async () => {
    const { store } = await opened();
    await expect(store.allocateNameplate(id, deviceOf(3), NOW)).rejects.toThrow(failing('no-rendezvous'));
    const number = await store.allocateNameplate(id, host, NOW);
    expect(String(number)).toMatch(/^[1-9][0-9]{2}$/);
    expect(await store.allocateNameplate(id, host, NOW)).toBe(number);
    expect(await store.claimNameplate(number, NOW)).toEqual(id);
    await expect(store.claimNameplate(number, NOW)).rejects.toThrow(failing('no-nameplate'));
    const again = await store.allocateNameplate(id, host, NOW);
    const over = NOW + limits.rendezvousLifetimeMs;
    await expect(store.claimNameplate(again, over)).rejects.toThrow(failing('no-nameplate'));
  });

  test('no two that are open have one nameplate, and where half of the short ones are taken they are longer', async () => {
    const { database, store } = await opened();
    const rows = Array.from({ length: 450 }, (_, i) => {
      const row = new Uint8Array(32);
      new DataView(row.buffer).setUint32(0, i + 1);
      return {
        id: row,
        opened_by: deviceOf(i + 10),
        admitted: null,
        nameplate: 100 + i,
        bytes: 0,
        expires_at: NOW + 1_000,
      };
    });
    await database.db.insertInto('rendezvous').values(rows).execute();
    expect(await store.allocateNameplate(id, host, NOW)).toBeGreaterThanOrEqual(1_000);
  });
});
