import { beforeEach, describe, expect, test } from 'vitest';
import { until } from './testing/fake-browser.ts';
import { FakeHost } from './testing/fake-host.ts';
import { PairedPhone } from './testing/paired-phone.ts';

const HOUR_MS = 3_600_000;
let phone: PairedPhone;
/** A computer beside the first one, and how far its clock is ahead. */
let desk: FakeHost;
let aheadMs: number;

beforeEach(async () => {
  phone = await PairedPhone.createNew();
  aheadMs = 0;
  desk = await FakeHost.create(phone.browser.relay(), { now: () => phone.browser.clock.now() + aheadMs });
  await phone.addComputer(desk);
});

const skewOf = (host: FakeHost) => phone.snapshot.computers.find(({ id }) => id === host.id)?.skewMs;

describe('a computer whose clock is too far off', () => {
  test.each([5 * HOUR_MS, -48 * HOUR_MS])('by %i ms is known by its greeting, until one comes in time', async (ms) => {
    aheadMs = ms;
    await desk.greet();
    await until('skewed', () => skewOf(desk) === -ms);
    expect(skewOf(phone.host)).toBeNull();
    aheadMs = 0;
    await desk.greet();
    await until('in time', () => skewOf(desk) === null);
  });

  test('within what is taken is not said to be off', async () => {
    aheadMs = 10 * 60_000;
    await desk.greet();
    await until('greeted', () => phone.snapshot.computers.every(({ lastSeenAt }) => lastSeenAt !== null));
    expect(skewOf(desk)).toBeNull();
  });

  test('is not known by a request, which may have lain about', async () => {
    aheadMs = 5 * HOUR_MS;
    const hash = await desk.ask(await phone.login({ now: phone.browser.clock.now() + aheadMs }));
    await until('refused', () => phone.line(hash)?.refusal === 'clock-skew');
    expect(skewOf(desk)).toBeNull();
  });
});
