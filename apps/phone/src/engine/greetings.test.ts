import { beforeEach, expect, test } from 'vitest';
import { quiet, until } from './testing/fake-browser.ts';
import { PairedPhone } from './testing/paired-phone.ts';

let phone: PairedPhone;

/** Both have greeted each other, a while ago. */
beforeEach(async () => {
  phone = await PairedPhone.createNew();
  await quiet();
  phone.browser.clock.advance(60_000);
  await quiet();
});

const said = () => phone.host.heard.filter(({ kind }) => kind === 'here').length;
const saidOnce = (before: number) => until('a greeting', () => said() === before + 1);

test('a computer that begins anew while the phone stays connected is told what the phone speaks', async () => {
  const [before, heard] = [said(), phone.host.heard.length];
  await phone.host.greet();
  await saidOnce(before);
  expect(phone.host.heard.slice(heard)).toMatchObject([{ kind: 'speaks', answer: true }, { kind: 'here' }]);
});

test('on its own connection the phone greets, which is no answer', async () => {
  const heard = phone.host.heard.length;
  await phone.reload();
  await until('a greeting', () => phone.host.heard.length > heard);
  expect(phone.host.heard[heard]).toEqual({ kind: 'speaks', from: 1, to: 5 });
});

test('an answer is not answered', async () => {
  const before = said();
  await phone.host.greet({ from: 1, to: 4, answer: true });
  await until('heard', () => phone.snapshot.computers[0]?.lastSeenAt === phone.browser.clock.now());
  await quiet();
  expect(said()).toBe(before);
});

test('a `here` without versions is a change of its name, and is not answered', async () => {
  const before = said();
  await phone.host.here();
  await quiet();
  expect(said()).toBe(before);
});

test('a computer that greets without end is answered once in two seconds, and at the end', async () => {
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
  await saidOnce(before);
  await phone.host.greet();
  await quiet();
  phone.tab.engine.close();
  phone.browser.clock.advance(2_000);
  await quiet();
  expect(said()).toBe(before + 1);
});
