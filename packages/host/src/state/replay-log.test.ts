import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseStreamId } from '@palmkey/core/messages';
import { parseDeviceId } from '@palmkey/envelope';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
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
    for (let length = 48; length < whole.length; length++) {
      writeFileSync(path, whole.subarray(0, length));
      using log = open();
      expect(log.accept(sender, stream, 1, NOW + 1_000)).toBe('replayed');
      expect(log.accept(sender, stream, 3, NOW + 1_000)).toBe('new');
    }
  });

  it.each([
    ['number', 32, 'ffffffffffffffff'],
    ['number', 32, '0020000000000000'],
    ['number', 32, '0000000000000000'],
    ['time', 40, 'ffffffffffffffff'],
  ])('refuses a file with a %s at byte %i that no log writes: %s', (_, at, value) => {
    const bytes = readFileSync(path);
    bytes.write(value, at, 'hex');
    writeFileSync(path, bytes);
    expect(() => open()).toThrow(StateError);
    expect(readFileSync(path)).toEqual(bytes);
  });
});
