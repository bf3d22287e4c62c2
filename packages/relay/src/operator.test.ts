import { encodeInvite, FrameType, invitationGrantPreimage, parseGrant, parseInvitationCode } from '@palmkey/envelope';
import { createHash } from 'node:crypto';
import { expect, onTestFinished, test } from 'vitest';
import { Operator } from './operator.ts';
import { openDatabase } from './store/database.ts';
import { TestClock } from './testing/test-clock.ts';
import { TestDevice, type TestSocket } from './testing/test-device.ts';
import { codeOf, testRelay } from './testing/test-relay.ts';

async function relayWith(...members: TestDevice[]) {
  const relay = await testRelay();
  onTestFinished(() => relay.close());
  for (const member of members) await relay.admit(member);
  return relay;
}

const sha256 = (bytes: Uint8Array) => new Uint8Array(createHash('sha256').update(bytes).digest());
const grantOf = (shown: string) => parseGrant(sha256(invitationGrantPreimage(parseInvitationCode(shown) ?? '')));

/** The code of the next error frame; presence of others is passed over. */
async function nextError(socket: TestSocket): Promise<string> {
  for (;;) {
    const frame = await socket.next();
    if (frame.type === FrameType.error) return codeOf(frame);
  }
}

test('an invitation lets in as many as it says, and is listed until then', async () => {
  const relay = await relayWith();
  const { code, id } = await relay.operator.invite({ uses: 2, lifetimeMs: 60_000 });
  expect(await relay.operator.invitations()).toMatchObject([{ id, joins: null, usesLeft: 2 }]);
  const [one, two, three] = [new TestDevice(), new TestDevice(), new TestDevice()];
  await one.enter(relay.url, { grant: grantOf(code) });
  await two.enter(relay.url, { grant: grantOf(code.toLowerCase()) });
  expect(codeOf(await (await three.connect(relay.url, { grant: grantOf(code) })).next())).toBe('not-admitted');
  expect(await relay.operator.invitations()).toEqual([]);
  expect(await relay.operator.accounts()).toHaveLength(2);
  expect(relay.log.join('')).not.toContain(code.slice(0, 11));
});

test('an invitation that is revoked lets nobody in', async () => {
  const relay = await relayWith();
  const { code, id } = await relay.operator.invite({ uses: 1, lifetimeMs: 60_000 });
  expect([await relay.operator.revoke(id), await relay.operator.revoke(id)]).toEqual([true, false]);
  const socket = await new TestDevice().connect(relay.url, { grant: grantOf(code) });
  expect(codeOf(await socket.next())).toBe('not-admitted');
});

test('a device invites one device into its own account', async () => {
  const host = new TestDevice();
  const relay = await relayWith(host);
  const socket = await host.enter(relay.url);
  const grant = parseGrant(new Uint8Array(32).fill(7));
  socket.control(FrameType.invite, 1, encodeInvite({ grantHash: sha256(grant), lifetimeS: 60 }));
  expect((await socket.next()).type).toBe(FrameType.done);
  const phone = new TestDevice();
  await phone.enter(relay.url, { grant });
  const devices = await relay.operator.devices();
  expect(devices.map(({ account, via, connected }) => [account, via, connected])).toEqual([
    [host.id, 'operator', true],
    [host.id, 'invitation', true],
  ]);
});

test.each(['members', 'open'] as const)(
  'a device is seen on the day on which a relay for %s lets it in',
  async (admission) => {
    const clock = new TestClock();
    const relay = await testRelay({ admission, clock });
    onTestFinished(() => relay.close());
    const { code } = await relay.operator.invite({ uses: 1, lifetimeMs: 60_000 });
    const device = new TestDevice();
    await device.enter(relay.url, admission === 'members' ? { grant: grantOf(code) } : {});
    const today = clock.now() - (clock.now() % 86_400_000);
    expect(await relay.operator.devices()).toMatchObject([{ id: device.id, seenOn: today }]);
  },
);

test('a device that the operator let in and that was never connected was not seen', async () => {
  await using relay = await testRelay();
  await relay.admit(new TestDevice());
  expect(await relay.operator.devices()).toMatchObject([{ seenOn: null, connected: false }]);
});

test('a block ends the connection at once and lasts until it is taken back', async () => {
  const device = new TestDevice();
  const relay = await relayWith(device);
  const socket = await device.enter(relay.url);
  expect(await relay.operator.block({ kind: 'device', id: device.id })).toBe(true);
  expect(await nextError(socket)).toBe('blocked');
  expect(codeOf(await (await device.connect(relay.url)).next())).toBe('blocked');
  expect(await relay.operator.devices()).toMatchObject([{ id: device.id, connected: false, hasPush: false }]);
  expect(await relay.operator.unblock({ kind: 'device', id: device.id })).toBe(true);
  await device.enter(relay.url);
  expect(await relay.operator.block({ kind: 'device', id: new TestDevice().id })).toBe(false);
});

test('a device that is removed is disconnected and unknown', async () => {
  const device = new TestDevice();
  const relay = await relayWith(device);
  const socket = await device.enter(relay.url);
  expect(await relay.operator.remove({ kind: 'device', id: device.id })).toBe(true);
  expect(await nextError(socket)).toBe('removed');
  expect(codeOf(await (await device.connect(relay.url)).next())).toBe('not-admitted');
  expect(await relay.operator.accounts()).toEqual([]);
});

test('an operator on the store alone changes it, and knows of no connection', async () => {
  const database = await openDatabase(':memory:');
  onTestFinished(() => database.close());
  const operator = new Operator(database, new TestClock(), null);
  await operator.invite({ uses: 1, lifetimeMs: 1_000 });
  expect(await operator.invitations()).toHaveLength(1);
  expect(await operator.devices()).toEqual([]);
});

test('an open relay takes so many strangers from one address, and those whom it knows always', async () => {
  const relay = await testRelay({ admission: 'open', strangersPerHour: 2 });
  onTestFinished(() => relay.close());
  const [one, two, three] = [new TestDevice(), new TestDevice(), new TestDevice()];
  await one.enter(relay.url);
  await two.enter(relay.url);
  expect(codeOf(await (await three.connect(relay.url)).next())).toBe('rate-limited');
  await one.enter(relay.url);
});
