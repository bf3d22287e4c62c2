import { parseDeviceId, parseRendezvousId, parseRendezvousSender, type DeviceId } from '@palmkey/envelope';
import { describe, expect, test } from 'vitest';
import { limits } from './limits.ts';
import { RendezvousHall } from './rendezvous.ts';
import { TestClock } from './testing/test-clock.ts';

const id = parseRendezvousId(new Uint8Array(32).fill(1));
const host = parseDeviceId(new Uint8Array(16).fill(2));
const phone = parseDeviceId(new Uint8Array(16).fill(3));
const me = parseRendezvousSender(new Uint8Array(16).fill(4));
const other = parseRendezvousSender(new Uint8Array(16).fill(5));
const never = new AbortController().signal;

function newHall() {
  const clock = new TestClock();
  const expired: DeviceId[] = [];
  const hall = new RendezvousHall(clock, (device) => expired.push(device));
  hall.open(id, host);
  return { clock, hall, expired };
}
const failing = (code: string): Error => expect.objectContaining({ name: 'RelayError', code }) as Error;

describe('a rendezvous', () => {
  test('is closed after an hour, and what it admitted is handed back unless it was kept', async () => {
    const { clock, hall, expired } = newHall();
    expect(hall.takeGrant(id, phone)).toMatchObject({ openedBy: host, withdrawn: false });
    const poll = hall.messages(id, me, 1, 30_000, never);
    clock.advance(30_000);
    expect(await poll).toEqual([]);
    clock.advance(limits.rendezvousLifetimeMs - 30_001);
    expect(expired).toEqual([]);
    clock.advance(1);
    expect(expired).toEqual([phone]);
    expect(() => hall.close(id, host, phone)).toThrow(failing('no-rendezvous'));
  });

  test('that was closed in time does not expire', () => {
    const { clock, hall, expired } = newHall();
    const grant = hall.takeGrant(id, phone);
    expect(hall.close(id, host, phone)).toEqual({ device: phone, kept: true });
    clock.advance(2 * limits.rendezvousLifetimeMs);
    expect([expired, grant?.withdrawn]).toEqual([[], false]);
  });

  test('tells a grant that it was withdrawn', () => {
    const { hall } = newHall();
    const grant = hall.takeGrant(id, phone);
    hall.close(id, host, null);
    expect(grant?.withdrawn).toBe(true);
    expect(hall.takeGrant(id, phone)).toBeUndefined();
  });

  test('keeps nobody but the device that its opener names', () => {
    const { hall } = newHall();
    const grant = hall.takeGrant(id, parseDeviceId(new Uint8Array(16).fill(9)));
    expect(hall.close(id, host, phone)).toMatchObject({ kept: false });
    expect(grant?.withdrawn).toBe(true);
  });

  test('holds 64 messages', () => {
    const { hall } = newHall();
    for (let seqno = 1; seqno <= 64; seqno++) hall.post(id, { sender: me, seqno, msg: new Uint8Array(0) });
    expect(() => hall.post(id, { sender: me, seqno: 65, msg: new Uint8Array(0) })).toThrow(failing('rendezvous-full'));
    expect(hall.post(id, { sender: me, seqno: 64, msg: new Uint8Array(0) })).toBe('repeated');
  });

  test('holds 64 MiB together with all others, and its share is free again when it is closed', () => {
    const { hall } = newHall();
    const msg = new Uint8Array(limits.maxRendezvousMessageBytes);
    const ids = Array.from({ length: 64 }, (_, i) => parseRendezvousId(new Uint8Array(32).fill(i + 10)));
    for (const [i, each] of ids.entries()) {
      hall.open(each, parseDeviceId(new Uint8Array(16).fill(i)));
      for (let seqno = 1; seqno <= 64; seqno++) hall.post(each, { sender: me, seqno, msg });
    }
    const one = { sender: me, seqno: 1, msg: Uint8Array.of(1) };
    expect(() => hall.post(id, one)).toThrow(failing('rendezvous-full'));
    hall.close(ids[5]!, parseDeviceId(new Uint8Array(16).fill(5)), null);
    expect(hall.post(id, one)).toBe('posted');
  });

  test('answers no more than 32 polls at a time, and all of them at once', async () => {
    const { hall } = newHall();
    const polls = Array.from({ length: 32 }, () => hall.messages(id, me, 1, 1000, new AbortController().signal));
    await expect(hall.messages(id, me, 1, 1000, never)).rejects.toThrow(failing('rendezvous-full'));
    hall.post(id, { sender: other, seqno: 1, msg: Uint8Array.of(1) });
    for (const messages of await Promise.all(polls)) expect(messages).toHaveLength(1);
  });

  test('waits on when what comes is not what the poll is for, up to its time', async () => {
    const { clock, hall } = newHall();
    const poll = hall.messages(id, me, 2, 1000, never);
    clock.advance(600);
    hall.post(id, { sender: other, seqno: 1, msg: Uint8Array.of(1) });
    hall.post(id, { sender: me, seqno: 2, msg: Uint8Array.of(2) });
    await Promise.resolve();
    clock.advance(400);
    expect(await poll).toEqual([]);
  });

  test('lets go of a poll that is given up', async () => {
    const { hall } = newHall();
    const gone = new AbortController();
    const poll = hall.messages(id, me, 1, 30_000, gone.signal);
    gone.abort();
    expect(await poll).toEqual([]);
  });

  test('gives messages by sender and number, however they came', async () => {
    const { hall } = newHall();
    for (const [sender, seqno] of [
      [other, 10],
      [me, 2],
      [other, 9],
      [me, 1],
    ] as const) {
      hall.post(id, { sender, seqno, msg: new Uint8Array(0) });
    }
    const third = parseRendezvousSender(new Uint8Array(16));
    const messages = await hall.messages(id, third, 2, 0, never);
    expect(messages.map((m) => [m.sender, m.seqno])).toEqual([
      [me, 2],
      [other, 9],
      [other, 10],
    ]);
  });
});
