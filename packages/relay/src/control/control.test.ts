import { toHex } from '@palmkey/envelope';
import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createConnection } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { once } from 'node:events';
import { pino } from 'pino';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { TestDevice } from '../testing/test-device.ts';
import { codeOf, testRelay } from '../testing/test-relay.ts';
import { ControlClient } from './control-client.ts';
import { ControlServer, isServed } from './control-server.ts';
import { openStoreDesk, operatorDesk } from './operator-desk.ts';
import { OperatorError } from './operator-error.ts';

const status = { version: '1', pid: 1, startedAt: 1, url: 'http://localhost', devices: 0, cluster: false };
let folder: string;
let path: string;
let relay: Awaited<ReturnType<typeof testRelay>>;
let control: ControlServer;
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'palmkey-control-'));
  path = join(folder, 'relay.sock');
  relay = await testRelay({ store: join(folder, 'relay.sqlite') });
  const desk = operatorDesk(relay.operator, () => ({ ...status, devices: relay.connections() }));
  control = await ControlServer.listen(path, desk, pino({ level: 'silent' }));
});
afterEach(async () => {
  await control[Symbol.asyncDispose]();
  await relay.close();
  rmSync(folder, { recursive: true });
});

async function faultOf(work: Promise<unknown>): Promise<string> {
  return work.then(
    () => 'none',
    (error: unknown) => (error instanceof OperatorError ? error.code : String(error)),
  );
}

test('an operator removes and blocks devices, whose sessions end at once', async () => {
  using client = await ControlClient.connect(path);
  const [ada, bob] = [new TestDevice(), new TestDevice()];
  for (const device of [ada, bob]) await relay.admit(device);
  const [first, second] = [await ada.enter(relay.url), await bob.enter(relay.url)];
  const { rows } = await client.desk.devices({ limit: 10 });
  expect(rows.map(({ id, connected, via }) => [id, connected, via]).sort()).toEqual(
    [ada, bob].map(({ id }) => [toHex(id), true, 'operator']).sort(),
  );
  const adas = toHex(ada.id);
  expect(await client.desk.block({ kind: 'device', beginning: adas.slice(0, 12) })).toEqual({
    kind: 'device',
    id: adas,
  });
  expect(codeOf(await first.next())).toBe('blocked');
  expect(codeOf(await (await ada.connect(relay.url)).next())).toBe('blocked');
  await client.desk.unblock({ kind: 'device', beginning: adas });
  await ada.enter(relay.url);
  await client.desk.remove({ kind: 'account', beginning: toHex(bob.id) });
  expect(codeOf(await second.next())).toBe('removed');
  expect(codeOf(await (await bob.connect(relay.url)).next())).toBe('not-admitted');
  expect((await client.desk.accounts({ limit: 10 })).rows.map(({ id }) => id)).toEqual([adas]);
  expect((await client.desk.status({})).devices).toBe(1);
});

test('a list says that there is more than was asked for', async () => {
  using client = await ControlClient.connect(path);
  for (let made = 0; made < 3; made++) await relay.admit(new TestDevice());
  expect(await client.desk.devices({ limit: 3 })).toMatchObject({ more: false });
  const { rows, more } = await client.desk.devices({ limit: 2 });
  expect([rows.length, more]).toEqual([2, true]);
});

test('an invitation is told once, listed by a hash, and taken back by the beginning of that', async () => {
  using client = await ControlClient.connect(path);
  const { code, expiresAt } = await client.desk.invite({ uses: 2, lifetimeMs: 60_000 });
  expect(code).toMatch(/^([0-9A-HJKMNP-TV-Z]{5}-){3}[0-9A-HJKMNP-TV-Z]{5}$/);
  const { rows } = await client.desk.invitations({ limit: 10 });
  expect(rows).toMatchObject([{ usesLeft: 2, expiresAt, joins: null }]);
  expect(JSON.stringify(rows)).not.toContain(code);
  const beginning = rows[0]?.id.slice(0, 8) ?? '';
  await client.desk.remove({ kind: 'invitation', beginning });
  expect((await client.desk.invitations({ limit: 10 })).rows).toEqual([]);
  expect(await faultOf(client.desk.remove({ kind: 'invitation', beginning }))).toBe('no-such-invitation');
});

test('an id that is nobody’s, or more than one’s, is refused', async () => {
  using client = await ControlClient.connect(path);
  expect(await faultOf(client.desk.block({ kind: 'device', beginning: '0' }))).toBe('no-such-device');
  expect(await faultOf(client.desk.block({ kind: 'account', beginning: '0' }))).toBe('no-such-account');
  // Of 17 ids two begin with the same digit.
  for (let made = 0; made < 17; made++) await relay.admit(new TestDevice());
  const faults = await Promise.all(
    Array.from('0123456789abcdef', (beginning) => faultOf(client.desk.unblock({ kind: 'device', beginning }))),
  );
  expect(faults).toContain('ambiguous-id');
});

test('the socket is its owner’s alone, and goes with the relay', async () => {
  expect(statSync(path).mode & 0o777).toBe(0o600);
  expect(await isServed(path)).toBe(true);
  const client = await ControlClient.connect(path);
  await control[Symbol.asyncDispose]();
  expect(await faultOf(client.desk.status({}))).toBe('relay-gone');
  expect(await isServed(path)).toBe(false);
  expect(await faultOf(ControlClient.connect(path))).toBe('no-relay');
});

test('a socket that a killed relay left is taken over', async () => {
  const left = join(folder, 'left.sock');
  writeFileSync(left, '');
  await using again = await ControlServer.listen(
    left,
    operatorDesk(relay.operator, () => status),
    pino({ level: 'silent' }),
  );
  expect(again).toBeDefined();
  expect(await isServed(left)).toBe(true);
});

test('what is no call is an error, and what is no line of JSON ends the connection', async () => {
  const say = async (text: string): Promise<string> => {
    const socket = createConnection(path);
    socket.setEncoding('utf8').write(text);
    let heard = '';
    socket.on('data', (chunk: string) => {
      heard += chunk;
      socket.end();
    });
    await once(socket, 'close');
    return heard;
  };
  expect(await say('{"id":1,"call":"constructor"}\n')).toBe(
    '{"id":1,"error":{"code":"unknown-call","subject":null}}\n',
  );
  expect(await say('{"id":1,"call":"block","kind":"device","beginning":"x"}\n')).toContain('unknown-call');
  expect(await say('{"id":1,"call":"devices","limit":1e9}\n')).toContain('unknown-call');
  for (const junk of ['nonsense\n', '{}\n', '[]\n', 'x'.repeat(70_000)]) expect(await say(junk)).toBe('');
  expect(await isServed(path)).toBe(true);
});

test('a store without a relay is worked on, and the next relay knows', async () => {
  const store = join(folder, 'other.sqlite');
  const [ada, other] = [new TestDevice(), await testRelay({ store })];
  await other.admit(ada);
  await other.close();
  {
    await using desk = await openStoreDesk(store);
    expect((await desk.devices({ limit: 1 })).rows).toMatchObject([{ id: toHex(ada.id), connected: null }]);
    await desk.block({ kind: 'device', beginning: toHex(ada.id) });
  }
  const again = await testRelay({ store });
  expect(codeOf(await (await ada.connect(again.url)).next())).toBe('blocked');
  await again.close();
});
