import { parseGrant, parseRendezvousId, type Grant, type RendezvousId } from '@palmkey/envelope';
import { createHash } from 'node:crypto';
import { afterAll, describe, expect, test } from 'vitest';
import { limits } from '../limits.ts';
import { TestDevice } from '../testing/test-device.ts';
import { testableDialects, TestStores } from '../testing/test-stores.ts';
import { AccountStore } from './account-store.ts';
import { dayOf, DeviceStore } from './device-store.ts';
import { InvitationStore } from './invitation-store.ts';
import { Registry } from './registry.ts';
import { RendezvousStore } from './rendezvous-store.ts';

const NOW = 1_700_000_000_000;
const DAY = 86_400_000;
const refused = (code: string) => ({ is: 'refused', code });
const failing = (code: string): Error => expect.objectContaining({ name: 'RelayError', code }) as Error;
const rendezvousId = (n: number): RendezvousId & Grant => parseRendezvousId(new Uint8Array(32).fill(n));
const grantOf = (n: number) => parseGrant(new Uint8Array(32).fill(n));
const hashOf = (grant: Grant) => new Uint8Array(createHash('sha256').update(grant).digest());

describe.each(testableDialects)('who is let in, by a store in %s', (dialect) => {
  const stores = new TestStores(dialect);
  afterAll(() => stores[Symbol.asyncDispose]());

  async function newRelay({ maxDevices = 1_000 } = {}) {
    const database = await stores.open();
    const changed: string[] = [];
    return {
      database,
      changed,
      registry: new Registry(database, {
        maxDevices,
        onAccountChanged: (account) => changed.push(Buffer.from(account).toString('hex')),
      }),
      devices: new DeviceStore(database, { open: false }),
      ofOpen: new DeviceStore(database, { open: true }),
      accounts: new AccountStore(database),
      invitations: new InvitationStore(database),
      rendezvous: new RendezvousStore(database),
    };
  }

  /** A host that the operator let in, with an open rendezvous, and a phone that used its grant. */
  async function newPairing() {
    const relay = await newRelay();
    const [host, phone] = [new TestDevice(), new TestDevice()];
    await relay.registry.admitByOperator(host, NOW);
    await relay.rendezvous.open(rendezvousId(1), host.id, NOW);
    expect(await relay.registry.admitByGrant(phone, rendezvousId(1), NOW)).toEqual({
      is: 'admitted',
      account: host.id,
    });
    return { ...relay, host, phone };
  }

  test('the operator’s device begins an account and is permanent', async () => {
    const { registry, devices, changed } = await newRelay();
    const device = new TestDevice();
    expect(await registry.admitByOperator(device, NOW)).toEqual({ is: 'admitted', account: device.id });
    expect(await devices.accountOf(device.id)).toEqual(device.id);
    expect(await devices.devicesOf((await devices.accountOf(device.id))!)).toEqual([device.id]);
    expect(await devices.accountOf(new TestDevice().id)).toBeNull();
    expect(changed).toEqual([Buffer.from(device.id).toString('hex')]);
  });

  test('a rendezvous lets in one device, which goes when nobody keeps it', async () => {
    const { registry, devices, rendezvous, host, phone } = await newPairing();
    expect(await registry.admitByGrant(new TestDevice(), rendezvousId(1), NOW)).toEqual(refused('not-admitted'));
    expect(await registry.admitByGrant(new TestDevice(), rendezvousId(9), NOW)).toEqual(refused('not-admitted'));
    expect(await rendezvous.close(rendezvousId(1), host.id, new TestDevice().id, NOW)).toEqual({
      device: phone.id,
      account: host.id,
      kept: false,
    });
    expect(await devices.find(phone.id, NOW)).toBeNull();
  });

  test('a rendezvous that a short number leads to lets nobody in, before it is used and after', async () => {
    const { registry, rendezvous, host } = await newPairing();
    await rendezvous.open(rendezvousId(2), host.id, NOW);
    const number = await rendezvous.allocateNameplate(rendezvousId(2), host.id, NOW);
    const stranger = new TestDevice();
    expect(await registry.admitByGrant(stranger, rendezvousId(2), NOW)).toEqual(refused('not-admitted'));
    expect(await rendezvous.claimNameplate(number, NOW)).toEqual(rendezvousId(2));
    expect(await registry.admitByGrant(stranger, rendezvousId(2), NOW)).toEqual(refused('not-admitted'));
  });

  test('a device that is kept stays, and whoever let it in may forget it', async () => {
    const { devices, accounts, rendezvous, host, phone } = await newPairing();
    expect(await rendezvous.close(rendezvousId(1), host.id, phone.id, NOW)).toMatchObject({ kept: true });
    expect(await rendezvous.sweep(NOW + DAY)).toEqual([]);
    expect(await devices.find(phone.id, NOW + DAY)).toMatchObject({ admittedVia: 'rendezvous', blocked: false });
    expect(await accounts.forget(host.id, phone.id)).toEqual({ is: 'not-yours' });
    expect(await accounts.forget(new TestDevice().id, phone.id)).toEqual({ is: 'unknown' });
    expect(await accounts.forget(phone.id, host.id)).toEqual({ is: 'forgotten', device: phone.id, account: host.id });
    expect(await devices.accountOf(phone.id)).toBeNull();
  });

  test('a rendezvous that is over lets nobody in from that moment, and the sweep forgets whom it had let in', async () => {
    const { registry, devices, rendezvous, host, phone } = await newPairing();
    const over = NOW + limits.rendezvousLifetimeMs;
    expect(await rendezvous.sweep(over - 1)).toEqual([]);
    expect(await devices.find(phone.id, over - 1)).not.toBeNull();
    expect(await devices.find(phone.id, over)).toBeNull();
    expect(await rendezvous.sweep(over)).toEqual([{ device: phone.id, account: host.id }]);
    expect(await devices.accountOf(phone.id)).toBeNull();
    expect(await registry.admitByGrant(phone, rendezvousId(1), over)).toEqual(refused('not-admitted'));
  });

  test('of many that show one grant at once, one is let in', async () => {
    const { registry, invitations } = await newRelay();
    await invitations.add({
      grantHash: hashOf(grantOf(3)),
      createdBy: null,
      uses: 2,
      createdAt: NOW,
      expiresAt: NOW + 1,
    });
    const outcomes = await Promise.all(
      Array.from({ length: 6 }, () => registry.admitByGrant(new TestDevice(), grantOf(3), NOW)),
    );
    expect(outcomes.filter(({ is }) => is === 'admitted')).toHaveLength(2);
    expect(await invitations.list(NOW)).toEqual([]);
  });

  test('an invitation by the operator begins accounts until its time; by a device it joins that device’s', async () => {
    const { registry, invitations } = await newRelay();
    const [host, friend] = [new TestDevice(), new TestDevice()];
    await registry.admitByOperator(host, NOW);
    const common = { uses: 1, createdAt: NOW, expiresAt: NOW + 1_000 };
    await invitations.add({ ...common, grantHash: hashOf(grantOf(1)), createdBy: null });
    const createdBy = { device: host.id, account: host.id };
    await invitations.add({ ...common, grantHash: hashOf(grantOf(2)), createdBy });
    await expect(invitations.add({ ...common, grantHash: hashOf(grantOf(2)), createdBy })).rejects.toThrow(
      failing('conflict'),
    );
    expect(await registry.admitByGrant(friend, grantOf(1), NOW + 1_000)).toEqual(refused('not-admitted'));
    expect(await registry.admitByGrant(friend, grantOf(1), NOW)).toEqual({ is: 'admitted', account: friend.id });
    const guest = new TestDevice();
    expect(await registry.admitByGrant(guest, grantOf(2), NOW)).toEqual({ is: 'admitted', account: host.id });
    await invitations.add({ ...common, grantHash: hashOf(grantOf(4)), createdBy: null });
    expect(await invitations.revoke(hashOf(grantOf(4)))).toBe(true);
    expect(await invitations.revoke(hashOf(grantOf(4)))).toBe(false);
    expect(await registry.admitByGrant(new TestDevice(), grantOf(4), NOW)).toEqual(refused('not-admitted'));
  });

  test('an account has 32 invitations out, and 32 devices; what was refused for that is not used up', async () => {
    const { registry, accounts, invitations } = await newRelay();
    const host = new TestDevice();
    await registry.admitByOperator(host, NOW);
    const createdBy = { device: host.id, account: host.id };
    const invite = (n: number) =>
      invitations.add({ grantHash: hashOf(grantOf(n)), createdBy, uses: 1, createdAt: NOW, expiresAt: NOW + 1_000 });
    for (let n = 0; n < limits.invitationsPerAccount; n++) await invite(n);
    await expect(invite(99)).rejects.toThrow(failing('quota'));
    const guests = Array.from({ length: 32 }, () => new TestDevice());
    for (const [n, guest] of guests.slice(0, 31).entries()) {
      expect(await registry.admitByGrant(guest, grantOf(n), NOW)).toMatchObject({ is: 'admitted' });
    }
    expect(await registry.admitByGrant(guests[31]!, grantOf(31), NOW)).toEqual(refused('quota'));
    expect(await invitations.list(NOW)).toHaveLength(1);
    await accounts.forget(guests[0]!.id, host.id);
    expect(await registry.admitByGrant(guests[31]!, grantOf(31), NOW)).toMatchObject({ is: 'admitted' });
  });

  test('a relay knows so many devices and no more', async () => {
    const { registry } = await newRelay({ maxDevices: 2 });
    const [first, second] = [new TestDevice(), new TestDevice()];
    await registry.admitByOperator(first, NOW);
    expect(await registry.admitOpen(second, NOW)).toMatchObject({ is: 'admitted' });
    expect(await registry.admitOpen(new TestDevice(), NOW)).toEqual(refused('quota'));
    expect(await registry.admitByGithub(second, 7, NOW)).toMatchObject({ is: 'admitted' });
  });

  test('whom only an open relay let in is known while it is open, with all whom it let in', async () => {
    const { registry, devices, ofOpen, rendezvous } = await newRelay();
    const [stranger, friend] = [new TestDevice(), new TestDevice()];
    await registry.admitOpen(stranger, NOW);
    await rendezvous.open(rendezvousId(1), stranger.id, NOW);
    await registry.admitByGrant(friend, rendezvousId(1), NOW);
    await rendezvous.close(rendezvousId(1), stranger.id, friend.id, NOW);
    for (const { id } of [stranger, friend]) {
      expect(await ofOpen.accountOf(id)).toEqual(stranger.id);
      expect(await devices.accountOf(id)).toBeNull();
      expect(await devices.find(id, NOW)).toBeNull();
    }
    expect(await registry.admitByOperator(stranger, NOW)).toMatchObject({ is: 'admitted' });
    expect(await devices.accountOf(stranger.id)).toEqual(stranger.id);
    expect(await devices.accountOf(friend.id)).toBeNull();
  });

  test('a block holds for a device, for an account and all that it lets in, and against every way in', async () => {
    const { registry, devices, accounts, invitations, host, phone } = await newPairing();
    const account = (await devices.accountOf(host.id))!;
    expect(await accounts.block({ kind: 'device', id: phone.id }, NOW)).toEqual([{ device: phone.id, account }]);
    expect(await devices.find(phone.id, NOW)).toMatchObject({ blocked: true });
    expect(await devices.devicesOf(account)).toEqual([host.id]);
    expect(await registry.admitOpen(phone, NOW)).toEqual(refused('blocked'));
    expect(await registry.admitByGithub(phone, 7, NOW)).toEqual(refused('blocked'));
    expect(await accounts.forget(phone.id, host.id)).toEqual({ is: 'not-yours' });
    await accounts.block({ kind: 'device', id: phone.id }, null);
    expect(await devices.find(phone.id, NOW)).toMatchObject({ blocked: false });

    const createdBy = { device: host.id, account };
    await invitations.add({ grantHash: hashOf(grantOf(5)), createdBy, uses: 1, createdAt: NOW, expiresAt: NOW + 1 });
    await accounts.block({ kind: 'account', id: account }, NOW);
    expect(await devices.find(host.id, NOW)).toMatchObject({ blocked: true });
    expect(await devices.accountOf(host.id)).toBeNull();
    expect(await registry.admitByGrant(new TestDevice(), grantOf(5), NOW)).toEqual(refused('not-admitted'));
    expect(await accounts.block({ kind: 'device', id: new TestDevice().id }, NOW)).toBeNull();
  });

  test('a blocked person of GitHub brings no further device; theirs are one account', async () => {
    const { registry, accounts } = await newRelay();
    const [one, two, three] = [new TestDevice(), new TestDevice(), new TestDevice()];
    const first = await registry.admitByGithub(one, 7, NOW);
    expect(first).toEqual({ is: 'admitted', account: one.id });
    expect(await registry.admitByGithub(two, 7, NOW)).toEqual(first);
    if (first.is === 'admitted') await accounts.block({ kind: 'account', id: first.account }, NOW);
    expect(await registry.admitByGithub(three, 7, NOW)).toEqual(refused('blocked'));
    expect(await registry.admitByGithub(three, 8, NOW)).toEqual({ is: 'admitted', account: three.id });
  });

  test('only its founder deletes an account, with its devices, rendezvous and invitations', async () => {
    const { database, devices, accounts, invitations, rendezvous, host, phone } = await newPairing();
    const account = (await devices.accountOf(host.id))!;
    const createdBy = { device: host.id, account };
    await invitations.add({ grantHash: hashOf(grantOf(5)), createdBy, uses: 1, createdAt: NOW, expiresAt: NOW + 1 });
    await expect(accounts.deleteOwn(account, phone.id)).rejects.toThrow(failing('conflict'));
    const gone = await accounts.deleteOwn(account, host.id);
    expect(gone.map(({ device }) => Buffer.from(device).toString('hex')).sort()).toEqual(
      [host, phone].map(({ id }) => Buffer.from(id).toString('hex')).sort(),
    );
    expect(await rendezvous.isOpen(rendezvousId(1), NOW)).toBe(false);
    for (const table of ['devices', 'accounts', 'invitations', 'rendezvous'] as const) {
      expect(await database.db.selectFrom(table).selectAll().execute()).toEqual([]);
    }
  });

  test('the operator removes a device, or an account with its devices, blocked or not', async () => {
    const { devices, accounts, host, phone } = await newPairing();
    const account = (await devices.accountOf(host.id))!;
    expect(await accounts.remove({ kind: 'device', id: new TestDevice().id })).toBeNull();
    await accounts.block({ kind: 'device', id: phone.id }, NOW);
    expect(await accounts.remove({ kind: 'account', id: account })).toHaveLength(2);
    expect(await accounts.listAccounts(10)).toEqual([]);
    expect(await accounts.listDevices(10)).toEqual([]);
  });

  test('a device that nobody has seen for so long is forgotten, unless the operator let it in or blocked it', async () => {
    const { registry, devices, accounts } = await newRelay();
    const [operated, quiet, seen, blocked] = [new TestDevice(), new TestDevice(), new TestDevice(), new TestDevice()];
    await registry.admitByOperator(operated, NOW);
    for (const device of [quiet, seen, blocked]) await registry.admitOpen(device, NOW);
    await devices.see(seen.id, dayOf(NOW + 100 * DAY));
    await devices.see(seen.id, dayOf(NOW));
    await accounts.block({ kind: 'device', id: blocked.id }, NOW);
    expect(await accounts.sweep(NOW + 180 * DAY, 180)).toEqual([]);
    expect(await accounts.sweep(NOW + 182 * DAY, 180)).toEqual([{ device: quiet.id, account: quiet.id }]);
    expect(await accounts.listDevices(10)).toHaveLength(3);
  });
});
