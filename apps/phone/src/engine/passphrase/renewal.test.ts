import { publicDevice } from '@palmkey/core/devices';
import { expect, test } from 'vitest';
import { everythingIn } from '../../store/testing/everything-in.ts';
import { quiet, until } from '../testing/fake-browser.ts';
import { PairedPhone } from '../testing/paired-phone.ts';

const passphrase = 'apple river stone cloud';

/** A phone with a passphrase whose account is at its relay, with one computer in it and one beside it. */
async function withAccount() {
  const phone = await PairedPhone.create();
  phone.host.enlists = 'agrees';
  await until('posted', () => phone.snapshot.account?.relay != null);
  await phone.host.greet({ from: 1, to: 4 });
  await until('inside', () => phone.snapshot.account?.devices.length === 2);
  await phone.tab.engine.passphrase.set(passphrase);
  return phone;
}

const nameOfSelf = (phone: PairedPhone) => phone.snapshot.account?.devices.find(({ self }) => self)?.name;
const active = (phone: PairedPhone) =>
  phone.snapshot.account?.devices.filter(({ revoked }) => revoked === null).map(({ name }) => name);

test('renewDevice puts new keys in the place of the former ones, which leave the account', async () => {
  const phone = await withAccount();
  const before = phone.snapshot;
  expect(before.passphrase).toMatchObject({ bare: { device: true } });
  const former = before.account?.devices.find(({ self }) => self)?.id;
  await phone.tab.engine.passphrase.renewDevice();
  await until(
    'the former is out',
    () => phone.snapshot.account?.devices.find(({ id }) => id === former)?.revoked != null,
  );
  expect(phone.snapshot).toMatchObject({
    phase: { is: 'ready' },
    deviceName: 'phone',
    passphrase: { is: 'on', generation: 1, bare: { device: false, keys: [before.keys[0]?.id] } },
    account: { id: before.account?.id, alarm: null, removed: null },
    computers: [{ name: 'laptop' }],
  });
  expect(nameOfSelf(phone)).toBe('phone 2');
  expect(phone.snapshot.account?.devices.find(({ id }) => id === former)?.revoked).not.toBeNull();
  expect(phone.browser.relay().chains.state?.perUserKey.generation).toBe(2);
  // A computer of the account talks with it by the chain.
  const self = phone.browser.relay().chains.state?.active.find(({ kind }) => kind !== 'host');
  if (self === undefined) expect.unreachable();
  phone.host.know(publicDevice(self.signingKey, self.agreementKey));
  const hash = await phone.asked();
  await phone.tab.engine.decide(hash, 'approve');
  expect((await phone.answer(hash)).is).toBe('approve');
  // The user key that was there before is the only one that a copy of the profile has.
  expect(everythingIn(phone.browser.tables).handles).toHaveLength(1);
});

test('renewDevice that the relay cannot be reached for keeps the former keys, and goes on with the same new ones', async () => {
  const phone = await withAccount();
  const former = phone.snapshot.account?.devices.find(({ self }) => self)?.id;
  phone.browser.relay().chains.losesAnswers = true;
  await expect(phone.tab.engine.passphrase.renewDevice()).rejects.toMatchObject({ code: 'no-head' });
  expect(phone.snapshot.passphrase).toMatchObject({ bare: { device: true } });
  phone.browser.relay().chains.losesAnswers = false;
  // As after a crash: what was posted is on the chain, and its keys are still here.
  phone.tab.engine.close();
  phone.tab = phone.browser.open();
  await until('the unlock page', () => phone.snapshot.phase.is === 'passphrase');
  await phone.tab.engine.passphrase.open(passphrase);
  await until('in step', () => phone.snapshot.account?.devices.length === 3);
  await phone.tab.engine.passphrase.renewDevice();
  await until('the former is out', () => active(phone)?.length === 2);
  expect(phone.snapshot.account?.devices).toHaveLength(3);
  expect(phone.snapshot.account?.devices.find(({ id }) => id === former)?.revoked).not.toBeNull();
  expect(phone.snapshot.passphrase).toMatchObject({ bare: { device: false } });
});

test('renewDevice does nothing without a passphrase, nor for keys that it locks', async () => {
  const phone = await PairedPhone.create();
  const seqno = phone.snapshot.account?.head.seqno;
  await phone.tab.engine.passphrase.renewDevice();
  await quiet();
  expect(phone.snapshot.account?.head.seqno).toBe(seqno);
  await phone.tab.engine.passphrase.set(passphrase);
  await phone.tab.engine.passphrase.renewDevice();
  await until('renewed', () => phone.snapshot.passphrase.is === 'on' && !phone.snapshot.passphrase.bare.device);
  const renewed = phone.snapshot.account?.devices.find(({ self }) => self)?.id;
  await phone.tab.engine.passphrase.renewDevice();
  expect(phone.snapshot.account?.devices.find(({ self }) => self)?.id).toBe(renewed);
});
