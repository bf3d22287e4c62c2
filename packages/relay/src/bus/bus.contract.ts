/** What every bus keeps, of one node or of several. */
import { parseAccountId, parseDeviceId, type AccountId, type DeviceId } from '@palmkey/envelope';
import { randomBytes } from 'node:crypto';
import { expect, it } from 'vitest';
import type { Bus, BusEvents } from './bus.ts';

export function anyDevice(): DeviceId {
  return parseDeviceId(new Uint8Array(randomBytes(16)));
}

export function anyAccount(): AccountId {
  return parseAccountId(new Uint8Array(randomBytes(16)));
}

/** Events of which none may come. */
export function noEvents(): BusEvents & { heard: string[] } {
  const heard: string[] = [];
  const note = (name: string) => () => void heard.push(name);
  return {
    heard,
    onEnteredElsewhere: note('entered elsewhere'),
    onFrame: note('frame'),
    onPresence: note('presence'),
    onExpel: note('expel'),
    onAccountChanged: note('account changed'),
    onChainHead: note('chain head'),
    onAccountData: note('account data'),
    onRendezvous: note('rendezvous'),
    readsHere: () => {
      heard.push('question');
      return true;
    },
  };
}

/** The tests of a bus that has no other node; `open` makes one. */
export function busContract(open: () => Promise<Bus>): void {
  it('knows of nobody elsewhere, not even of its own devices', async () => {
    await using bus = await open();
    bus.listen(noEvents());
    const [device, account] = [anyDevice(), anyAccount()];
    bus.enter(device, account);
    expect(bus.isElsewhere(device)).toBe(false);
    expect(bus.elsewhere(account)).toEqual([]);
  });

  it('forwards nothing where no other node has the recipient', async () => {
    await using bus = await open();
    bus.listen(noEvents());
    const device = anyDevice();
    bus.enter(device, anyAccount());
    const absent = (): void => expect.unreachable('nothing was sent');
    expect(bus.forward(device, new Uint8Array(40), absent)).toBe(false);
    expect(bus.forward(anyDevice(), new Uint8Array(40), absent)).toBe(false);
  });

  it('says of nobody that it reads elsewhere, not even of its own devices', async () => {
    await using bus = await open();
    const events = noEvents();
    bus.listen(events);
    const device = anyDevice();
    bus.enter(device, anyAccount());
    expect(await bus.readsElsewhere(device)).toBe(false);
    expect(await bus.readsElsewhere(anyDevice())).toBe(false);
    expect(events.heard).toEqual([]);
  });

  it('tells a node nothing of what it did itself', async () => {
    const bus = await open();
    const events = noEvents();
    bus.listen(events);
    const [device, account] = [anyDevice(), anyAccount()];
    bus.enter(device, account);
    bus.enter(device, account);
    bus.leave(device, account);
    bus.expel(device, 'removed');
    bus.accountChanged(account);
    bus.chainHead(account, { account: anyAccount(), seqno: 1, hash: new Uint8Array(32) });
    bus.accountData(account, { account: anyAccount(), revision: 1 }, [anyDevice()]);
    bus.rendezvous(new Uint8Array(32));
    await bus[Symbol.asyncDispose]();
    expect(events.heard).toEqual([]);
  });

  it('is connected', async () => {
    await using bus = await open();
    bus.listen(noEvents());
    expect(bus.connected).toBe(true);
  });
}
