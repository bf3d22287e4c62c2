import { signMove } from '@palmkey/core/account';
import { toHex } from '@palmkey/envelope';
import { describe, expect, test } from 'vitest';
import { FakeBrowser, ORIGIN, quiet, until } from '../testing/fake-browser.ts';
import { newDeviceKeys } from '../testing/fake-host.ts';
import { accountOf, move, NEW, withSecond, withSecondOf } from '../testing/moving-stage.ts';

describe('two members that move the account at once', () => {
  test('come to the same relay: the first word that stood counts', async () => {
    const { phone, browser, second } = await withSecond();
    const OTHER = 'https://other.example.org';
    browser.relays.set(OTHER, phone.browser.relay(OTHER));
    await phone.tab.engine.moving.look(NEW, null);
    await second.engine.moving.look(OTHER, null);
    await Promise.all([phone.tab.engine.moving.begin(), second.engine.moving.begin()]);
    let looks = 0;
    await until('one place', () => {
      // Whose word came second may have to try again after a pause; what is under way has its time before that.
      if (++looks % 100 === 0) for (const { clock } of [browser, phone.browser]) clock.advance(5_000);
      const at = phone.snapshot.account?.relay;
      return at !== ORIGIN && at === accountOf(second)?.relay && accountOf(second)?.moving.is !== 'moving';
    });
    second.close();
  });
});

describe('another member', () => {
  test('finds the word at the former relay, and follows', async () => {
    const { phone, browser, second } = await withSecond();
    second.close();
    await move(phone);
    await until('there', () => phone.snapshot.account?.relay === NEW);
    const again = browser.open();
    await until('followed', () => accountOf(again)?.relay === NEW);
    await until('in step', () => accountOf(again)?.alarm === null);
    expect(again.engine.getSnapshot().computers).toMatchObject([{ id: phone.host.id }]);
    again.close();
  });

  test('that is connected meanwhile hears of it at once', async () => {
    const { phone, second } = await withSecond();
    await move(phone);
    await until('followed', () => accountOf(second)?.relay === NEW);
    await until('seen', () => phone.snapshot.account?.relay === NEW);
    second.close();
  });

  test('stays where it is while the new relay does not show the account', async () => {
    const { phone, browser, second } = await withSecond();
    second.close();
    await move(phone);
    await until('there', () => phone.snapshot.account?.relay === NEW);
    // That relay, as this browser reaches it, has nothing.
    browser.relays.set(NEW, new FakeBrowser().relay());
    browser.relay(NEW).goDown();
    const again = browser.open();
    await until('on its way', () => accountOf(again)?.moving.is === 'following');
    expect(accountOf(again)).toMatchObject({ relay: ORIGIN, moving: { to: NEW, by: 'phone' } });
    again.close();
  });

  test('signs nothing at the former relay once the word is there', async () => {
    const { phone, browser, second } = await withSecond();
    await quiet();
    browser.relays.set(NEW, new FakeBrowser().relay());
    browser.relay(NEW).goDown();
    await move(phone);
    await until('there', () => phone.snapshot.account?.relay === NEW);
    const seqno = phone.browser.relay().chains.state?.head.seqno;
    await expect(second.engine.account.revoke(phone.host.id)).rejects.toMatchObject({ code: 'moved' });
    expect(phone.browser.relay().chains.state?.head.seqno).toBe(seqno);
    second.close();
  });

  test('believes no word of a device that is not in the account', async () => {
    const { phone, browser, second } = await withSecond();
    second.close();
    const { chains } = phone.browser.relay();
    const { state } = chains;
    if (state === null) throw new Error('no chain');
    const stranger = await newDeviceKeys();
    const notice = await signMove(stranger, { account: state.account, relay: NEW, n: 9, head: state.head });
    // Whoever keeps the records cannot seal one either; what it puts there opens for nobody.
    const member = phone.snapshot.account?.devices.find(({ self }) => self)?.id;
    const id = state.active.find((device) => toHex(device.id) === member)?.id;
    if (id === undefined) throw new Error('no member');
    await chains.ordersOf(id).write({ name: 'move', revision: 0, bytes: notice });
    const again = browser.open();
    await until('in step', () => accountOf(again)?.head.seqno === state.head.seqno);
    await quiet();
    expect(accountOf(again)).toMatchObject({ relay: ORIGIN, moving: { is: 'none' } });
    again.close();
  });
});

/** The first phone has moved the account to a relay that is gone for every other one. */
async function movedToNowhere() {
  const { phone, browser, second } = await withSecond();
  const third = await withSecondOf(phone, 'Third phone');
  for (const each of [browser, third.browser]) {
    each.relays.set(NEW, new FakeBrowser().relay());
    each.relay(NEW).goDown();
  }
  await move(phone);
  await until('there', () => phone.snapshot.account?.relay === NEW);
  await until('both on their way', () =>
    [second, third.second].every((tab) => accountOf(tab)?.moving.is === 'following'),
  );
  return { phone, browser, second, third: third.second };
}

describe('a member that stays where the account is', () => {
  test('has every other one that has not gone stay, and can act again', async () => {
    const { phone, second, third } = await movedToNowhere();
    await second.engine.moving.stay();
    expect(accountOf(second)).toMatchObject({ relay: ORIGIN, moving: { is: 'none' } });
    await until('the third stays', () => accountOf(third)?.moving.is === 'none');

    const mover = accountOf(second)?.devices.find(({ name }) => name === 'phone')?.id ?? '';
    await second.engine.account.revoke(mover);
    await until(
      'removed',
      () => phone.browser.relay().chains.state?.active.some(({ id }) => toHex(id) === mover) === false,
    );
    expect(accountOf(third)).toMatchObject({ relay: ORIGIN, moving: { is: 'none' } });
    second.close();
    third.close();
  });

  test('goes nowhere when that relay is there after all', async () => {
    const { phone, browser, second, third } = await movedToNowhere();
    third.close();
    await second.engine.moving.stay();
    browser.relays.set(NEW, phone.browser.relay(NEW));
    second.close();
    const again = browser.open();
    await until('in step', () => accountOf(again)?.alarm === null);
    browser.clock.advance(60_000);
    await quiet();
    expect(accountOf(again)).toMatchObject({ relay: ORIGIN, moving: { is: 'none' } });
    again.close();
  });

  test('is followed by who has gone, by hand', async () => {
    const { phone, second, third } = await movedToNowhere();
    third.close();
    await second.engine.moving.stay();
    await move(phone, ORIGIN);
    await until('back', () => phone.snapshot.account?.relay === ORIGIN);
    expect(accountOf(second)).toMatchObject({ relay: ORIGIN, moving: { is: 'none' } });
    second.close();
  });

  test('cannot where the present relay is not there either: it is still to be moved', async () => {
    const { phone, second, third } = await movedToNowhere();
    third.close();
    phone.browser.relay().goDown();
    await expect(second.engine.moving.stay()).rejects.toMatchObject({ code: 'not-connected' });
    expect(accountOf(second)).toMatchObject({ relay: ORIGIN, moving: { is: 'following', to: NEW } });
    second.close();
  });

  test('has nothing to do where nobody has moved it', async () => {
    const { phone, second } = await withSecond();
    await second.engine.moving.stay();
    await quiet();
    expect(phone.snapshot.account).toMatchObject({ relay: ORIGIN, moving: { is: 'none' } });
    second.close();
  });
});
