import { describe, expect, test } from 'vitest';
import { quiet, until } from '../testing/fake-browser.ts';
import { PairedPhone } from '../testing/paired-phone.ts';

/** A phone whose account is at its relay, with one computer. */
async function settled(): Promise<PairedPhone> {
  const phone = await PairedPhone.createNew();
  await until('posted', () => phone.snapshot.account?.relay != null);
  return phone;
}

describe('head first, then mail', () => {
  test('a request is not opened before the relay has said where the chain ends, and then is', async () => {
    const phone = await settled();
    const { chains } = phone.browser.relay();
    chains.fault = 'unavailable';
    await phone.reload();
    await until('told', () => phone.snapshot.account?.alarm?.code === 'no-head');
    const hash = await phone.host.ask(await phone.login());
    await quiet();
    expect(phone.waits(hash)).toBe(false);
    expect(phone.host.received).not.toContain(hash);
    chains.fault = null;
    phone.browser.clock.advance(5_000);
    await until('waiting', () => phone.waits(hash));
    expect(phone.snapshot.account?.alarm).toBeNull();
    await phone.tab.engine.decide(hash, 'approve');
    expect((await phone.answer(hash)).is).toBe('approve');
  });

  test('what waits is not decided once the chain is doubted', async () => {
    const phone = await settled();
    const hash = await phone.asked();
    phone.browser.relay().chains.fault = 'unavailable';
    await expect(phone.tab.engine.checkAccount()).rejects.toMatchObject({ code: 'no-head' });
    await expect(phone.tab.engine.decide(hash, 'approve')).rejects.toMatchObject({ code: 'no-head' });
    await quiet();
    expect(phone.host.decisions(hash)).toEqual([]);
    phone.browser.relay().chains.fault = null;
    await phone.tab.engine.checkAccount();
    await phone.tab.engine.decide(hash, 'approve');
    expect((await phone.answer(hash)).is).toBe('approve');
  });

  test('a decision that the computer has not confirmed is repeated only after the head was asked', async () => {
    const phone = await settled();
    const hash = await phone.asked();
    phone.host.disconnect();
    await phone.tab.engine.decide(hash, 'approve');
    phone.browser.relay().chains.fault = 'unavailable';
    await phone.reload();
    phone.host.connect();
    await until('told', () => phone.snapshot.account?.alarm !== null);
    await quiet();
    expect(phone.host.decisions(hash)).toEqual([]);
    phone.browser.relay().chains.fault = null;
    await phone.tab.engine.checkAccount();
    expect((await phone.answer(hash)).is).toBe('approve');
  });
});

describe('a relay that shows less than the phone has seen', () => {
  test('is rolled back: nothing is opened or decided, until it shows it again', async () => {
    const phone = await settled();
    await phone.tab.engine.newWords();
    await phone.tab.engine.keepWords();
    const { chains } = phone.browser.relay();
    chains.shows = 1;
    await phone.reload();
    await until('alarm', () => phone.snapshot.account?.alarm !== null);
    expect(phone.snapshot.account?.alarm).toEqual({ code: 'rolled-back', seqno: 2 });
    const hash = await phone.host.ask(await phone.login());
    await quiet();
    expect(phone.waits(hash)).toBe(false);
    await expect(phone.tab.engine.revokeDevice(phone.host.id)).rejects.toMatchObject({ code: 'rolled-back' });
    chains.shows = Infinity;
    await phone.tab.engine.checkAccount();
    await until('waiting', () => phone.waits(hash));
  });
});
