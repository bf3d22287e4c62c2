/** A daemon whose keys are locked, from its start to the passphrase and back, with a real relay. */
import { once } from 'node:events';
import { existsSync, rmSync, writeFileSync } from 'node:fs';
import { connect, createServer, type Server } from 'node:net';
import { AgentFrames, encodeAgentFrame, SshWriter } from '@palmkey/core/ssh';
import { toHex } from '@palmkey/envelope';
import { type Relay, startRelay } from '@palmkey/relay';
import { pino } from 'pino';
import { afterAll, afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { AskProgress } from './asking/ask-progress.ts';
import { ControlClient } from './control/client.ts';
import type { StatusFact } from './control/protocol.ts';
import type { Host, HostOptions } from './host.ts';
import { changePassphraseAlone } from './keys/change-alone.ts';
import { paths, type Paths } from './paths.ts';
import { startRenewingHost } from './renewing-host.ts';
import { PairingStore } from './state/pairing-store.ts';
import { codeOf } from './testing/code-of.ts';
import { tempFolder } from './testing/temp-folder.ts';
import { TestPhone } from './testing/test-phone.ts';

const good = 'four words by chance';

let folder: ReturnType<typeof tempFolder>;
let relay: Relay;
let at: Paths;
let options: HostOptions;
let host: Host;
let phone: TestPhone;
let said: AskProgress[];
const closing: (() => unknown)[] = [];
const drained: Promise<void>[] = [];
afterAll(() => Promise.all(drained));

beforeEach(async () => {
  folder = tempFolder();
  at = paths(folder.at('home'));
  relay = await startRelay({
    host: '127.0.0.1',
    port: 0,
    origins: [],
    admission: 'open',
    store: ':memory:',
    logger: pino({ level: 'silent' }),
  });
  said = [];
  options = {
    home: at.home,
    relay: relay.url,
    appUrl: null,
    publicUrl: null,
    tryCommand: null,
    version: '0.1.0',
    hostName: 'laptop',
    progressWords: (progress) => {
      said.push(progress);
      return progress.is;
    },
  };
  phone = new TestPhone();
  await changePassphraseAlone(at.home, null, good);
  new PairingStore(at.pairings).put(phone.pairing(relay.url));
});
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
  drained.push(relay.close());
  folder[Symbol.dispose]();
});

async function start(change: Partial<HostOptions> = {}): Promise<void> {
  host = await startRenewingHost({ ...options, ...change }, () => Promise.resolve());
  const open = host;
  closing.push(() => open.close());
}

async function call<T>(use: (control: ControlClient) => Promise<T>): Promise<T> {
  const control = await ControlClient.connect(at.controlSocket);
  try {
    return await use(control);
  } finally {
    control.close();
  }
}

const status = () => call((control) => control.call('status', {}));
const unlock = (passphrase: string) => call((control) => control.call('unlock', { passphrase }));
const lock = () => call((control) => control.call('lock', {}));
const change = (old: string | null, next: string | null) =>
  call((control) => control.call('change-passphrase', { old, next }));
const kinds = async () =>
  (await call((control) => control.call('log', { limit: 100 }))).map(({ kind, outcome }) => [kind, outcome]);

async function until(found: (status: StatusFact) => boolean): Promise<StatusFact> {
  const control = await ControlClient.connect(at.controlSocket);
  closing.push(() => control.close());
  return new Promise((resolve) => {
    control.call('watch', {}, (fact) => found(fact) && resolve(fact)).catch(() => undefined);
  });
}

/** One request of the agent and its answer. */
async function agent(...messages: Uint8Array[]): Promise<Uint8Array[]> {
  const socket = connect(at.agentSocket);
  const frames = new AgentFrames();
  const answers: Uint8Array[] = [];
  for (const message of messages) socket.write(encodeAgentFrame(message));
  for await (const chunk of socket as AsyncIterable<Buffer>) {
    answers.push(...frames.push(chunk));
    if (answers.length === messages.length) break;
  }
  return answers;
}

/** Counts who connects to it. */
async function listener(): Promise<{ server: Server; url: string; count: () => number }> {
  let count = 0;
  const server = createServer((socket) => {
    count += 1;
    socket.destroy();
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  closing.push(() => server.close());
  return { server, url: `http://127.0.0.1:${port}`, count: () => count };
}

describe('a daemon that starts on locked keys', () => {
  test('answers who it is, which phones it has, and that it is locked', async () => {
    await start();
    const fact = await status();
    expect(fact).toMatchObject({ deviceKeys: 'locked', relays: [], account: null, waiting: [] });
    expect(fact.device.id).toBe(toHex(host.device.id));
    expect(fact.phones).toMatchObject([{ name: 'Pixel', reach: 'unknown' }]);
    expect(await kinds()).toEqual([['started', 'locked']]);
  });

  test('connects to nothing, and does once it is unlocked', async () => {
    const { server, url, count } = await listener();
    await start({ relay: url });
    await status();
    expect(count()).toBe(0);
    const reached = once(server, 'connection');
    await unlock(good);
    await status();
    await reached;
    expect(count()).toBeGreaterThan(0);
  });

  test('lists the phones’ keys, and signs with none of them', async () => {
    await start();
    const [list, signed] = await agent(
      Uint8Array.of(11),
      new SshWriter().byte(13).string(phone.key).string(Uint8Array.of(1)).uint32(0).done(),
    );
    expect(Buffer.from(list ?? []).includes(Buffer.from(phone.key))).toBe(true);
    expect(signed?.[0]).toBe(5);
  });

  test('says to git that the keys are locked', async () => {
    await start();
    const text =
      'tree 4b825dc642cb6eb9a060e54bf8d69288fbee4904\nauthor A <a@b> 0 +0000\ncommitter A <a@b> 0 +0000\n\nx\n';
    const asked = call((control) =>
      control.call(
        'git-sign',
        {
          key: Buffer.from(phone.key).toString('base64url'),
          object: Buffer.from(text).toString('base64url'),
          repository: null,
          origin: { programs: [], terminal: null, directory: null },
        },
        ({ is }) => said.push({ is } as AskProgress),
      ),
    );
    expect(await codeOf(asked)).toBe('keys-locked');
    expect((await kinds())[0]).toEqual(['git', 'failed']);
  });

  test.each([
    ['pair', (control: ControlClient) => control.call('pair', {})],
    ['unpair', (control: ControlClient) => control.call('unpair', { phone: 'Pixel' })],
    ['ping-phone', (control: ControlClient) => control.call('ping-phone', { phone: 'Pixel' })],
    ['account', (control: ControlClient) => control.call('account', {})],
    ['account-leave', (control: ControlClient) => control.call('account-leave', {})],
    ['pair-code', (control: ControlClient) => control.call('pair-code', { code: '123456' })],
  ] as [string, (control: ControlClient) => Promise<unknown>][])('refuses %s', async (_, asked) => {
    await start();
    expect(await codeOf(call(asked))).toBe('keys-locked');
  });

  test('stops when it is told to', async () => {
    const stopped = new Promise<void>(
      (resolve) => void start({ onStop: resolve }).then(() => call((control) => control.call('stop', {}))),
    );
    await stopped;
  });
});

describe('the passphrase', () => {
  test('a wrong one changes nothing, and is in the log', async () => {
    await start();
    expect(await codeOf(unlock('not the words'))).toBe('wrong-passphrase');
    expect((await status()).deviceKeys).toBe('locked');
    expect((await kinds())[0]).toEqual(['passphrase', 'refused']);
  });

  test('opens it: it is the same computer, connects, and sees its phone', async () => {
    await start();
    const { id } = host.device;
    const changed = new Promise<void>((resolve) => host.onChange(resolve));
    await unlock(good);
    await changed;
    await until(({ relays }) => relays.some(({ state }) => state === 'connected'));
    expect(host.device.id).toEqual(id);
    expect(await status()).toMatchObject({ deviceKeys: 'unlocked', phones: [{ name: 'Pixel' }] });
    expect((await kinds()).map(([kind]) => kind)).toEqual(['started', 'stopped', 'unlocked', 'started']);
  });

  test('is forgotten by lock, and both twice do no more than once', async () => {
    await start();
    await unlock(good);
    await unlock('whatever');
    expect((await status()).deviceKeys).toBe('unlocked');
    await lock();
    await lock();
    expect(await status()).toMatchObject({ deviceKeys: 'locked', relays: [] });
    await unlock(good);
    expect((await status()).deviceKeys).toBe('unlocked');
  });

  test('is changed and removed while it runs', async () => {
    await start();
    await unlock(good);
    await change(good, 'other words by chance');
    expect((await status()).deviceKeys).toBe('unlocked');
    await lock();
    expect(await codeOf(unlock(good))).toBe('wrong-passphrase');
    await unlock('other words by chance');
    await change('other words by chance', null);
    expect((await status()).deviceKeys).toBe('plain');
    expect(await codeOf(lock())).toBe('no-passphrase');
    // Each of its passphrases takes scrypt's time, and the processor that it can get.
  }, 60_000);

  test('is removed while it is locked: it starts as it would have without', async () => {
    await start();
    await change(good, null);
    expect((await status()).deviceKeys).toBe('plain');
    await until(({ relays }) => relays.some(({ state }) => state === 'connected'));
  });

  test('keys that are to be others, and are locked, become others once they are open, under the same passphrase', async () => {
    rmSync(at.pairings);
    const over = { v: 1, consents: [], leaving: null, names: {}, isOver: true, chain: null };
    writeFileSync(at.account, JSON.stringify(over), { mode: 0o600 });
    await start();
    const { id } = host.device;
    expect(existsSync(at.account)).toBe(true);
    await unlock(good);
    expect((await status()).deviceKeys).toBe('unlocked');
    expect([existsSync(at.account), toHex(host.device.id) === toHex(id)]).toEqual([false, false]);
    const renewed = toHex(host.device.id);
    await host.close();
    await start();
    expect(await status()).toMatchObject({ deviceKeys: 'locked', device: { id: renewed } });
    await unlock(good);
    expect(await status()).toMatchObject({ deviceKeys: 'unlocked', device: { id: renewed } });
  });

  test('is set while it runs, and wanted at the next start', async () => {
    await changePassphraseAlone(at.home, good, null);
    await start();
    await change(null, good);
    expect((await status()).deviceKeys).toBe('unlocked');
    await host.close();
    await start();
    expect((await status()).deviceKeys).toBe('locked');
  });
});
