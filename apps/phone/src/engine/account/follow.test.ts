import { ChainState, parseLinkHash, replay } from '@palmkey/chain';
import { AccountMaker } from '@palmkey/chain/testing/account-maker';
import { sha256 } from '@palmkey/core/crypto';
import { parseAccountId } from '@palmkey/envelope';
import { describe, expect, test } from 'vitest';
import { MemoryStore } from '../../store/memory-store.ts';
import { quiet, until } from '../testing/fake-browser.ts';
import { newDeviceKeys } from '../testing/fake-host.ts';
import { PairedPhone } from '../testing/paired-phone.ts';

/** A phone whose account is at its relay, with one computer. */
async function settled(): Promise<PairedPhone> {
  const phone = await PairedPhone.createNew();
  await until('posted', () => phone.snapshot.account?.relay != null);
  return phone;
}

/** A history of its own that a computer makes up, with the phone in it; its signatures are not asked about. */
async function madeUp({ host, browser }: PairedPhone): Promise<ChainState> {
  const [phone] = browser.relay().chains.state?.active ?? [];
  if (phone === undefined) throw new RangeError('no chain');
  const { signer } = host.device;
  const own = { publicKey: phone.signingKey, sign: (message: Uint8Array) => signer.sign(message) };
  const named = {
    host: host.device,
    phone: { id: phone.id, signer: own, agreement: { publicKey: phone.agreementKey } },
    'puk 1': await newDeviceKeys(),
  };
  const device = (name: string) => {
    if (name in named) return named[name as keyof typeof named];
    throw new RangeError(name);
  };
  const maker = new AccountMaker({ sha256, device });
  await maker.eldest('host');
  await maker.host('host', 'phone');
  return replay({ sha256, verify: () => true }, maker.links, null);
}

describe('head first, then mail', () => {
  test('a head that a computer outside of the account makes up ends nothing', async () => {
    const phone = await settled();
    phone.host.chain = await madeUp(phone);
    const hash = await phone.asked();
    expect(phone.snapshot.account?.alarm).toBeNull();
    await phone.tab.engine.decide(hash, 'approve');
    expect((await phone.answer(hash)).is).toBe('approve');
  });

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
    await expect(phone.tab.engine.account.check()).rejects.toMatchObject({ code: 'no-head' });
    await expect(phone.tab.engine.decide(hash, 'approve')).rejects.toMatchObject({ code: 'no-head' });
    await quiet();
    expect(phone.host.decisions(hash)).toEqual([]);
    phone.browser.relay().chains.fault = null;
    await phone.tab.engine.account.check();
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
    await phone.tab.engine.account.check();
    expect((await phone.answer(hash)).is).toBe('approve');
  });
});

describe('a permission, once the chain is doubted', () => {
  test('does not answer a computer at another relay either: a person is asked, who can only look', async () => {
    const phone = await settled();
    const { browser, tab, host } = phone;
    const other = 'https://relay.example.net';
    tab.engine.close();
    await new MemoryStore(browser.tables).transact('write', ['pairings'], async (transaction) => {
      const row = await transaction.get('pairings', host.id);
      if (row !== undefined) await transaction.put('pairings', { ...row, relay: other });
    });
    host.moveTo(browser.relay(other));
    await phone.open();
    const first = await phone.asked();
    await phone.tab.engine.decide(first, 'approve', { scope: 'computer', minutes: 60 });
    expect((await phone.answer(first)).is).toBe('approve');
    expect((await phone.answer(await host.ask(await phone.login()))).is).toBe('approve');

    browser.relay().chains.fault = 'unavailable';
    await expect(phone.tab.engine.account.check()).rejects.toMatchObject({ code: 'no-head' });
    const hash = await phone.asked();
    await expect(phone.tab.engine.decide(hash, 'approve')).rejects.toMatchObject({ code: 'no-head' });
    expect(host.decisions(hash)).toEqual([]);
  });
});

describe('a relay that shows less than the phone has seen', () => {
  test('is rolled back: nothing is opened or decided, until it shows it again', async () => {
    const phone = await settled();
    await phone.tab.engine.account.newWords();
    await phone.tab.engine.account.keepWords();
    const { chains } = phone.browser.relay();
    chains.shows = 1;
    await phone.reload();
    await until('alarm', () => phone.snapshot.account?.alarm !== null);
    expect(phone.snapshot.account?.alarm).toEqual({ code: 'rolled-back', seqno: 2 });
    const hash = await phone.host.ask(await phone.login());
    await quiet();
    expect(phone.waits(hash)).toBe(false);
    await expect(phone.tab.engine.account.revoke(phone.host.id)).rejects.toMatchObject({ code: 'rolled-back' });
    chains.shows = Infinity;
    await phone.tab.engine.account.check();
    await until('waiting', () => phone.waits(hash));
  });

  test('is asked again in a while, though it is never disconnected and nobody looks', async () => {
    const phone = await settled();
    const { chains } = phone.browser.relay();
    chains.shows = 0;
    await expect(phone.tab.engine.account.check()).rejects.toMatchObject({ code: 'rolled-back' });
    phone.browser.clock.advance(30_000);
    await quiet();
    expect(phone.snapshot.account?.alarm?.code).toBe('rolled-back');
    const hash = await phone.host.ask(await phone.login());
    await quiet();
    expect(phone.waits(hash)).toBe(false);
    chains.shows = Infinity;
    phone.browser.clock.advance(30_000);
    await until('waiting', () => phone.waits(hash));
    expect(phone.snapshot.account?.alarm).toBeNull();
  });

  test('is rolled back also where it shows one of two links that go together', async () => {
    const phone = await settled();
    for (let times = 0; times < 2; times++) {
      await phone.tab.engine.account.newWords();
      await phone.tab.engine.account.keepWords();
    }
    const { chains } = phone.browser.relay();
    const { length } = chains.links;
    // The last are a revocation, the next generation that belongs to it, and the new words.
    chains.shows = length - 2;
    await phone.reload();
    await until('alarm', () => phone.snapshot.account?.alarm !== null);
    expect(phone.snapshot.account?.alarm).toEqual({ code: 'rolled-back', seqno: length });
  });
});

describe('a relay that shows something else', () => {
  test('holds a change back that a computer has seen: nothing of its message is acted on', async () => {
    const phone = await PairedPhone.create();
    phone.host.enlists = 'agrees';
    await until('posted', () => phone.snapshot.account?.relay != null);
    await phone.host.greet({ from: 1, to: 4 });
    await until(
      'in the account',
      () => phone.snapshot.account?.devices.some(({ id }) => id === phone.host.id) === true,
    );
    const { state } = phone.browser.relay().chains;
    if (state === null) throw new RangeError('no chain');
    const head = { seqno: state.head.seqno + 1, hash: parseLinkHash(new Uint8Array(32).fill(9)) };
    phone.host.chain = new ChainState({ ...state.parts, head });
    const hash = await phone.host.ask(await phone.login());
    await until('alarm', () => phone.snapshot.account?.alarm !== null);
    expect(phone.snapshot.account?.alarm).toEqual({ code: 'withheld', seqno: head.seqno });
    expect(phone.waits(hash)).toBe(false);
    phone.host.chain = state;
    await phone.tab.engine.account.check();
    expect(phone.snapshot.account?.alarm).toBeNull();
  });

  test.each([
    ['holds back what nobody has but a computer that makes it up', 1, 'withheld'],
    ['shows another history than a computer makes up', 0, 'forked'],
  ])('%s: the computer is taken out all the same', async (_, further, code) => {
    const phone = await PairedPhone.create();
    phone.host.enlists = 'agrees';
    await until('posted', () => phone.snapshot.account?.relay != null);
    await phone.host.greet({ from: 1, to: 4 });
    const { chains } = phone.browser.relay();
    await until('in the account', () => chains.state?.head.seqno === 2);
    await until('in step', () => phone.snapshot.account?.head.seqno === 2);
    if (chains.state === null) throw new RangeError('no chain');
    const head = { seqno: chains.state.head.seqno + further, hash: parseLinkHash(new Uint8Array(32).fill(9)) };
    phone.host.chain = new ChainState({ ...chains.state.parts, head });
    await phone.host.ask(await phone.login());
    await until('alarm', () => phone.snapshot.account?.alarm?.code === code);
    await phone.tab.engine.account.revoke(phone.host.id);
    expect(phone.snapshot.account?.alarm).toBeNull();
    expect(phone.snapshot.computers).toEqual([]);
  });

  test('takes this device for one of another account: that is said by its own name', async () => {
    const phone = await settled();
    phone.browser.relay().chains.names = parseAccountId(new Uint8Array(16).fill(7));
    await expect(phone.tab.engine.account.check()).rejects.toMatchObject({ code: 'other-account' });
    expect(phone.snapshot.account?.alarm).toMatchObject({ code: 'other-account' });
    phone.browser.relay().chains.names = null;
    await phone.tab.engine.account.check();
    expect(phone.snapshot.account?.alarm).toBeNull();
  });
});
