import { parseRendezvousId, RelayError, toHex } from '@palmkey/envelope';
import { expect, test } from 'vitest';
import { ORIGIN, quiet } from '../testing/fake-browser.ts';
import { FakeClock } from '../testing/fake-clock.ts';
import type { HomeRelay } from './joining-ports.ts';
import { MeetingGround } from './meeting-ground.ts';

const [first, second] = [1, 2].map((fill) => parseRendezvousId(new Uint8Array(32).fill(fill)));

function ground(orders: Partial<HomeRelay> = {}) {
  const log: string[] = [];
  const stop = new AbortController();
  const clock = new FakeClock();
  const home: HomeRelay = {
    origin: ORIGIN,
    open: (id) => Promise.resolve(void log.push(`open ${toHex(id).slice(0, 2)}`)),
    close: (id) => Promise.resolve(void log.push(`close ${toHex(id).slice(0, 2)}`)),
    nameplate: () => Promise.resolve(7),
    grant: () => Promise.resolve(),
    release: () => void log.push('release'),
    ...orders,
  };
  const meetAt = () => ({
    post: () => Promise.reject(new RelayError('no-rendezvous')),
    get: () => Promise.resolve([]),
    opened: () => Promise.resolve(),
    claimNameplate: () => Promise.reject(new RelayError('no-nameplate')),
  });
  return { it: new MeetingGround({ clock, meetAt }, home, stop.signal), log, stop, clock };
}

test('what nobody came to is closed at once, and the rest five seconds after the way', async () => {
  const { it, log, clock } = ground();
  await it.open(first!);
  await it.open(second!);
  await it.shut(first!);
  const left = it.leave();
  clock.advance(4_999);
  await quiet();
  expect(log).toEqual(['open 01', 'open 02', 'close 01']);
  clock.advance(1);
  await left;
  expect(log.slice(3)).toEqual(['close 02', 'release']);
});

test('where nothing is open the connection is given back at once', async () => {
  const { it, log } = ground();
  await it.leave();
  expect(log).toEqual(['release']);
});

test('nothing is opened once nobody waits for it', async () => {
  const { it, log, stop } = ground();
  stop.abort();
  await expect(it.open(first!)).rejects.toMatchObject({ code: 'cancelled' });
  expect(log).toEqual([]);
});

test.each([
  ['conflict', 'entered-elsewhere'],
  ['rendezvous-full', 'relay-full'],
  ['not-admitted', 'not-admitted'],
] as const)('a relay that says %s to a rendezvous or a number is said to be %s', async (said, code) => {
  const refuse = () => Promise.reject(new RelayError(said));
  const { it } = ground({ open: refuse, nameplate: refuse });
  await expect(it.open(first!)).rejects.toMatchObject({ code });
  await expect(it.nameplate(first!)).rejects.toMatchObject({ code });
});

test('a relay that does not close a rendezvous is left all the same', async () => {
  const { it, log, clock } = ground({ close: () => Promise.reject(new RelayError('unavailable')) });
  await it.open(first!);
  const left = it.leave();
  clock.advance(5_000);
  await left;
  expect(log).toEqual(['open 01', 'release']);
});
