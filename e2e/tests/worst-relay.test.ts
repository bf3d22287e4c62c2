/** Worst cases of a relay: crowds, floods, readers who do not read, a full disk, a clock that was set, and kill -9. */
import { writeFileSync } from 'node:fs';
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { encodeFrame, FrameType, parseGrant, sealedBody, type RelayErrorCode, toHex } from '@palmkey/envelope';
import type { UndeliveredCode } from '@palmkey/relay-client';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { TestDevice, TestSocket } from '../../packages/relay/src/testing/test-device.ts';
import { codeOf } from '../../packages/relay/src/testing/test-relay.ts';
import { comeIn, sums } from '../lib/crowd.ts';
import { isError, isMessage, settles, until, worksFor } from '../lib/frames.ts';
import { LoneRelay, type LoneRelayOptions } from '../lib/lone-relay.ts';
import { connectDevice, makeDevice } from '../lib/scripted-device.ts';
import { tinyDisk, type TinyDisk } from '../lib/tiny-disk.ts';
import { tempFolder, type TempFolder } from '../lib/temp.ts';

/** Rates that no test reaches. */
const NO_RATES = ['framesPerSecond', 'framesAtOnce', 'accountFramesPerSecond', 'accountFramesAtOnce'].flatMap(
  (name) => [`--${name.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`, '1000000'],
);
const LONG = new Uint8Array(60_000);
/** What memory may grow by over two more attacks of 40 MB or 5,000 connections each, MiB: the collector is in no hurry. */
const SLACK_MIB = 48;

let temp: TempFolder;
let relay: LoneRelay;
beforeEach(() => void (temp = tempFolder()));
afterEach(async () => {
  await relay[Symbol.asyncDispose]();
  temp[Symbol.dispose]();
});

const begin = async (options: LoneRelayOptions = {}) =>
  (relay = await LoneRelay.start(join(temp.path, 'relay'), options));

describe('5,000 connections at once', () => {
  test('are let in as far as the limits go, told so beyond them, and leave nothing behind', async () => {
    await begin({
      args: ['--max-connections', '2500', '--connections-per-address', '400', '--connections-per-minute', '9999'],
    });
    const member = new TestDevice();
    const connected = await member.enter(relay.url);
    const wave = async (perAddress: readonly number[]) => {
      const crowd = perAddress.flatMap((count, at) =>
        Array.from({ length: count }, () => comeIn(relay.port, `127.0.0.${at + 2}`)),
      );
      const all = Promise.all(crowd.map(({ told }) => told));
      await worksFor(member, connected, 1);
      const told = await all;
      await worksFor(member, connected, 2);
      for (const stranger of crowd) stranger.leave();
      await Promise.all(crowd.map(({ gone }) => gone));
      await expect.poll(() => relay.connections(), { timeout: 60_000 }).toBe(1);
      return { told: sums(told), memory: relay.residentMiB() };
    };
    // Seven addresses are below their limit and reach that of the relay; three are far beyond their own.
    const perAddress = [350, 350, 350, 350, 350, 350, 350, 850, 850, 850];
    const [first, second, third] = [await wave(perAddress), await wave(perAddress), await wave(perAddress)];
    for (const { told } of [first, second, third]) {
      expect(
        Object.keys(told).filter((word) => !['welcome', 'too-many-connections', 'turned away'].includes(word)),
      ).toEqual([]);
      expect(Object.values(told).reduce((a, b) => a + b)).toBe(5_000);
      expect(told.welcome).toBeGreaterThan(0);
      expect(told['too-many-connections']).toBeGreaterThan(0);
    }
    expect(third.memory - first.memory).toBeLessThan(SLACK_MIB);
    // Of an address that was far beyond its limit.
    await expectWelcome('127.0.0.11');
  });

  async function expectWelcome(address: string): Promise<void> {
    const stranger = comeIn(relay.port, address);
    expect(await stranger.told).toBe('welcome');
    stranger.leave();
  }
});

describe('a reader', () => {
  const FLOOD = 700;

  test('that does not read live frames is cut off as a slow reader; others notice nothing', async () => {
    await begin({ args: NO_RATES });
    const [sender, reader, other] = [new TestDevice(), new TestDevice(), new TestDevice()];
    const from = await sender.enter(relay.url);
    const bystander = await other.enter(relay.url);
    const flood = async (round: number) => {
      const to = await reader.enter(relay.url);
      to.ws.pause();
      for (let n = 1; n <= FLOOD; n++) from.unicast(reader.id, round * FLOOD + n, LONG);
      await worksFor(other, bystander, round);
      const refused = await until(from, (frame) => isError(frame) && frame.number === (round + 1) * FLOOD);
      expect(new Set(refused.map(codeOf))).toEqual(new Set(['absent']));
      to.ws.resume();
      await to.closed;
      return relay.residentMiB();
    };
    const memory = [await flood(0), await flood(1), await flood(2)] as const;
    expect(relay.child.output.match(/"code":"slow-reader"/g)).toHaveLength(3);
    expect(memory[2] - memory[0]).toBeLessThan(SLACK_MIB);
    await worksFor(other, bystander, 9);
  });

  test('that never acks has a window on its way, a full mailbox, and what was taken when it acks after all', async () => {
    await begin({ args: NO_RATES });
    const [sender, reader, other] = [new TestDevice(), new TestDevice(), new TestDevice()];
    const from = await sender.read(relay.url);
    const to = await reader.read(relay.url);
    const bystander = await other.read(relay.url);
    const flood = async (round: number) => {
      for (let n = 1; n <= FLOOD; n++) from.mail(reader.id, round * FLOOD + n, LONG);
      bystander.mail(other.id, round, LONG);
      const [delivery] = (await until(bystander, isMessage)).slice(-1);
      bystander.ack(delivery?.coalescingKey ?? 0);
      const errors = (await until(from, settles((round + 1) * FLOOD))).filter(isError);
      return { refused: errors, memory: relay.residentMiB() };
    };
    const [first, second, third] = [await flood(0), await flood(1), await flood(2)];
    for (const { refused } of [first, second, third])
      expect(new Set(refused.map(codeOf))).toEqual(new Set(['mailbox-full']));
    expect([second.refused.length, third.refused.length]).toEqual([FLOOD, FLOOD]);
    expect(third.memory - first.memory).toBeLessThan(SLACK_MIB);
    const refused = new Set(first.refused.map(({ number }) => number));
    const taken = Array.from({ length: FLOOD }, (_, n) => n + 1).filter((n) => !refused.has(n));
    // A window of 1 MiB, and 4 MiB behind it.
    expect(taken).toHaveLength(Math.floor(2 ** 20 / 60_040) + Math.floor(2 ** 22 / 60_040));
    const got: number[] = [];
    while (got.length < taken.length) {
      const { number, coalescingKey } = (await until(to, isMessage)).at(-1) ?? { number: 0, coalescingKey: 0 };
      got.push(number);
      to.ack(coalescingKey);
    }
    expect(got).toEqual(taken);
  });

  test('that does not read its mail stays connected, and reads all that was taken later', async () => {
    await begin({ args: NO_RATES });
    const [sender, reader] = [new TestDevice(), new TestDevice()];
    const from = await sender.read(relay.url);
    const to = await reader.read(relay.url);
    to.ws.pause();
    for (let n = 1; n <= FLOOD; n++) from.mail(reader.id, n, LONG);
    const refused = (await until(from, settles(FLOOD))).filter(isError);
    expect(new Set(refused.map(codeOf))).toEqual(new Set(['mailbox-full']));
    to.ws.resume();
    for (let left = FLOOD - refused.length; left > 0; left--) {
      to.ack((await until(to, isMessage)).at(-1)?.coalescingKey ?? 0);
    }
    await worksFor(reader, to, 1);
    expect(relay.child.output).not.toContain('slow-reader');
  });
});

describe('what a relay does not take', () => {
  const frameOf = (device: TestDevice) =>
    encodeFrame({
      type: FrameType.unicast,
      lifetimeS: 0,
      number: 1,
      peer: device.id,
      coalescingKey: 0,
      body: new Uint8Array(8),
    });
  const entered = async (act: (socket: TestSocket, device: TestDevice) => void) => {
    const device = new TestDevice();
    const socket = await device.enter(relay.url);
    act(socket, device);
    return socket;
  };
  const cases: readonly [string, RelayErrorCode | null, number, () => Promise<TestSocket>][] = [
    ['a frame of 10 MB', null, 1009, () => entered((socket) => socket.ws.send(new Uint8Array(10_000_000)))],
    ['a frame of one byte', 'bad-frame', 1008, () => entered((socket) => socket.ws.send(Uint8Array.of(1)))],
    [
      'an unknown version',
      'unsupported-version',
      1008,
      () => entered((socket, device) => socket.ws.send(frameOf(device).with(0, 2))),
    ],
    [
      'a wrong origin',
      'wrong-origin',
      1008,
      () => new TestDevice().connect(relay.url, {}, 'https://relay.example.org'),
    ],
    [
      'the answer to the challenge of another connection',
      'bad-signature',
      1008,
      async () => {
        const device = new TestDevice();
        const first = await TestSocket.open(relay.url);
        const answer = device.answer(await first.next(), relay.url);
        const second = await TestSocket.open(relay.url);
        await second.next();
        second.control(FrameType.authenticate, 0, answer);
        return second;
      },
    ],
    [
      'a first connection of a device that has a second',
      'replaced',
      1008,
      async () => {
        const device = new TestDevice();
        const first = await device.enter(relay.url);
        const second = await device.enter(relay.url);
        await worksFor(device, second, 1);
        return first;
      },
    ],
  ];

  test('is ended with its own error, and nobody else hears of it', async () => {
    await begin();
    const other = new TestDevice();
    const bystander = await other.enter(relay.url);
    for (const [what, code, closeCode, act] of cases) {
      const socket = await act();
      const told = code === null ? null : codeOf(await socket.next());
      expect([what, told, await socket.closed]).toEqual([what, code, closeCode]);
    }
    await worksFor(other, bystander, 1);
  });
});

describe('a flood of devices', () => {
  const infoLines = () => relay.child.output.split('\n').filter((line) => line.startsWith('{')).length;
  /** How so many new devices are answered. */
  const newcomers = async (count: number, grant: boolean) => {
    const told: string[] = [];
    for (let left = count; left > 0; left -= 50) {
      await Promise.all(
        Array.from({ length: 50 }, async () => {
          const shown = grant ? { grant: parseGrant(new Uint8Array(randomBytes(32))) } : {};
          const socket = await new TestDevice().connect(relay.url, shown);
          const answer = await socket.next();
          told.push(isError(answer) ? codeOf(answer) : 'admitted');
          if (!isError(answer)) socket.ws.close();
          await socket.closed;
        }),
      );
    }
    return sums(told);
  };

  test('from one address fills an open relay no further than an hour of newcomers', async () => {
    await begin({ args: ['--connections-per-minute', '9999'] });
    expect(await newcomers(300, false)).toEqual({ admitted: 30, 'rate-limited': 270 });
    const before = { lines: infoLines(), bytes: relay.storeBytes(), memory: relay.residentMiB() };
    expect(await newcomers(600, false)).toEqual({ 'rate-limited': 600 });
    expect([infoLines(), relay.storeBytes()]).toEqual([before.lines, before.bytes]);
    expect(relay.residentMiB() - before.memory).toBeLessThan(SLACK_MIB);
  });

  test('with guessed grants and nameplates is slowed down, and leaves no trace', async () => {
    await begin({ args: ['--admission', 'members'] });
    const before = { lines: infoLines(), bytes: relay.storeBytes() };
    const told = await newcomers(450, true);
    expect(Object.keys(told).sort()).toEqual(['not-admitted', 'rate-limited']);
    // Who goes on knocking is not heard any more.
    const knocks = Array.from({ length: 400 }, () => comeIn(relay.port, '127.0.0.1'));
    const answers = sums(await Promise.all(knocks.map((knock) => knock.told)));
    for (const knock of knocks) knock.leave();
    expect(answers['turned away']).toBeGreaterThan(0);
    const tried = [];
    for (let number = 1; number <= 12; number++) {
      tried.push((await fetch(`${relay.url}/v1/nameplates/${number}`, { method: 'POST' })).status);
    }
    expect(sums(tried.map(String))).toEqual({ 404: 10, 429: 2 });
    expect([infoLines(), relay.storeBytes()]).toEqual([before.lines, before.bytes]);
  });
});

const root = process.getuid?.() === 0;
describe.runIf(root)(`a full disk${root ? '' : ' (not run: only root can mount one)'}`, () => {
  let disk: TinyDisk;
  beforeEach(() => void (disk = tinyDisk(join(temp.path, 'disk'))));
  afterEach(async () => {
    await relay[Symbol.asyncDispose]();
    disk[Symbol.dispose]();
  });

  test('refuses durable mail alone, takes it again when there is room, and loses nothing that was settled', async () => {
    await begin({ folder: disk.path });
    const [sender, reader] = [new TestDevice(), new TestDevice()];
    (await reader.enter(relay.url)).ws.close();
    const from = await sender.read(relay.url);
    let sent = 0;
    /** What became of one: refused, or settled and so to be found after a crash. */
    const durable = async () => {
      const number = ++sent;
      from.mail(reader.id, number, LONG, { durable: true });
      const [error] = (await until(from, settles(number))).filter(isError);
      return error === undefined ? 'settled' : codeOf(error);
    };
    const kept: number[] = [];
    for (let n = 0; n < 5; n++) if ((await durable()) === 'settled') kept.push(sent);
    expect(kept).toHaveLength(5);
    disk.fill();
    const outcomes: string[] = [];
    // What SQLite has of room within its own files is used up first.
    while (outcomes.at(-1) !== 'unavailable' && outcomes.length < 60) {
      outcomes.push(await durable());
      if (outcomes.at(-1) === 'settled') kept.push(sent);
    }
    expect(outcomes.at(-1)).toBe('unavailable');
    await worksFor(sender, from, 1_000);
    from.mail(sender.id, ++sent, LONG);
    const own = (await until(from, isMessage)).at(-1);
    expect(own?.number).toBe(sent);
    from.ack(own?.coalescingKey ?? 0);
    disk.free();
    await expect.poll(durable, { timeout: 30_000 }).toBe('settled');
    kept.push(sent);
    await relay.crash();
    const to = await reader.read(relay.url);
    const got: number[] = [];
    while (got.length < kept.length) got.push((await until(to, isMessage)).at(-1)?.number ?? 0);
    expect(got).toEqual(kept);
  });
});

test('a wall clock set by a day, forward and back, takes no mail away, over a kill -9 neither', async () => {
  const clock = join(temp.path, 'clock');
  const preload = fileURLToPath(new URL('../lib/set-clock.mjs', import.meta.url));
  writeFileSync(clock, '0');
  await begin({ env: { NODE_OPTIONS: `--import ${preload}`, CLOCK_FILE: clock } });
  const day = 24 * 60 * 60_000;
  const [sender, reader] = [new TestDevice(), new TestDevice()];
  (await reader.enter(relay.url)).ws.close();
  const from = await sender.read(relay.url);
  const post = async (number: number, count: number, isDurable: boolean) => {
    from.mail(reader.id, number, Uint8Array.of(number), { durable: isDurable, lifetimeS: 1_800 });
    await until(from, settles(count));
  };
  const endOnDisk = () =>
    relay.look(async (database) => {
      const row = await database.selectFrom('mail').select('expires_at').orderBy('row').executeTakeFirst();
      return Number(row?.expires_at) - Date.now();
    });
  const set = async (shiftMs: number) => {
    writeFileSync(clock, String(shiftMs));
    relay.child.kill('SIGUSR2');
    const moved = async () => Math.abs((await endOnDisk()) - shiftMs) < day / 4;
    await expect.poll(moved, { timeout: 30_000 }).toBe(true);
  };
  await post(1, 1, true);
  await post(2, 2, false);
  await set(day);
  let to = await reader.read(relay.url);
  const both = [...(await until(to, isMessage)), ...(await until(to, isMessage))].filter(isMessage);
  expect(both.map(({ number }) => number)).toEqual([1, 2]);
  await relay.crash();
  await set(0);
  await set(-day);
  await relay.crash();
  to = await reader.read(relay.url);
  expect((await until(to, isMessage)).at(-1)?.number).toBe(1);
});

test('kill -9 with mail of both kinds keeps what is durable, and the sender of the rest hears that its outcome is unknown', async () => {
  await begin();
  const reader = new TestDevice();
  (await reader.enter(relay.url)).ws.close();
  using from = connectDevice(relay.url, await makeDevice()).client;
  await from.connected();
  const settled = new Set<number>();
  const lost = new Promise<[number, UndeliveredCode]>((resolve) => {
    from.onUndelivered((_, number, code) => resolve([number, code]));
  });
  const body = sealedBody(new Uint8Array(100));
  const both = new Promise<void>((resolve) => {
    from.onSettled((_, number) => {
      settled.add(number);
      if (settled.size === 2) resolve();
    });
  });
  const durable = from.send(reader.id, body, { lifetimeMs: 1_800_000, durable: true });
  const other = from.send(reader.id, body, { lifetimeMs: 1_800_000 });
  await both;
  await relay.crash();
  expect(await lost).toEqual([other, 'unknown-outcome']);
  const to = await reader.read(relay.url);
  const got = (await until(to, isMessage)).at(-1);
  expect(got?.number).toBe(durable);
  // Nothing stands behind it: what is sent now comes next.
  from.send(reader.id, body);
  to.ack(got?.coalescingKey ?? 0);
  const next = (await until(to, isMessage)).at(-1);
  expect([next?.coalescingKey, toHex(next?.peer ?? new Uint8Array())]).toEqual([
    0,
    toHex(got?.peer ?? new Uint8Array()),
  ]);
});
