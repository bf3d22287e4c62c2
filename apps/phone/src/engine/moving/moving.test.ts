import { ChainState, parseLinkHash } from '@palmkey/chain';
import { checkMove, parseMove } from '@palmkey/core/account';
import { webPrimitives } from '@palmkey/core/crypto';
import { describe, expect, test } from 'vitest';
import { ORIGIN, quiet, until } from '../testing/fake-browser.ts';
import { atFirst, move, NEW, told } from '../testing/moving-stage.ts';
import { PairedPhone } from '../testing/paired-phone.ts';

describe('a move', () => {
  test('gives the new relay the chain and the records, tells the computer, and is at home there', async () => {
    const phone = await atFirst();
    const former = phone.browser.relay();
    await move(phone);
    await until('there', () => phone.snapshot.account?.relay === NEW);
    const { chains } = phone.browser.relay(NEW);
    expect(chains.state?.head.seqno).toBe(phone.snapshot.account?.head.seqno);
    await until('told', () => told(phone).length > 0);
    await until('copied', () => [...former.chains.records.keys()].every((name) => chains.records.has(name)));
    const [content] = told(phone);
    if (content?.kind !== 'moved' || chains.state === null) throw new Error('not told');
    expect(await checkMove(webPrimitives, chains.state, content.notice, 0)).toMatchObject({ relay: NEW, n: 1 });
    expect(phone.snapshot.account?.moving).toMatchObject({ is: 'moved', from: ORIGIN, left: [{ id: phone.host.id }] });
    await phone.reload();
    await until('in step', () => phone.snapshot.account?.alarm === null && phone.snapshot.account.relay === NEW);
  });

  test('has the former relay forget the account once the computer has spoken at the new one', async () => {
    const phone = await atFirst();
    await move(phone);
    await until('told', () => told(phone).length > 0);
    phone.host.disconnect();
    phone.host.moveTo(phone.browser.relay(NEW));
    await phone.host.greet({ from: 1, to: 5 });
    await until('seen', () => phone.snapshot.computers[0]?.relay === NEW);
    await until('forgotten', () => phone.browser.relay().forgotten === 1);
    await until('over', () => phone.snapshot.account?.moving.is === 'none');
    await phone.asked();
  });

  test('tells a computer that was away when it is back at the former relay', async () => {
    const phone = await atFirst();
    phone.host.disconnect();
    await move(phone);
    await until('there', () => phone.snapshot.account?.relay === NEW);
    await quiet();
    expect(told(phone)).toEqual([]);
    phone.host.connect();
    await phone.host.greet({ from: 1, to: 5 });
    await until('told', () => told(phone).length > 0);
  });

  test('leaves a computer that does not know the word as it is', async () => {
    const phone = await PairedPhone.create();
    phone.host.enlists = 'agrees';
    await until('posted', () => phone.snapshot.account?.relay === ORIGIN);
    await phone.host.greet({ from: 1, to: 4 });
    await until('inside', () => phone.snapshot.account?.devices.length === 2);
    await move(phone);
    await until('there', () => phone.snapshot.account?.relay === NEW);
    await phone.host.greet({ from: 1, to: 4 });
    await quiet();
    expect(told(phone)).toEqual([]);
    expect(phone.snapshot.account?.moving).toMatchObject({ is: 'moved', left: [{ id: phone.host.id }] });
  });

  test('goes on after a crash, whatever step it was at', async () => {
    const phone = await atFirst();
    const relay = phone.browser.relay(NEW);
    relay.chains.fault = 'unavailable';
    await phone.tab.engine.moving.look(NEW, null).catch(() => undefined);
    relay.chains.fault = null;
    await phone.tab.engine.moving.look(NEW, null);
    relay.chains.fault = 'unavailable';
    await phone.tab.engine.moving.begin();
    await until('waits', () => {
      const moving = phone.snapshot.account?.moving;
      return moving?.is === 'moving' && moving.problem === 'unavailable';
    });
    await phone.reload();
    await until('still', () => phone.snapshot.account?.moving.is === 'moving');
    relay.chains.fault = null;
    phone.browser.clock.advance(10_000);
    await until('there', () => phone.snapshot.account?.relay === NEW);
    expect(relay.chains.posts).toHaveLength(1);
  });

  test('can be cancelled before anybody was told, and leaves the account where it is', async () => {
    const phone = await atFirst();
    const relay = phone.browser.relay(NEW);
    await phone.tab.engine.moving.look(NEW, null);
    relay.chains.fault = 'unavailable';
    await phone.tab.engine.moving.begin();
    await until('waits', () => phone.snapshot.account?.moving.is === 'moving');
    await phone.tab.engine.moving.cancel();
    expect(phone.snapshot.account).toMatchObject({ relay: ORIGIN, moving: { is: 'none' } });
    relay.chains.fault = null;
    await phone.reload();
    phone.browser.clock.advance(60_000);
    await quiet();
    expect(phone.snapshot.account).toMatchObject({ relay: ORIGIN, moving: { is: 'none' } });
    expect(told(phone)).toEqual([]);
  });

  test('ends where the new relay has another account for this device', async () => {
    const phone = await atFirst();
    const device = phone.snapshot.account?.devices.find(({ self }) => self)?.id ?? '';
    phone.browser.relay(NEW).chains.strangers.add(device);
    await move(phone);
    await until('failed', () => phone.snapshot.account?.moving.is === 'failed');
    expect(phone.snapshot.account).toMatchObject({ relay: ORIGIN, alarm: null, moving: { code: 'other-account' } });
    phone.tab.engine.moving.dismiss();
    expect(phone.snapshot.account?.moving).toEqual({ is: 'none' });
  });

  test('does not begin while a computer has seen a change that is not here: it would be left behind', async () => {
    const phone = await atFirst();
    const { state } = phone.browser.relay().chains;
    if (state === null) throw new RangeError('no chain');
    const head = { seqno: state.head.seqno + 1, hash: parseLinkHash(new Uint8Array(32).fill(9)) };
    phone.host.chain = new ChainState({ ...state.parts, head });
    await phone.host.greet({ from: 1, to: 5 });
    await until('alarm', () => phone.snapshot.account?.alarm?.code === 'withheld');
    await expect(move(phone)).rejects.toMatchObject({ code: 'withheld' });
    expect(phone.snapshot.account?.moving).toEqual({ is: 'none' });
  });

  test('works with the former relay gone: nobody can be told, and the names are shared anew', async () => {
    const phone = await atFirst();
    phone.browser.relay().goDown();
    expect(await phone.tab.engine.moving.look(NEW, null)).toMatchObject({ reachesPresent: false });
    await phone.tab.engine.moving.begin();
    const there = (): boolean => phone.snapshot.account?.relay === NEW;
    while (!there()) {
      await quiet(5);
      phone.browser.clock.advance(5_000);
    }
    await until('in step', () => phone.snapshot.account?.alarm === null);
    const { records } = phone.browser.relay(NEW).chains;
    await until('named', () => [...records.keys()].some((name) => name.startsWith('facts/')));
    await phone.tab.engine.moving.endFormer(false);
    expect(phone.snapshot.account?.moving).toEqual({ is: 'none' });
    expect(phone.browser.relay().forgotten).toBe(0);
  });

  test('to a relay that has the account already posts nothing', async () => {
    const phone = await atFirst();
    await move(phone);
    await until('there', () => phone.snapshot.account?.relay === NEW);
    await phone.tab.engine.moving.endFormer(false);
    const { posts } = phone.browser.relay().chains;
    const before = posts.length;
    expect(await phone.tab.engine.moving.look(ORIGIN, null)).toMatchObject({ hasAccount: true });
    await phone.tab.engine.moving.begin();
    await until('back', () => phone.snapshot.account?.relay === ORIGIN);
    expect(posts).toHaveLength(before);
    await until('told', () => told(phone).length > 1);
    const numbers = told(phone).map((content) => content.kind === 'moved' && parseMove(content.notice).n);
    expect(numbers.at(-1)).toBe(2);
  });
});

describe('another address of the same relay', () => {
  const OTHER = 'http://127.0.0.1:7210';

  test('is known by the one connection that a device has: everything is there at once, and nothing is forgotten', async () => {
    const phone = await atFirst();
    const relay = phone.browser.relay();
    phone.browser.relays.set(OTHER, relay);
    const posts = relay.chains.posts.length;
    expect(await phone.tab.engine.moving.look(OTHER, null)).toMatchObject({
      hasAccount: true,
      reachesPresent: true,
    });
    // To look has ended the connection to the former address, which is there again.
    await until('back', () => phone.snapshot.computers[0]?.reach === 'here' || relay.present > 0);
    await phone.tab.engine.moving.begin();
    await until('there', () => phone.snapshot.account?.relay === OTHER);
    await until('settled', () => phone.snapshot.computers[0]?.relay === OTHER);
    await until('told', () => told(phone).length > 0);
    expect(phone.snapshot.account?.moving).toEqual({ is: 'none' });
    expect([relay.chains.posts.length, relay.forgotten]).toEqual([posts, 0]);
    await until('in step', () => phone.snapshot.account?.alarm === null);
    await phone.asked();
  });

  test('is not told to forget the account, even if it was not known for the same while that moved', async () => {
    const phone = await atFirst();
    await move(phone);
    await until('told', () => told(phone).length > 0);
    // The former address comes to lead to the new relay.
    phone.browser.relays.set(ORIGIN, phone.browser.relay(NEW));
    phone.host.disconnect();
    await phone.reload();
    await until('in step', () => phone.snapshot.account?.alarm === null);
    const ended = phone.tab.engine.moving.endFormer(true);
    await expect(ended).rejects.toMatchObject({ code: 'unreachable' });
    expect(phone.browser.relay(NEW).forgotten).toBe(0);
    await until('back', () => phone.snapshot.account?.alarm === null);
  });
});
