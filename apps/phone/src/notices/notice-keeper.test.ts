import { describe, expect, test } from 'vitest';
import { until } from '../engine/testing/fake-browser.ts';
import { PairedPhone } from '../engine/testing/paired-phone.ts';

describe('a page', () => {
  test('out of sight shows what waits where notifications are on, and takes it away when it is looked at', async () => {
    const phone = await PairedPhone.createNew();
    const { board } = phone.browser;
    phone.browser.relay().facts = { admission: ['open'], own: false, pushKey: new Uint8Array(65).fill(4) };
    await phone.tab.engine.switchNoticesOn();
    phone.tab.show(false);
    const hash = await phone.asked();
    await until('shown', () => board.now.length > 0);
    expect(board.now).toMatchObject([{ tag: `request:${hash}`, actions: ['reject', 'open'] }]);
    phone.tab.show(true);
    await until('taken away', () => board.now.length === 0);
    expect(phone.waits(hash)).toBe(true);
  });

  test('shows a question once, however often something else changes, and so few that they can be told apart', async () => {
    const phone = await PairedPhone.createNew();
    const { board } = phone.browser;
    phone.browser.relay().facts = { admission: ['open'], own: false, pushKey: new Uint8Array(65).fill(4) };
    await phone.tab.engine.switchNoticesOn();
    phone.tab.show(false);
    for (let n = 0; n < 10; n++) await phone.asked({ host: { name: `server-${n}.example.org`, port: 22 } });
    await until('shown', () => board.now.length === 8);
    phone.tab.engine.reconnect();
    await phone.host.here();
    await until('all there', () => phone.snapshot.waiting.length === 10);
    expect([board.now.length, board.shown.length]).toEqual([8, 8]);
  });

  test('offers no answer while the account is in doubt, and does again afterwards', async () => {
    const phone = await PairedPhone.createNew();
    const { board } = phone.browser;
    phone.browser.relay().facts = { admission: ['open'], own: false, pushKey: new Uint8Array(65).fill(4) };
    await phone.tab.engine.switchNoticesOn();
    await until('posted', () => phone.snapshot.account?.relay != null);
    const pinned = await phone.asked();
    await phone.tab.engine.decide(pinned, 'approve');
    await phone.tab.engine.setNotices({ allowKeys: [phone.snapshot.keys[0]?.id ?? ''] });
    phone.tab.show(false);
    await phone.asked();
    await until('shown', () => board.now[0]?.actions.includes('allow') === true);
    phone.browser.relay().chains.fault = 'unavailable';
    await expect(phone.tab.engine.account.check()).rejects.toMatchObject({ code: 'no-head' });
    await until('no answers', () => board.now[0]?.actions.join() === 'open');
    expect(board.shown.filter(({ calls }) => calls)).toHaveLength(1);
    phone.browser.relay().chains.fault = null;
    await phone.tab.engine.account.check();
    await until('answers', () => board.now[0]?.actions.join() === 'allow,reject');
  });

  test('shows nothing where they are off', async () => {
    const phone = await PairedPhone.createNew();
    phone.tab.show(false);
    await phone.asked();
    expect(phone.browser.board.shown).toEqual([]);
  });

  test('puts the request in front that was tapped', async () => {
    const phone = await PairedPhone.createNew();
    const first = await phone.asked();
    const second = await phone.asked({ host: { name: 'other.example.org', port: 22 } });
    phone.tab.engine.show(second);
    expect(phone.snapshot.waiting.map(({ hash }) => hash)).toEqual([second, first]);
  });
});
