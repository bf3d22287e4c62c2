import { toHex } from '@palmkey/envelope';
import { beforeEach, describe, expect, test } from 'vitest';
import { quiet, until } from './testing/fake-browser.ts';
import { PairedPhone } from './testing/paired-phone.ts';

let phone: PairedPhone;

beforeEach(async () => {
  phone = await PairedPhone.create();
});

describe('an answer', () => {
  test('is sent again on here and on reconnect until it is settled', async () => {
    const hash = await phone.asked();
    phone.host.disconnect();
    await phone.tab.engine.decide(hash, 'approve');
    await quiet();
    expect(phone.host.decisions(hash)).toEqual([]);
    phone.host.connect();
    await phone.host.here();
    await until('repeated on here', () => phone.host.decisions(hash).length === 1);
    phone.browser.relay().goDown();
    phone.browser.relay().comeUp();
    phone.host.connect();
    await until('repeated on reconnect', () => phone.host.decisions(hash).length === 2);
    await phone.host.settle(hash, 'approved');
    await until('confirmed', () => phone.snapshot.aftermath?.state === 'confirmed');
    await phone.host.here();
    await quiet();
    expect(phone.host.decisions(hash)).toHaveLength(2);
  });

  test('that nobody confirmed by the end is unconfirmed and no longer sent', async () => {
    const hash = await phone.asked();
    await phone.tab.engine.decide(hash, 'approve');
    await phone.answer(hash);
    phone.browser.clock.advance(90_000);
    await until('unconfirmed', () => phone.snapshot.aftermath?.state === 'unconfirmed');
    await phone.host.here();
    await quiet();
    expect(phone.host.decisions(hash)).toHaveLength(1);
    await phone.host.settle(hash, 'approved');
    await until('confirmed late', () => phone.line(hash)?.confirmed === true);
  });

  test('given before a reload is repeated after it', async () => {
    const hash = await phone.asked();
    phone.host.disconnect();
    await phone.tab.engine.decide(hash, 'approve');
    phone.host.connect();
    await phone.reload();
    expect((await phone.answer(hash)).is).toBe('approve');
  });
});

describe('a reload', () => {
  test('in the middle brings the screen back with the time that is left', async () => {
    const hash = await phone.asked();
    const before = phone.snapshot.waiting[0]!;
    phone.browser.clock.advance(30_000);
    await phone.reload();
    expect(phone.snapshot.waiting[0]).toMatchObject({ hash, receivedAt: before.receivedAt, endsAt: before.endsAt });
    await phone.tab.engine.decide(hash, 'approve');
    expect((await phone.answer(hash)).is).toBe('approve');
  });

  test('after the end shows it expired, and the same request again is refused', async () => {
    const request = await phone.login();
    const hash = await phone.host.ask(request);
    await until('waiting', () => phone.waits(hash));
    phone.tab.engine.close();
    phone.browser.clock.advance(91_000);
    await phone.open();
    await until('expired', () => phone.line(hash)?.outcome === 'expired');
    await phone.host.ask(request);
    expect(await phone.answer(hash)).toEqual({ is: 'refuse', code: 'expired', skew: null });
  });

  test('does not open a message again that came before', async () => {
    const hash = await phone.asked();
    const carried = phone.browser.relay().carried.filter(({ from }) => toHex(from) === phone.host.id);
    await phone.host.settle(hash, 'withdrawn');
    await until('withdrawn', () => phone.line(hash) !== undefined);
    await phone.reload();
    for (const { from, to, body } of carried) phone.browser.relay().carry(from, to, body);
    const fence = await phone.asked();
    expect(phone.snapshot.waiting.map((view) => view.hash)).toEqual([fence]);
    await until('received', () => phone.host.received.includes(fence));
    expect(phone.host.received).toHaveLength(2);
  });
});
