import { toHex } from '@palmkey/envelope';
import { describe, expect, test } from 'vitest';
import { type FakeBrowser, type FakeTab, quiet, until } from '../testing/fake-browser.ts';
import { PairedPhone } from '../testing/paired-phone.ts';
import { withSecond, withWords } from '../testing/two-phones.ts';

const MINUTE_MS = 60_000;
const server60 = { scope: 'server', minutes: 60 } as const;
const permissionsOf = (tab: FakeTab) => tab.engine.getSnapshot().permissions;

/** A login that a person approves on the first phone, with a permission; its id. */
async function allow(phone: PairedPhone): Promise<string> {
  const hash = await phone.asked();
  await phone.tab.engine.decide(hash, 'approve', server60);
  await phone.answer(hash);
  return phone.snapshot.aftermath?.permission ?? '';
}

/** Asks the first phone, and says whether its permission answered or a person has to. */
async function asks(phone: PairedPhone): Promise<'signed' | 'asked'> {
  const hash = await phone.host.ask(await phone.login());
  await until('an answer or a screen', () => phone.host.decisions(hash).length > 0 || phone.waits(hash));
  return phone.waits(hash) ? 'asked' : 'signed';
}

/** The account's records at the relay. */
const recordsOf = (phone: PairedPhone) => phone.browser.relay().chains.records;
const idOf = (phone: PairedPhone, name: string) =>
  phone.snapshot.account?.devices.find((device) => device.name === name)?.id ?? expect.unreachable();

/** What a browser keeps now; what it returns puts that back. */
function copyOf({ tables: { tables } }: FakeBrowser): () => void {
  const kept = new Map(tables);
  return () => {
    for (const [name, rows] of kept) tables.set(name, rows);
  };
}

describe('a permission of one phone', () => {
  test('is listed on the other with whose it is, and answers on its own alone', async () => {
    const { phone, second } = await withSecond();
    const id = await allow(phone);
    await until('listed', () => permissionsOf(second).length === 1);
    expect(permissionsOf(second)).toMatchObject([
      {
        id,
        phone: 'phone',
        ending: false,
        computer: { id: phone.host.id, name: 'laptop' },
        scope: { is: 'server', host: { name: 'prod.example.org', port: 22 }, user: 'deploy', through: null },
        keyName: 'Work',
        endsAt: phone.snapshot.permissions[0]?.endsAt,
        uses: null,
      },
    ]);
    expect(phone.snapshot.permissions).toMatchObject([{ id, phone: null, uses: 0 }]);
    expect(await asks(phone)).toBe('signed');
    for (const [name, { bytes }] of recordsOf(phone)) if (!name.startsWith('facts/')) expect(bytes).toHaveLength(4_096);
  });

  test('is ended on the other: its phone asks from then on, and both list nothing', async () => {
    const { phone, second } = await withSecond();
    const id = await allow(phone);
    await until('listed', () => permissionsOf(second).length === 1);
    await second.engine.revokePermission(id);
    await until('told', () => permissionsOf(second).length === 0 && phone.snapshot.permissions.length === 0);
    expect(await asks(phone)).toBe('asked');
    await phone.reload();
    expect(phone.snapshot.permissions).toEqual([]);
  });

  test('that is given after all were ended on the other is another one, and stays', async () => {
    const { phone, second } = await withSecond();
    await allow(phone);
    await until('listed', () => permissionsOf(second).length === 1);
    await second.engine.revokeAllPermissions();
    await until('told', () => phone.snapshot.permissions.length === 0);
    const again = await allow(phone);
    await until('listed again', () => permissionsOf(second)[0]?.id === again);
    expect(await asks(phone)).toBe('signed');
  });

  test('that was ended while its phone was away does not answer when it comes back', async () => {
    const { phone, second } = await withSecond();
    const id = await allow(phone);
    await until('listed', () => permissionsOf(second).length === 1);
    phone.tab.close();
    await second.engine.revokePermission(id);
    await until('told', () => permissionsOf(second).length === 0);
    await phone.open();
    expect(await asks(phone)).toBe('asked');
    expect(phone.snapshot.permissions).toEqual([]);
  });

  test('that is ended on a phone without a connection is shown as ending until the relay has heard of it', async () => {
    const { phone, second } = await withSecond();
    const id = await allow(phone);
    await until('listed', () => permissionsOf(second).length === 1);
    phone.browser.relay().goDown();
    await second.engine.revokePermission(id);
    expect(permissionsOf(second)).toMatchObject([{ id, ending: true }]);
    phone.browser.relay().comeUp();
    await until('told', () => permissionsOf(second).length === 0 && phone.snapshot.permissions.length === 0);
  });

  test('asks a person where what the other has written cannot be read, and answers once it is', async () => {
    const { phone } = await withSecond();
    await allow(phone);
    const { chains } = phone.browser.relay();
    chains.dataFault = 'unavailable';
    await phone.reload();
    await until('unread', () => phone.snapshot.account?.data === 'unread');
    expect(await asks(phone)).toBe('asked');
    expect(phone.snapshot.permissions).toHaveLength(1);
    chains.dataFault = null;
    await phone.reload();
    await until('read', () => phone.snapshot.account?.data === 'current');
    expect(await asks(phone)).toBe('signed');
  });

  test('of a copy of its phone that is put back after it was ended there does not answer', async () => {
    const { phone, second } = await withSecond();
    const id = await allow(phone);
    await until('listed', () => permissionsOf(second).length === 1);
    const putBack = copyOf(phone.browser);
    await phone.tab.engine.revokePermission(id);
    await until('told', () => permissionsOf(second).length === 0);
    phone.tab.close();
    putBack();
    await phone.open();
    expect(await asks(phone)).toBe('asked');
  });

  test('is one of sixteen at most: beyond that none is offered', async () => {
    const { phone } = await withSecond();
    for (let n = 0; n < 16; n++) {
      const hash = await phone.asked({ host: { name: `s${n}.example.org`, port: 22 } });
      await phone.tab.engine.decide(hash, 'approve', server60);
      await phone.answer(hash);
      phone.browser.clock.advance(10_000);
    }
    const hash = await phone.asked({ host: { name: 's16.example.org', port: 22 } });
    expect(phone.view(hash)?.offers).toEqual([]);
    await expect(phone.tab.engine.decide(hash, 'approve', server60)).rejects.toMatchObject({ code: 'not-offered' });
  });

  test('of a phone that was always alone waits for nothing, and no record is written of it', async () => {
    const { phone } = await withWords();
    phone.browser.relay().chains.dataFault = 'unavailable';
    await phone.reload();
    await phone.host.greet({ from: 1, to: 4 });
    await allow(phone);
    expect(await asks(phone)).toBe('signed');
    phone.browser.relay().chains.dataFault = null;
    phone.browser.clock.advance(MINUTE_MS);
    await quiet();
    expect([...recordsOf(phone).keys()].filter((name) => !name.startsWith('facts/'))).toEqual([]);
  });
});

describe('a relay that shows an older record', () => {
  test('of what a phone ended is passed over and told of, and no permission answers meanwhile', async () => {
    const { phone, second } = await withSecond();
    const { chains } = phone.browser.relay();
    const first = await allow(phone);
    await until('listed', () => permissionsOf(second).length === 1);
    await second.engine.revokePermission(first);
    await until('told', () => phone.snapshot.permissions.length === 0);
    const name = `endings/${idOf(phone, 'Second phone')}`;
    const old = chains.records.get(name) ?? expect.unreachable();
    const other = await allow(phone);
    await until('listed', () => permissionsOf(second).some(({ id }) => id === other));
    await second.engine.revokePermission(other);
    await until('told again', () => phone.snapshot.permissions.length === 0);
    await allow(phone);
    const now = chains.records.get(name) ?? expect.unreachable();
    chains.shownRecords.set(name, { ...old, revision: now.revision + 100 });
    chains.skipTo(now.revision + 100);
    await phone.reload();
    await until('noticed', () => phone.snapshot.account?.data === 'older');
    expect(await asks(phone)).toBe('asked');
    chains.shownRecords.clear();
    await phone.reload();
    await until('read', () => phone.snapshot.account?.data === 'current');
    expect(await asks(phone)).toBe('signed');
  });

  test('of one’s own, or none any more, is given it anew', async () => {
    const { phone, second } = await withSecond();
    await allow(phone);
    await until('listed', () => permissionsOf(second).length === 1);
    const { chains } = phone.browser.relay();
    chains.loseRecords();
    await phone.reload();
    await until('written anew', () => [...recordsOf(phone).keys()].some((name) => name.startsWith('permissions/')));
    expect(phone.snapshot.account?.data).toBe('current');
    expect(await asks(phone)).toBe('signed');
  });
});

describe('the history', () => {
  test('shows on each phone what was decided on the other, and on which', async () => {
    const { phone, second } = await withSecond();
    const hash = await phone.asked();
    await phone.tab.engine.decide(hash, 'approve');
    await phone.answer(hash);
    const heard = () => second.engine.getSnapshot().history.find((entry) => entry.hash === hash);
    phone.browser.clock.advance(2_000);
    await until('told', () => heard()?.phone === 'phone');
    expect(heard()).toMatchObject({
      kind: 'login',
      computer: 'laptop',
      user: 'deploy',
      host: 'prod.example.org',
      keyName: 'Work',
      outcome: 'approved',
      by: 'person',
      signed: true,
    });
    expect(heard()?.hostFingerprint).toBe(phone.line(hash)?.hostFingerprint);
    expect(phone.line(hash)?.phone).toBeUndefined();
  });

  test('of a phone that is removed stays, and what it allowed goes', async () => {
    const { phone, second } = await withSecond();
    await allow(phone);
    phone.browser.clock.advance(2_000);
    await until('told', () => second.engine.getSnapshot().history.length > 0 && permissionsOf(second).length === 1);
    const id = idOf(phone, 'phone');
    await second.engine.account.revoke(id);
    await until('gone', () => !recordsOf(phone).has(`permissions/${id}`));
    expect(permissionsOf(second)).toEqual([]);
    expect(second.engine.getSnapshot().history[0]).toMatchObject({ phone: 'phone', outcome: 'approved' });
    expect([...recordsOf(phone).keys()]).toContain(`history/${id}/1`);
  });

  test('is behind the app lock like everything else, and so are permissions and their ends', async () => {
    const { phone, second } = await withSecond();
    const id = await allow(phone);
    phone.browser.clock.advance(2_000);
    await until('told', () => second.engine.getSnapshot().history.length > 0 && permissionsOf(second).length === 1);
    await second.engine.setLock({ code: '123456', afterMinutes: 5, biometric: false });
    second.engine.lockNow();
    expect(second.engine.getSnapshot()).toMatchObject({ history: [], permissions: [] });
    await expect(second.engine.revokePermission(id)).rejects.toMatchObject({ code: 'locked' });
    expect(await asks(phone)).toBe('signed');
  });
});

describe('a new generation of the per-user key', () => {
  test('has each phone write its records anew, and the facts of those that are there', async () => {
    const { phone, second } = await withSecond();
    await allow(phone);
    await until('listed', () => permissionsOf(second).length === 1);
    await second.engine.account.newWords();
    await second.engine.account.keepWords();
    const generations = () =>
      [...recordsOf(phone)].map(([name, { bytes }]) => [
        name,
        new DataView(bytes.buffer, bytes.byteOffset).getUint32(1),
      ]);
    const words = `facts/${idOf(phone, 'Recovery words')}`;
    await until('anew', () => generations().every(([name, n]) => n === (name === words ? 1 : 2)));
    expect(generations().length).toBeGreaterThan(3);
    expect(await asks(phone)).toBe('signed');
    await second.engine.revokeAllPermissions();
    await until('told', () => phone.snapshot.permissions.length === 0);
  });
});

test('the computers of the account are told what its devices are called, against their links', async () => {
  const { phone } = await withSecond();
  await phone.host.greet({ from: 1, to: 5 });
  const told = () => phone.host.heard.filter((content) => content.kind === 'facts').at(-1)?.devices ?? [];
  await until('told', () => told().length === 4);
  const ids = new Set(phone.snapshot.account?.devices.map(({ id }) => id));
  expect(told().every(({ id }) => ids.has(toHex(id)))).toBe(true);
  expect(
    new TextDecoder().decode(
      told()
        .map(({ facts }) => facts)
        .at(-1),
    ),
  ).toContain('Second phone');
});
