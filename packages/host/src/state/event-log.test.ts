import { appendFileSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { TestDisk } from '../testing/test-disk.ts';
import { tempFolder } from '../testing/temp-folder.ts';
import { checkLogVersion, EventLog, logEntry } from './event-log.ts';

let folder: ReturnType<typeof tempFolder>;
let path: string;
beforeEach(() => {
  folder = tempFolder();
  path = folder.at('log.jsonl');
});
afterEach(() => folder[Symbol.dispose]());
const entry = (at: number) => logEntry(at, { kind: 'login', user: 'déploy\n' });
const times = (log: EventLog, limit = 100) => log.newest(limit).map(({ at }) => at);

test('gives the newest first, whole, as many as wanted, also after a restart', () => {
  const log = new EventLog(path);
  expect(log.newest(1)).toEqual([]);
  for (const at of [1, 2, 3]) log.append(entry(at));
  expect(new EventLog(path).newest(2)).toEqual([entry(3), entry(2)]);
  expect(statSync(path).mode & 0o777).toBe(0o600);
});

test('a line that was cut off at any byte costs neither its neighbours', () => {
  const log = new EventLog(path);
  log.append(entry(2));
  const line = readFileSync(path).subarray('{"v":1}\n'.length);
  for (let length = 1; length < line.length - 1; length += 1) {
    writeFileSync(path, '{"v":1}\n');
    log.append(entry(1));
    appendFileSync(path, line.subarray(0, length));
    log.append(entry(3));
    expect(times(log), `${length} bytes`).toEqual([3, 1]);
  }
});

test('passes over lines that are no entries', () => {
  const log = new EventLog(path);
  log.append(entry(1));
  appendFileSync(path, 'null\n7\n{}\n\n{"at":"x","kind":"login"}\n');
  log.append(entry(2));
  expect(times(log)).toEqual([2, 1]);
});

test('a full disk costs the entries of its time alone', () => {
  const disk = new TestDisk();
  const log = new EventLog(path, { disk });
  log.append(entry(1));
  disk.full = true;
  log.append(entry(2));
  disk.full = false;
  log.append(entry(3));
  expect(times(log)).toEqual([3, 1]);
});

test('never throws, whatever stands in its place', () => {
  symlinkSync('/dev/full', path);
  new EventLog(path).append(entry(1));
  new EventLog(folder.path).append(entry(1));
});

test('keeps the newer half of whole lines when it has grown past its limit', () => {
  const log = new EventLog(path, { largestBytes: 4_000 });
  for (let at = 1; at <= 100; at += 1) log.append(entry(at));
  const kept = times(log);
  expect(statSync(path).size).toBeLessThan(5_000);
  expect(kept).toEqual(kept.map((_, i) => 100 - i));
  expect(kept.length).toBeGreaterThan(5);
});

describe('its version', () => {
  test('is its first line', () => {
    new EventLog(path).append(entry(1));
    expect(readFileSync(path, 'utf8').split('\n')[0]).toBe('{"v":1}');
  });

  test('is given to a log of before there was one, which keeps all it had', () => {
    const old = [1, 2].map((at) => `${JSON.stringify(entry(at))}\n`).join('');
    writeFileSync(path, old, { mode: 0o600 });
    const log = new EventLog(path);
    expect(readFileSync(path, 'utf8')).toBe(`{"v":1}\n${old}`);
    log.append(entry(3));
    expect(times(new EventLog(path))).toEqual([3, 2, 1]);
  });

  test('stays when the log is cut', () => {
    const log = new EventLog(path, { largestBytes: 1_000 });
    for (let at = 1; at <= 50; at += 1) log.append(entry(at));
    expect(checkLogVersion(path)).toBe(1);
  });

  test('above ours is refused, and nothing is written', () => {
    const newer = '{"v":2,"more":[1]}\n{"when":1}\n';
    writeFileSync(path, newer, { mode: 0o600 });
    expect(() => new EventLog(path)).toThrow(expect.objectContaining({ code: 'newer-state', found: '2', path }));
    expect(readFileSync(path, 'utf8')).toBe(newer);
  });

  test('is not asked for where there is no room for it: the log goes on', () => {
    const disk = new TestDisk();
    writeFileSync(path, `${JSON.stringify(entry(1))}\n`, { mode: 0o600 });
    disk.full = true;
    const log = new EventLog(path, { disk });
    disk.full = false;
    log.append(entry(2));
    expect(times(log)).toEqual([2, 1]);
  });
});
