import { describe, expect, test } from 'vitest';
import { ORIGIN, quiet, until } from '../testing/fake-browser.ts';
import { atFirst, NEW, withSecond } from '../testing/moving-stage.ts';

describe('a relay that the account could go to', () => {
  test('is looked at before anything is moved', async () => {
    const phone = await atFirst();
    expect(await phone.tab.engine.moving.look(' new.example.org/ ', null)).toEqual({
      relay: NEW,
      hasAccount: false,
      reachesPresent: true,
    });
    await quiet();
    expect(phone.browser.relay(NEW).chains.state).toBeNull();
    expect(phone.snapshot.account?.moving).toEqual({ is: 'none' });
  });

  test.each([
    ['what is no address', 'not an address', 'bad-address'],
    ['what others could read', 'http://new.example.org', 'bad-address'],
    ['the one where it is', ORIGIN, 'already-there'],
  ])('is not %s', async (_, typed, code) => {
    const phone = await atFirst();
    await expect(phone.tab.engine.moving.look(typed, null)).rejects.toMatchObject({ code });
    await expect(phone.tab.engine.moving.begin()).rejects.toMatchObject({ code: 'not-looked-at' });
  });

  test('may ask for an invitation', async () => {
    const phone = await atFirst();
    const relay = phone.browser.relay(NEW);
    relay.refuses = 'not-admitted';
    await expect(phone.tab.engine.moving.look(NEW, null)).rejects.toMatchObject({ code: 'not-admitted' });
    await expect(phone.tab.engine.moving.look(NEW, 'short')).rejects.toMatchObject({ code: 'length' });
  });

  test('is not there', async () => {
    const phone = await atFirst();
    phone.browser.relay(NEW).goDown();
    await expect(phone.tab.engine.moving.look(NEW, null)).rejects.toMatchObject({ code: 'unreachable' });
  });
});

describe('a relay that asks who a device is', () => {
  /** A phone that has looked at one, and was not let in. */
  async function refused() {
    const phone = await atFirst();
    const relay = phone.browser.relay(NEW);
    relay.refuses = 'not-admitted';
    await expect(phone.tab.engine.moving.look(NEW, null)).rejects.toMatchObject({ code: 'not-admitted' });
    return { phone, relay };
  }

  test('is signed in at, and the move goes on after the page was left', async () => {
    const { phone, relay } = await refused();
    const form = await phone.tab.engine.moving.signIn();
    expect(form).toMatchObject({ action: `${NEW}/v1/github/start`, fields: { origin: NEW, back: ORIGIN } });
    expect(phone.snapshot.account?.moving).toEqual({ is: 'signing-in', to: NEW });
    await phone.reload();
    await until('back', () => phone.snapshot.account?.moving.is === 'signing-in');
    expect(relay.chains.state).toBeNull();
    relay.refuses = null;
    expect(await phone.tab.engine.moving.look(NEW, null)).toMatchObject({ relay: NEW, hasAccount: false });
    expect(phone.snapshot.account?.moving).toEqual({ is: 'none' });
    await phone.tab.engine.moving.begin();
    await until('there', () => phone.snapshot.account?.relay === NEW);
  });

  test('is still waited for while it does not let this device in, until the person gives it up', async () => {
    const { phone } = await refused();
    await phone.tab.engine.moving.signIn();
    await expect(phone.tab.engine.moving.look(NEW, null)).rejects.toMatchObject({ code: 'not-admitted' });
    expect(phone.snapshot.account?.moving).toEqual({ is: 'signing-in', to: NEW });
    await phone.tab.engine.moving.cancel();
    expect(phone.snapshot.account?.moving).toEqual({ is: 'none' });
    await phone.reload();
    await until('in step', () => phone.snapshot.account?.alarm === null);
    expect(phone.snapshot.account?.moving).toEqual({ is: 'none' });
  });

  test('is signed in at by nobody whom it would not send back to this app, nor before it was looked at', async () => {
    const { phone, relay } = await refused();
    relay.knowsApp = false;
    await expect(phone.tab.engine.moving.signIn()).rejects.toMatchObject({ code: 'wrong-origin' });
    relay.goDown();
    await expect(phone.tab.engine.moving.signIn()).rejects.toMatchObject({ code: 'not-connected' });
    await expect(phone.tab.engine.moving.look(ORIGIN, null)).rejects.toMatchObject({ code: 'already-there' });
    await expect(phone.tab.engine.moving.signIn()).rejects.toMatchObject({ code: 'not-looked-at' });
    expect(phone.snapshot.account?.moving).toEqual({ is: 'none' });
  });

  test('is waited for no longer once another member has moved the account', async () => {
    const { phone, second } = await withSecond();
    const OTHER = 'https://other.example.org';
    phone.browser.relay(OTHER).refuses = 'not-admitted';
    await expect(phone.tab.engine.moving.look(OTHER, null)).rejects.toMatchObject({ code: 'not-admitted' });
    await phone.tab.engine.moving.signIn();
    await second.engine.moving.look(NEW, null);
    await second.engine.moving.begin();
    await until('followed', () => phone.snapshot.account?.relay === NEW);
    await until('over', () => phone.snapshot.account?.moving.is !== 'signing-in');
    second.close();
  });

  test('and has let this device into another account is not moved to', async () => {
    const { phone, relay } = await refused();
    relay.refuses = null;
    relay.chains.taken = true;
    await phone.tab.engine.moving.look(NEW, null);
    await phone.tab.engine.moving.begin();
    await until('given up', () => phone.snapshot.account?.moving.is === 'failed');
    expect(phone.snapshot.account?.moving).toMatchObject({ code: 'other-account' });
  });
});
