/** Worst cases of what is on the disk: full, of a newer version, put back from a copy. */
import { execFileSync } from 'node:child_process';
import {
  cpSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
  writeSync,
  openSync,
  closeSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Peer } from '@palmkey/core/devices';
import { webPrimitives } from '@palmkey/core/crypto';
import { type Content, MemoryReplayStore, Opener, Sealer } from '@palmkey/core/messages';
import { requestHash } from '@palmkey/core/requests';
import { ControlClient, paths } from '@palmkey/host/control';
import type { SealedBody } from '@palmkey/envelope';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { TestPhone } from '../../packages/host/src/testing/test-phone.ts';
import type { Child } from '../lib/child.ts';
import { manifest } from '../lib/fake-home.ts';
import { palmkey, startPalmkey } from '../lib/palmkey.ts';
import { connectDevice } from '../lib/scripted-device.ts';
import { freePort, tempFolder, type TempFolder } from '../lib/temp.ts';

let temp: TempFolder;
let relay: Child;
let url: string;
beforeEach(async () => {
  temp = tempFolder();
  const port = await freePort();
  url = `http://localhost:${port}`;
  relay = startPalmkey(join(temp.path, 'relay'), 'relay', '--no-app', '--port', String(port));
  await relay.prints(/palmkey up --relay/);
});
afterEach(async () => {
  await relay[Symbol.asyncDispose]();
  temp[Symbol.dispose]();
});

async function startUp(home: string, ...args: string[]): Promise<Child> {
  const up = startPalmkey(home, 'up', '--relay', url, ...args);
  await up.prints(args.includes('--pair') ? /\/pair#/ : /connected/);
  return up;
}

async function call<T>(home: string, use: (control: ControlClient) => Promise<T>): Promise<T> {
  const control = await ControlClient.connect(paths(home).controlSocket);
  try {
    return await use(control);
  } finally {
    control.close();
  }
}

/** A phone that answers pings when it is told to, and keeps every body that it sent. */
class RecordingPhone implements Disposable {
  readonly sent: SealedBody[] = [];
  readonly #phone = new TestPhone('Pixel');
  readonly #seen = new MemoryReplayStore();
  #client: ReturnType<typeof connectDevice> | undefined;
  #sealer: Sealer | undefined;
  #host: Peer | undefined;
  #asked: ((hash: Uint8Array) => void) | undefined;

  async pair(up: Child): Promise<void> {
    const [link] = await up.prints(/https?:\/\/\S+\/pair#[A-Za-z0-9_-]+/);
    this.#host = await this.#phone.pair(link, (code) => up.write(`${code}\n`));
    await up.prints(/Paired with Pixel/);
  }

  async connect(): Promise<void> {
    const { device } = this.#phone;
    this.#client = connectDevice(url, device);
    this.#sealer = new Sealer({ primitives: webPrimitives, device, clock: Date });
    const peers = { find: () => this.#host };
    const opener = new Opener({
      primitives: webPrimitives,
      device,
      role: 'decides',
      peers,
      replay: this.#seen,
      clock: Date,
    });
    this.#client.client.onBody((_, body) => {
      void opener.open(body).then(
        ({ content }) => {
          if (content.kind === 'ask') this.#asked?.(requestHash(content.request));
        },
        () => undefined,
      );
    });
    await this.#client.client.connected();
    await this.say(this.#phone.here());
  }

  /** Resolves with the hash of the next request. */
  asked(): Promise<Uint8Array> {
    return new Promise((resolve) => (this.#asked = resolve));
  }

  async say(content: Content): Promise<void> {
    if (this.#host === undefined || this.#sealer === undefined) throw new Error('pair and connect first');
    const body = await this.#sealer.seal([this.#host], content);
    this.sent.push(body);
    this.send(body);
  }

  /** As a relay could: the same bytes again. */
  send(body: SealedBody): void {
    if (this.#host !== undefined) this.#client?.client.send(this.#host.id, body);
  }

  async approve(hash: Uint8Array): Promise<SealedBody> {
    await this.say({ kind: 'decision', hash, answer: { is: 'approve', signature: new Uint8Array(0) } } as Content);
    const [body] = this.sent.slice(-1);
    if (body === undefined) throw new Error('nothing was sent');
    return body;
  }

  leave(): void {
    this.#client?.client.close();
  }

  [Symbol.dispose](): void {
    this.leave();
  }
}

describe('a computer put back from a copy of its folder', () => {
  test('accepts no approval of the time between, and asks again as before', async () => {
    const home = join(temp.path, 'home');
    const copy = join(temp.path, 'copy');
    using phone = new RecordingPhone();
    let up = await startUp(home, '--pair');
    await phone.pair(up);
    await phone.connect();
    await up.prints(/Pixel: here/);
    await up[Symbol.asyncDispose]();
    cpSync(home, copy, { recursive: true, filter: (path) => !path.endsWith('.sock') });

    // The time that will be undone: one approval.
    up = await startUp(home);
    await up.prints(/Pixel: here|Pixel\s+here/);
    const { id } = await call(home, async (control) => (await control.call('status', {})).phones[0]!);
    const ping = () => call(home, (control) => control.call('ping-phone', { phone: id }));
    let asked = phone.asked();
    let answer = ping();
    const approval = await phone.approve(await asked);
    expect((await answer).answered).toBe(true);
    const after = readFileSync(paths(home).replay);
    await up[Symbol.asyncDispose]();

    rmSync(home, { recursive: true });
    cpSync(copy, home, { recursive: true });
    expect(readFileSync(paths(home).replay).length).toBeLessThan(after.length);
    up = await startUp(home);
    await up.prints(/Pixel: here|Pixel\s+here/);

    // All that was ever sent comes again, the approval last: it names a request that nobody asks now.
    asked = phone.asked();
    answer = ping();
    await asked;
    const known = readFileSync(paths(home).replay).length;
    for (const body of phone.sent.slice(0, -1)) phone.send(body);
    phone.send(approval);
    expect(await answer).toMatchObject({ answered: false });
    // The old copy does not know that it came before: it is new to the replay log, and still no answer to anything.
    expect(readFileSync(paths(home).replay).length).toBeGreaterThan(known);
    // What came once since the copy was put back does not come twice.
    const size = readFileSync(paths(home).replay).length;
    phone.send(approval);
    asked = phone.asked();
    answer = ping();
    await phone.approve(await asked);
    expect((await answer).answered).toBe(true);
    expect(readFileSync(paths(home).replay).length).toBe(size + 48);
    expect((await call(home, (control) => control.call('status', {}))).phones).toHaveLength(1);
    await up[Symbol.asyncDispose]();
  });
});

const root = process.getuid?.() === 0;
describe.runIf(root)(`a full disk${root ? '' : ' (not run: only root can mount one)'}`, () => {
  let home: string;
  let disk: string;
  beforeEach(() => {
    disk = join(temp.path, 'disk');
    home = join(disk, 'home');
    mkdirSync(disk);
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=2m,mode=0700', 'tmpfs', disk]);
  });
  afterEach(() => void execFileSync('umount', [disk]));

  function fill(): void {
    const file = openSync(join(disk, 'filler'), 'w');
    try {
      for (const size of [65_536, 4_096]) for (;;) if (!wrote(file, Buffer.alloc(size))) break;
    } finally {
      closeSync(file);
    }
  }

  function wrote(file: number, bytes: Buffer): boolean {
    try {
      return writeSync(file, bytes) === bytes.length;
    } catch {
      return false;
    }
  }

  const state = () =>
    new Map(
      readdirSync(paths(home).host)
        .filter((name) => name !== 'daemon.pid')
        .map((name) => [name, readFileSync(join(paths(home).host, name))]),
    );

  test('loses nothing, signs nothing that it cannot write down, and says so', async () => {
    using phone = new RecordingPhone();
    using second = new TestPhone('iPad');
    const up = await startUp(home, '--pair');
    try {
      await phone.pair(up);
      await phone.connect();
      await up.prints(/Pixel: here/);
      const { id } = await call(home, async (control) => (await control.call('status', {})).phones[0]!);
      // Up to the end of the page in which the replay log ends: the next record needs another.
      while (readFileSync(paths(home).replay).length + 48 <= 4_096) {
        const before = readFileSync(paths(home).replay).length;
        await phone.say({ kind: 'received', hash: new Uint8Array(32) } as Content);
        await expect.poll(() => readFileSync(paths(home).replay).length, { interval: 5 }).toBe(before + 48);
      }
      fill();
      const before = state();

      const asked = phone.asked();
      const answer = call(home, (control) => control.call('ping-phone', { phone: id }));
      await phone.approve(await asked);
      expect(await answer).toMatchObject({ answered: false });

      const unpaired = await palmkey(home, 'unpair', 'Pixel');
      expect(unpaired.exitCode).toBe(1);
      expect(unpaired.stderr).toMatch(
        /palmkey: cannot write \S+pairings\.json\n {2}Choose a folder of yours with --home, or free some space/,
      );

      const pairing = startPalmkey(home, 'pair');
      const [link] = await pairing.prints(/https?:\/\/\S+\/pair#[A-Za-z0-9_-]+/);
      await second.pair(link, (code) => pairing.write(`${code}\n`)).catch(() => undefined);
      expect(await pairing.ended()).toBe(1);
      expect(pairing.stderr).toMatch(/palmkey: cannot write \S+pairings\.json/);

      const doctor = await palmkey(home, 'doctor', '--json');
      expect(doctor.stdout).toContain('"disk-full"');
      expect((await palmkey(home, 'log')).exitCode).toBe(0);
      expect(same(before)).toEqual([]);

      expect(await stop(up)).toBe(0);
      const again = startPalmkey(home, 'up', '--relay', url);
      expect(await again.ended()).toBe(1);
      expect(again.stderr).toMatch(/palmkey: (cannot write|the disk is full)/);
      expect(same(before)).toEqual([]);

      rmSync(join(disk, 'filler'));
      const freed = await startUp(home);
      await freed.prints(/Pixel/);
      expect(same(before)).toEqual([]);
      await freed[Symbol.asyncDispose]();
    } finally {
      await up[Symbol.asyncDispose]();
    }
  });

  /** The files that are neither what they were nor that with whole lines or records after it. */
  function same(before: ReadonlyMap<string, Buffer>): string[] {
    const now = state();
    const kept = (name: string, bytes: Buffer) => {
      const found = now.get(name);
      if (found === undefined) return false;
      if (name === 'claims') return true;
      const grows = name === 'log.jsonl' || name === 'replay.log';
      return (grows ? found.subarray(0, bytes.length) : found).equals(bytes);
    };
    return [...before].filter(([name, bytes]) => !kept(name, bytes)).map(([name]) => name);
  }

  async function stop(child: Child): Promise<number> {
    child.kill('SIGTERM');
    return child.ended();
  }
});

describe('state of a newer Palmkey', () => {
  const newer: readonly [string, (home: string) => void][] = [
    ['device.json', (home) => writeFileSync(paths(home).device, '{"v":3,"x":1}', { mode: 0o600 })],
    ['pairings.json', (home) => writeFileSync(paths(home).pairings, '{"v":3,"x":1}', { mode: 0o600 })],
    ['key-uses.json', (home) => writeFileSync(paths(home).keyUses, '{"v":2,"x":1}', { mode: 0o600 })],
    ['log.jsonl', (home) => writeFileSync(paths(home).log, '{"v":2}\n{"x":1}\n', { mode: 0o600 })],
    [
      'replay.log',
      (home) => {
        const bytes = readFileSync(paths(home).replay);
        bytes.writeBigUInt64BE(2n, 40);
        writeFileSync(paths(home).replay, bytes);
      },
    ],
    ['relay.sqlite', (home) => setStoreVersion(paths(home).relayDatabase)],
  ];

  test.each(newer)('%s: is not started on, and not changed', async (name, write) => {
    const home = join(temp.path, 'home');
    const port = await freePort();
    const first = startPalmkey(home, 'up', '--no-pair', '--no-try', '--port', String(port));
    await first.prints(/connected/);
    await first[Symbol.asyncDispose]();
    write(home);
    const before = state(home);
    const up = startPalmkey(home, 'up', '--no-pair', '--no-try', '--port', String(port));
    expect(await up.ended()).toBe(1);
    expect(up.stderr).toMatch(
      new RegExp(`palmkey: \\S+${name} was written by a newer Palmkey\\n {2}Update this one; nothing was changed`),
    );
    expect(state(home)).toEqual(before);
  });

  test('home.json: uninstall takes what is ours all the same', async () => {
    const home = join(temp.path, 'a', 'home');
    const first = startPalmkey(home, 'up', '--no-pair', '--no-try', '--port', String(await freePort()));
    await first.prints(/connected/);
    await first[Symbol.asyncDispose]();
    writeFileSync(paths(home).homeFile, '{"v":2}', { mode: 0o600 });
    expect((await palmkey(home, 'uninstall', '--yes')).exitCode).toBe(0);
    expect(readdirSync(join(temp.path, 'a'))).toEqual([]);
  });

  const state = (home: string) => manifest(home).filter((line) => !line.startsWith('./relay/relay.log'));
});

interface Sqlite {
  readonly DatabaseSync: new (path: string) => { exec(sql: string): void; close(): void };
}

/** With the relay's own SQLite. */
function setStoreVersion(path: string): void {
  const ofRelay = createRequire(fileURLToPath(import.meta.resolve('@palmkey/relay')));
  const { DatabaseSync } = ofRelay('@photostructure/sqlite') as Sqlite;
  const database = new DatabaseSync(path);
  database.exec("UPDATE meta SET value = 99 WHERE name = 'version'");
  database.close();
}
