import { describe, expect, test } from 'vitest';
import { chainPost, leaveAccount } from '@palmkey/core/account';
import { webPrimitives } from '@palmkey/core/crypto';
import { fromHex, parseDeviceId } from '@palmkey/envelope';
import { quiet, until } from '../testing/fake-browser.ts';
import { FakeHost } from '../testing/fake-host.ts';
import { PairedPhone } from '../testing/paired-phone.ts';

/** A phone whose account is at its relay, with one computer that answers so. */
async function paired(enlists: FakeHost['enlists']): Promise<PairedPhone> {
  const phone = await PairedPhone.create();
  phone.host.enlists = enlists;
  await until('posted', () => phone.snapshot.account?.relay != null);
  await phone.host.greet({ from: 1, to: 4 });
  return phone;
}
const isInside = (phone: PairedPhone, id: string): boolean =>
  phone.snapshot.account?.devices.some((device) => device.id === id && device.revoked === null) ?? false;

describe('a paired computer', () => {
  test('that agrees is on the chain, under its name, and stays there', async () => {
    const phone = await paired('agrees');
    await until('inside', () => isInside(phone, phone.host.id));
    const relay = phone.browser.relay().chains;
    expect(relay.state?.find(parseDeviceId(fromHex(phone.host.id)))?.kind).toBe('host');
    expect(phone.snapshot.account?.devices).toMatchObject([
      { self: true, kind: 'phone' },
      { name: 'laptop', kind: 'computer', addedBy: 'phone' },
    ]);
    expect(phone.snapshot.account?.outside).toEqual([]);
    await until('shared', () => relay.records.size === 2);
    await phone.reload();
    await quiet();
    expect(relay.posts).toHaveLength(2);
    expect(phone.snapshot.account?.head.seqno).toBe(2);
  });

  test('that would not is known by its pairing, and answered as before', async () => {
    const phone = await paired('refuses');
    await until('refused', () => phone.snapshot.account?.outside[0]?.why === 'refused');
    const hash = await phone.asked();
    await phone.tab.engine.decide(hash, 'approve');
    expect((await phone.answer(hash)).is).toBe('approve');
    expect(phone.host.heard.filter(({ kind }) => kind === 'enlist')).toHaveLength(1);
  });

  test('that is in another account at this relay is said to be so', async () => {
    const phone = await PairedPhone.create();
    phone.browser.relay().chains.strangers.add(phone.host.id);
    phone.host.enlists = 'agrees';
    await until('posted', () => phone.snapshot.account?.relay != null);
    await phone.host.greet({ from: 1, to: 4 });
    await until('refused', () => phone.snapshot.account?.outside[0]?.why === 'other-account');
    // The place on the chain is free again.
    await phone.tab.engine.account.newWords();
    await phone.tab.engine.account.keepWords();
    expect(phone.snapshot.account?.hasWords).toBe(true);
  });

  test('of an older version is not asked', async () => {
    const phone = await PairedPhone.create();
    await phone.host.greet({ from: 1, to: 3 });
    await until('posted', () => phone.snapshot.account?.relay != null);
    await quiet();
    expect(phone.host.heard.filter(({ kind }) => kind === 'enlist')).toEqual([]);
    expect(phone.snapshot.account?.outside).toEqual([{ id: phone.host.id, why: 'older' }]);
  });

  test('that says nothing lets the next one be asked', async () => {
    const phone = await paired('silent');
    await until('asked', () => phone.host.heard.some(({ kind }) => kind === 'enlist'));
    const second = await FakeHost.create(phone.browser.relay(), phone.browser.clock);
    second.enlists = 'agrees';
    await phone.addComputer(second);
    await phone.host.greet({ from: 1, to: 4 });
    await until('asked again', () => phone.host.heard.filter(({ kind }) => kind === 'enlist').length === 2);
    await second.greet({ from: 1, to: 4 });
    await until('here', () => phone.snapshot.computers.every(({ lastSeenAt }) => lastSeenAt !== null));
    await quiet();
    phone.browser.clock.advance(30_000);
    await until('inside', () => isInside(phone, second.id));
  });

  test('that says nothing is asked again, and not for ever', async () => {
    const phone = await paired('silent');
    const asked = () => phone.host.heard.filter(({ kind }) => kind === 'enlist').length;
    const first = asked();
    for (let n = first; n < 5; n += 1) {
      await until('asked', () => asked() === n);
      await quiet();
      phone.browser.clock.advance(30_000);
    }
    await until('asked five times', () => asked() === 5);
    for (let n = 0; n < 3; n += 1) {
      await quiet();
      phone.browser.clock.advance(30_000);
    }
    await quiet();
    expect(asked()).toBe(5);
    phone.host.enlists = 'agrees';
    await phone.host.greet({ from: 1, to: 4 });
    await until('inside', () => isInside(phone, phone.host.id));
  });

  test('that the person takes away is taken out of the account, also when the relay was down', async () => {
    const phone = await paired('agrees');
    await until('inside', () => isInside(phone, phone.host.id));
    phone.browser.relay().goDown();
    await phone.tab.engine.unpair(phone.host.id);
    await phone.reload();
    expect(phone.snapshot.computers).toEqual([]);
    phone.browser.relay().comeUp();
    await until('out', () => !isInside(phone, phone.host.id));
    expect(phone.snapshot.account?.devices[1]).toMatchObject({ name: 'laptop', revoked: { by: 'phone' } });
    expect(phone.snapshot.computers).toEqual([]);
  });

  test('that was taken out is not known any more, though the page ended in that moment, and by a clock that is behind', async () => {
    const phone = await paired('agrees');
    await until('inside', () => isInside(phone, phone.host.id));
    const { chains } = phone.browser.relay();
    const [state, store] = [chains.state, phone.tab.store()];
    if (state === null || store === undefined) throw new RangeError('no chain, or no store');
    const links = () => phone.browser.tables.tables.get('links')?.size;
    const before = links();
    const kept = new Promise<void>((resolve) => {
      store.onWritten = () => {
        if (links() === before) return;
        store.close();
        resolve();
      };
    });
    const act = await leaveAccount({ primitives: webPrimitives, device: phone.host.device, ctime: 1 }, state);
    await chains.post(phone.host.device.id, chainPost(act));
    await kept;
    await phone.reload();
    await until('not known', () => phone.snapshot.computers.length === 0);
    expect(phone.snapshot.account?.devices.find(({ id }) => id === phone.host.id)?.revoked).not.toBeNull();
  });

  test('whose answer to the post was lost is on the chain once, after the next connection', async () => {
    const phone = await paired('silent');
    const { chains } = phone.browser.relay();
    chains.losesAnswers = true;
    phone.host.enlists = 'agrees';
    await phone.host.greet({ from: 1, to: 4 });
    await phone.reload();
    await phone.host.greet({ from: 1, to: 4 });
    await until('posted', () => chains.state?.head.seqno === 2);
    chains.losesAnswers = false;
    await phone.reload();
    await until('inside', () => isInside(phone, phone.host.id));
    expect(chains.state?.head.seqno).toBe(2);
  });
});
