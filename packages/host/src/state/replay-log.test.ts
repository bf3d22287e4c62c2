import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseStreamId } from '@palmkey/core/messages';
import { parseDeviceId } from '@palmkey/envelope';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { TestDisk } from '../testing/test-disk.ts';
import { StateError } from './errors.ts';
import { ReplayLog } from './replay-log.ts';

const NOW = 1_800_000_000_000;
const sender = parseDeviceId(new Uint8Array(16).fill(1));
const stream = parseStreamId(new Uint8Array(16).fill(2));
let folder: string;
let path: string;
const open = (now = NOW) => new ReplayLog(path, () => now);

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'palmkey-replay-'));
  path = join(folder, 'replay');
  using log = open();
  for (const number of [1, 3]) log.accept(sender, stream, number, NOW + 1_000);
});
afterEach(() => rmSync(folder, { recursive: true }));

describe('ReplayLog', () => {
  it('knows after a restart what it accepted, and what it did not', () => {
    using log = open();
    expect(log.accept(sender, stream, 3, NOW + 1_000)).toBe('replayed');
    expect(log.accept(sender, stream, 2, NOW + 1_000)).toBe('new');
  });

  it('forgets what is beyond its time', () => {
    using log = open(NOW + 1_001);
    expect(log.accept(sender, stream, 3, NOW + 2_000)).toBe('new');
  });

  it('drops a record that was cut off, at each byte, and keeps those before it', () => {
    const whole = readFileSync(path);
    for (let length = 96; length < whole.length; length++) {
      writeFileSync(path, whole.subarray(0, length));
      using log = open();
      expect(log.accept(sender, stream, 1, NOW + 1_000)).toBe('replayed');
      expect(log.accept(sender, stream, 3, NOW + 1_000)).toBe('new');
    }
  });

  it.each([
    ['number', 80, 'ffffffffffffffff'],
    ['number', 80, '0020000000000000'],
    ['number', 80, '0000000000000000'],
    ['time', 88, 'ffffffffffffffff'],
  ])('refuses a file with a %s at byte %i that no log writes: %s', (_, at, value) => {
    const bytes = readFileSync(path);
    bytes.write(value, at, 'hex');
    writeFileSync(path, bytes);
    expect(() => open()).toThrow(StateError);
    expect(readFileSync(path)).toEqual(bytes);
  });

  it('has a number in the file before it says that it is new', () => {
    using log = open();
    const before = statSync(path).size;
    expect(log.accept(sender, stream, 9, NOW)).toBe('new');
    expect(statSync(path).size).toBe(before + 48);
    expect(log.accept(sender, stream, 9, NOW)).toBe('replayed');
    expect(statSync(path).size).toBe(before + 48);
  });

  it('accepts nothing that a full disk does not take, and loses nothing by it', () => {
    const disk = new TestDisk();
    using log = new ReplayLog(path, () => NOW, { disk });
    disk.full = true;
    const size = statSync(path).size;
    expect(() => log.accept(sender, stream, 4, NOW)).toThrow(expect.objectContaining({ code: 'not-writable' }));
    expect(statSync(path).size).toBe(size);
    disk.full = false;
    expect(log.accept(sender, stream, 5, NOW)).toBe('new');
    using again = open();
    expect([3, 5, 4].map((number) => again.accept(sender, stream, number, NOW))).toEqual([
      'replayed',
      'replayed',
      'new',
    ]);
  });

  it('is written again without what is over, and goes on in the new file', () => {
    let now = NOW;
    using log = new ReplayLog(path, () => now, { rewriteAfter: 10 });
    for (let number = 10; number < 15; number += 1) log.accept(sender, stream, number, now);
    now += 500;
    for (let number = 20; number < 40; number += 1) log.accept(sender, stream, number, now);
    expect(statSync(path).size).toBeLessThan(30 * 48);
    expect(log.accept(sender, stream, 12, now)).toBe('replayed');
    log.accept(sender, stream, 40, now + 1);
    using again = new ReplayLog(path, () => now);
    expect([3, 25, 40].map((number) => again.accept(sender, stream, number, now))).toEqual(Array(3).fill('replayed'));
  });

  it('goes on in the long file where there is no room for another', () => {
    mkdirSync(`${path}.next/full`, { recursive: true });
    expect(() => open()).toThrow(expect.objectContaining({ code: 'not-writable' }));
    rmSync(`${path}.next`, { recursive: true });
    using log = new ReplayLog(path, () => NOW, { rewriteAfter: 5 });
    mkdirSync(`${path}.next/full`, { recursive: true });
    for (let number = 10; number < 40; number += 1) expect(log.accept(sender, stream, number, NOW)).toBe('new');
    rmSync(`${path}.next`, { recursive: true });
    using again = open();
    expect(again.accept(sender, stream, 39, NOW)).toBe('replayed');
  });

  it('has room for new streams of a sender once the old ones are over', () => {
    let now = NOW;
    using log = new ReplayLog(path, () => now);
    const streamOf = (i: number) =>
      parseStreamId(
        new Uint8Array(16)
          .fill(9)
          .fill(i >> 8, 0, 1)
          .fill(i & 255, 1, 2),
      );
    for (let i = 0; i < 1_100; i += 1) log.accept(sender, streamOf(i), 1, now + 1_000);
    expect(log.accept(sender, streamOf(2_000), 1, now)).toBe('replayed');
    now += 10 * 60_000;
    expect(log.accept(sender, streamOf(2_000), 1, now)).toBe('new');
  });

  it('takes over a file of before there was a head, and gives it one', () => {
    const records = readFileSync(path).subarray(48);
    writeFileSync(path, records);
    using log = open();
    expect(log.accept(sender, stream, 3, NOW + 1_000)).toBe('replayed');
    expect(readFileSync(path).subarray(0, 18).toString()).toBe('palmkey replay log');
    expect(readFileSync(path).subarray(48)).toEqual(records);
  });

  it.each([
    ['newer-state', '0000000000000002', '2'],
    ['newer-state', 'ffffffffffffffff', '18446744073709551615'],
    ['state-broken', '0000000000000000', null],
  ])('%s: refuses a head of version %s, and changes nothing', (code, value, found) => {
    const bytes = readFileSync(path);
    bytes.write(value, 40, 'hex');
    writeFileSync(path, bytes);
    expect(() => open()).toThrow(expect.objectContaining({ code, found, path }));
    expect(readFileSync(path)).toEqual(bytes);
  });

  it('accepts nothing once it is disposed', () => {
    const log = open();
    log[Symbol.dispose]();
    log[Symbol.dispose]();
    expect(() => log.accept(sender, stream, 7, NOW)).toThrow(StateError);
  });

  it('refuses a file that cannot be read', () => {
    rmSync(path);
    mkdirSync(path);
    expect(() => open()).toThrow(expect.objectContaining({ code: 'state-broken' }));
  });
});
