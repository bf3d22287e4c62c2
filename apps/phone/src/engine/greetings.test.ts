import { beforeEach, expect, test } from 'vitest';
import { quiet, until } from './testing/fake-browser.ts';
import { PairedPhone } from './testing/paired-phone.ts';

let phone: PairedPhone;

/** The phone has greeted the computer, which has answered. */
beforeEach(async () => {
  phone = await PairedPhone.createNew();
});

const said = () => phone.host.heard.filter(({ kind }) => kind === 'here').length;
const saidOnce = (before: number) => until('a greeting', () => said() === before + 1);

test('a computer that begins anew while the phone stays connected is told what the phone speaks', async () => {
  phone.browser.clock.advance(60_000);
  const [before, heard] = [said(), phone.host.heard.length];
  await phone.host.greet();
  await saidOnce(before);
  expect(phone.host.heard.slice(heard).map(({ kind }) => kind)).toEqual(['speaks', 'here']);
  // Its answer to that, if it gives one, ends it.
  await phone.host.greet();
  await quiet();
  expect(said()).toBe(before + 1);
});

test('a `here` without versions is a change of its name, and is not answered', async () => {
  phone.browser.clock.advance(60_000);
  const before = said();
  await phone.host.here();
  await quiet();
  expect(said()).toBe(before);
});

test('an answer that does not come within ten seconds is a greeting of its own', async () => {
  await phone.reload();
  const before = said();
  phone.browser.clock.advance(10_000);
  await phone.host.greet();
  await saidOnce(before);
});

test('a computer that the relay called absent is answered, though the phone has greeted it just before', async () => {
  await phone.reload();
  phone.browser.clock.advance(2_000);
  const before = said();
  phone.browser.relay().sayPresence(phone.host.device.id, false);
  await phone.host.greet();
  await saidOnce(before);
});

test('a computer that greets without end is answered once in two seconds, and at the end', async () => {
  phone.browser.clock.advance(60_000);
  const before = said();
  for (let n = 0; n < 20; n += 1) await phone.host.greet();
  await saidOnce(before);
  await quiet();
  expect(said()).toBe(before + 1);
  phone.browser.clock.advance(2_000);
  await saidOnce(before + 1);
  phone.browser.clock.advance(60_000);
  await quiet();
  expect(said()).toBe(before + 2);
});

test('a relay that says again and again that a computer comes and goes has the phone say nothing', async () => {
  phone.browser.clock.advance(60_000);
  const before = said();
  for (let n = 0; n < 20; n += 1) {
    phone.browser.relay().sayPresence(phone.host.device.id, false);
    phone.browser.relay().sayPresence(phone.host.device.id, true);
  }
  await quiet();
  expect(said()).toBe(before);
});

test('an answer that waits for its time is not given once the phone is closed', async () => {
  const before = said();
  await phone.host.greet();
  await quiet();
  phone.tab.engine.close();
  phone.browser.clock.advance(2_000);
  await quiet();
  expect(said()).toBe(before);
});
