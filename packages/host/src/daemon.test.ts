import { once } from 'node:events';
import { appendFileSync, chmodSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import type { Peer } from '@palmkey/core/devices';
import { PalmkeyError } from '@palmkey/envelope';
import { AgentFrames, encodeAgentFrame, fingerprint, SshWriter } from '@palmkey/core/ssh';
import { type Relay, startRelay } from '@palmkey/relay';
import { pino } from 'pino';
import { afterAll, afterEach, beforeEach, describe, expect, test } from 'vitest';
import { ControlClient } from './control/client.ts';
import type { PairEvent, StatusFact } from './control/protocol.ts';
import type { Host, HostOptions } from './host.ts';
import { paths, type Paths } from './paths.ts';
import { startHost } from './start-host.ts';
import { tempFolder } from './testing/temp-folder.ts';
import { TestDisk } from './testing/test-disk.ts';
import { peerOf, TestPhone } from './testing/test-phone.ts';

let folder: ReturnType<typeof tempFolder>;
let relay: Relay;
let at: Paths;
let options: HostOptions;
let disk: TestDisk;
const closing: (() => unknown)[] = [];
const drained: Promise<void>[] = [];
afterAll(() => Promise.all(drained));

beforeEach(async () => {
  folder = tempFolder();
  at = paths(folder.at('home'));
  disk = new TestDisk();
  relay = await startRelay({
    host: '127.0.0.1',
    port: 0,
    origins: [],
    admission: 'open',
    store: ':memory:',
    logger: pino({ level: 'silent' }),
  });
  options = {
    home: at.home,
    relay: relay.url,
    appUrl: null,
    publicUrl: null,
    tryCommand: null,
    version: '0.1.0',
    hostName: 'laptop',
    progressWords: ({ is }) => is,
    disk,
  };
});
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
  // A relay drains what it was asked for longer than a test need wait.
  drained.push(relay.close());
  folder[Symbol.dispose]();
});

async function start(): Promise<Host> {
  const host = await startHost(options);
  closing.push(() => host.close());
  return host;
}

async function control(): Promise<ControlClient> {
  const client = await ControlClient.connect(at.controlSocket);
  closing.push(() => client.close());
  return client;
}

/** Begins a pairing; `url` is its link, `change` stands between the code and what is typed. */
function pair(client: ControlClient, phone?: TestPhone, change = (code: string) => code) {
  let shown: (url: string) => void = () => undefined;
  const url = new Promise<string>((resolve) => (shown = resolve));
  let code = '';
  let peer: Promise<Peer | undefined> = Promise.resolve(undefined);
  const onEvent = (event: PairEvent) => {
    if (event.is === 'link') {
      shown(event.url);
      if (phone !== undefined) peer = phone.pair(event.url, (digits) => (code = digits)).catch(() => undefined);
    }
    // The phone shows its code when the host has asked for it at the latest; a wrong one is asked for again.
    if (event.is === 'code-wanted') void type();
  };
  const type = async () => {
    while (code === '') await new Promise(setImmediate);
    await client.call('pair-code', { code: change(code) });
  };
  const result = client.call('pair', {}, onEvent);
  result.catch(() => undefined);
  return { url, result, peer: () => peer };
}

function replaceByFolder(path: string): void {
  rmSync(path, { force: true });
  mkdirSync(path);
}

const kinds = async (client: ControlClient) => (await client.call('log', { limit: 100 })).map(({ kind }) => kind);
const codeOf = (started: Promise<unknown>) =>
  started.then(() => 'started').catch((error: unknown) => (error instanceof PalmkeyError ? error.code : error));

/** Resolves with the first status that is so. */
async function until(client: ControlClient, found: (status: StatusFact) => boolean): Promise<StatusFact> {
  return new Promise((resolve) => {
    client.call('watch', {}, (status) => found(status) && resolve(status)).catch(() => undefined);
  });
}

describe('startHost', () => {
  test('starts and stops twice on one folder, and leaves neither lock nor sockets', async () => {
    const first = await start();
    const { id } = first.device;
    expect(first.status()).toMatchObject({ pid: process.pid, device: { name: 'laptop' }, pairing: false, phones: [] });
    await first.close();
    await first.close();
    for (const path of [at.lock, at.agentSocket, at.controlSocket]) expect(existsSync(path), path).toBe(false);
    const second = await start();
    expect(second.device.id).toEqual(id);
    expect(await kinds(await control())).toEqual(['started', 'stopped', 'started']);
  });

  test('refuses a second daemon, also from the same process, and the first goes on', async () => {
    await start();
    expect(await codeOf(startHost(options))).toBe('already-running');
    expect((await (await control()).call('status', {})).pid).toBe(process.pid);
    expect(readFileSync(at.lock, 'utf8')).toBe(String(process.pid));
  });

  test('of two at once one starts', async () => {
    const results = await Promise.allSettled([start(), start()]);
    expect(results.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
  });

  test.each([
    ['bad-permissions', () => chmodSync(at.home, 0o750)],
    ['bad-permissions', () => chmodSync(at.device, 0o640)],
    ['bad-permissions', () => chmodSync(at.run, 0o755)],
    ['state-broken', () => writeFileSync(at.pairings, '{', { mode: 0o600 })],
    ['state-broken', () => writeFileSync(at.replay, Buffer.alloc(48))],
    ['newer-state', () => writeFileSync(at.pairings, '{"v":3}', { mode: 0o600 })],
    ['newer-state', () => writeFileSync(at.keyUses, '{"v":2}', { mode: 0o600 })],
    ['not-a-socket', () => writeFileSync(at.agentSocket, '')],
    ['not-writable', () => mkdirSync(`${at.controlSocket}/full`, { recursive: true })],
    ['not-writable', () => replaceByFolder(at.claims)],
    ['not-writable', () => (disk.full = true)],
  ])('%s: nothing runs after it, and it starts once that is mended', async (code, spoil) => {
    await (await start()).close();
    spoil();
    expect(await codeOf(startHost(options))).toBe(code);
    expect(existsSync(at.lock)).toBe(false);
    await expect(ControlClient.connect(at.controlSocket)).rejects.toMatchObject({ code: 'not-running' });
  });
});

test('calls are answered while the disk is full, and its own log costs nobody anything', async () => {
  await start();
  const client = await control();
  disk.full = true;
  expect(await codeOf(client.call('unpair', { phone: 'x' }))).toBe('no-such-phone');
  expect((await client.call('status', {})).device.name).toBe('laptop');
});

test('where keys were used begins with what the log tells, and forgets nothing by a start', async () => {
  await (await start()).close();
  rmSync(at.keyUses);
  const name = `SHA256:${'a'.repeat(43)}`;
  const login = { at: 5, kind: 'login', outcome: 'approved', user: 'ada', host: 'prod', keyFingerprint: name };
  appendFileSync(at.log, `${JSON.stringify(login)}\n`);
  for (const end of ['first', 'second']) {
    const host = await start();
    const { uses } = await (await control()).call('key-uses', {});
    expect([end, uses]).toEqual([end, [expect.objectContaining({ key: name, user: 'ada', host: 'prod', at: 5 })]]);
    await host.close();
  }
});

test('a watcher hears of changes until it goes', async () => {
  await start();
  const watcher = await control();
  const status = await until(watcher, ({ relays }) => relays[0]?.state === 'connected');
  expect(status.relays).toMatchObject([{ url: relay.url, problem: null }]);
});

describe('a pairing', () => {
  let phone: TestPhone;
  beforeEach(async () => {
    phone = new TestPhone();
    closing.push(() => phone.leave());
    await start();
  });

  test('ends with the phone and its keys, over a restart too', async () => {
    const client = await control();
    const { result, peer } = pair(client, phone);
    expect((await result).phone).toMatchObject({ name: 'Pixel', keys: [{ comment: 'Work', phone: 'Pixel' }] });
    expect((await peer())?.name).toBe('laptop');
    expect(await kinds(client)).toEqual(['paired', 'started']);
    expect((await client.call('status', {})).pairing).toBe(false);
    await closing.splice(1, 1)[0]?.();
    await start();
    expect((await (await control()).call('status', {})).phones).toMatchObject([{ name: 'Pixel' }]);
  });

  test('is said to run while it does; another one meanwhile is refused', async () => {
    const [client, other] = [await control(), await control()];
    const running = until(await control(), ({ pairing }) => pairing);
    const { url } = pair(client);
    await url;
    await running;
    expect(await codeOf(other.call('pair', {}))).toBe('pairing-running');
    expect(await codeOf(other.call('pair-code', { code: '000000' }))).toBe('no-pairing');
  });

  test('that the person left is over, not failed, and makes room for the next', async () => {
    const client = await control();
    await pair(client).url;
    client.close();
    const next = await control();
    await until(await control(), ({ pairing }) => !pairing);
    await pair(next).url;
    expect(await kinds(next)).toEqual(['started']);
  });

  test('that the person left tells the phone that waits with its code', async () => {
    const client = await control();
    const { url } = pair(client);
    let failed: Promise<unknown> = Promise.resolve();
    await new Promise<void>((resolve) => {
      void url.then((link) => {
        failed = phone.pair(link, () => resolve());
        failed.catch(() => undefined);
      });
    });
    client.close();
    await expect(failed).rejects.toMatchObject({ code: 'peer-aborted', reason: 'cancelled' });
  });

  test('with wrong codes fails and is logged', async () => {
    const client = await control();
    const wrong = (code: string) => String((Number(code) + 1) % 1_000_000).padStart(6, '0');
    expect(await codeOf(pair(client, phone, wrong).result)).toBe('wrong-code');
    expect(await client.call('log', { limit: 1 })).toMatchObject([{ kind: 'pairing-failed', outcome: 'wrong-code' }]);
  });

  test('that the disk has no room for is a typed error, and nothing is kept', async () => {
    const client = await control();
    const full = (code: string) => {
      disk.full = true;
      return code;
    };
    expect(await codeOf(pair(client, phone, full).result)).toBe('not-writable');
    disk.full = false;
    expect((await client.call('status', {})).phones).toEqual([]);
    expect(await codeOf(pair(client, new TestPhone('Tablet')).result)).toBe('started');
  });

  test('that waits for a relay ends when the person leaves, and the relay is let go', async () => {
    const client = await control();
    const status = until(await control(), ({ pairing }) => pairing);
    const call = client.call('pair', { relay: 'http://relay.invalid' });
    expect((await status).relays.map(({ url }) => url)).toEqual([relay.url, 'http://relay.invalid']);
    client.close();
    expect(await codeOf(call)).toBe('disconnected');
    await until(await control(), ({ pairing, relays }) => !pairing && relays.length === 1);
  });
});

describe('with a phone', () => {
  let phone: TestPhone;
  let host: Peer;
  let client: ControlClient;
  beforeEach(async () => {
    phone = new TestPhone();
    const daemon = await start();
    client = await control();
    await pair(client, phone).result;
    host = { ...daemon.device, ...peerless(await client.call('status', {})) };
    await phone.connect(relay.url, host, () => Date.now());
    closing.push(() => phone.leave());
    await phone.say(host, phone.here());
    await until(await control(), ({ phones }) => phones[0]?.reach === 'here');
  });
  const peerless = ({ device }: StatusFact) => {
    const { name, role } = peerOf(phone.device, device.name, 'asks');
    return { name, role };
  };

  /** What ssh would be answered: the type of the agent's message. */
  async function login(): Promise<number | undefined> {
    const data = new SshWriter()
      .string(new Uint8Array(32))
      .byte(50)
      .text('deploy')
      .name('ssh-connection')
      .name('publickey')
      .bool(true)
      .name('ssh-ed25519')
      .string(phone.key)
      .done();
    const socket = connect(at.agentSocket);
    socket.write(encodeAgentFrame(new SshWriter().byte(13).string(phone.key).string(data).uint32(0).done()));
    const [chunk] = (await once(socket, 'data')) as [Buffer];
    socket.destroy();
    return new AgentFrames().push(chunk)[0]?.[0];
  }

  test('a new name and keys are kept; keys that are none are not, and end nothing', async () => {
    const bad = Uint8Array.of(1, 2, 3);
    const renamed = until(await control(), ({ phones }) => phones[0]?.name === 'Pocket');
    await phone.say(host, phone.here({ name: 'Pocket', keys: [bad, phone.key] }));
    expect((await renamed).phones[0]?.keys).toHaveLength(1);
  });

  test('what the disk has no room for is not taken over, and the next message is heard', async () => {
    disk.full = true;
    const refused = new Promise<void>((resolve) => (disk.onRefused = resolve));
    await phone.say(host, phone.here({ name: 'Lost' }));
    await refused;
    disk.full = false;
    expect((await client.call('status', {})).phones[0]?.name).toBe('Pixel');
    const renamed = until(await control(), ({ phones }) => phones[0]?.name === 'Pocket');
    await phone.say(host, phone.here({ name: 'Pocket' }));
    await renamed;
  });

  test('unpaired while a request is open: it fails, the phone is told of both, and is a stranger', async () => {
    const answer = login();
    const { request } = await phone.told('ask');
    expect(await client.call('unpair', { phone: 'PIXEL' })).toEqual({ name: 'Pixel', told: true });
    expect(await answer).toBe(5);
    expect(await phone.told('settled')).toMatchObject({ outcome: 'failed' });
    await phone.told('unpair');
    expect(request.length).toBeGreaterThan(0);
    expect(await client.call('status', {})).toMatchObject({ phones: [], waiting: [] });
    expect((await kinds(client)).slice(0, 2).sort()).toEqual(['login', 'unpaired']);
  });

  test('its keys are remembered beyond its pairing, also those that it has no more', async () => {
    const other = new TestPhone();
    const renamed = until(await control(), ({ phones }) => phones[0]?.name === 'Pocket');
    await phone.say(host, phone.here({ name: 'Pocket', keys: [other.key] }));
    await renamed;
    await client.call('unpair', { phone: 'Pocket' });
    expect((await client.call('key-uses', {})).keys).toMatchObject([
      { fingerprint: fingerprint(phone.key), phone: 'Pixel', held: false },
      { fingerprint: fingerprint(other.key), phone: 'Pocket', held: false },
    ]);
  });

  test('a phone that unpairs is gone at once, its requests with it', async () => {
    const answer = login();
    await phone.told('ask');
    await phone.say(host, { kind: 'unpair' });
    expect(await answer).toBe(5);
    expect((await client.call('status', {})).phones).toEqual([]);
  });

  test('unpairing on a full disk is a typed error, and the pairing goes on', async () => {
    disk.full = true;
    expect(await codeOf(client.call('unpair', { phone: 'Pixel' }))).toBe('not-writable');
    disk.full = false;
    expect((await client.call('status', {})).phones).toHaveLength(1);
    expect(phone.heard.some(({ kind }) => kind === 'unpair')).toBe(false);
  });

  test('the end of the daemon withdraws what is open, and the phone is told', async () => {
    const answer = login();
    await phone.told('ask');
    await client.call('stop', {});
    expect(await answer).toBe(5);
    expect(await phone.told('settled')).toMatchObject({ outcome: 'withdrawn' });
  });
});
