import { appendFileSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { TestDisk } from '../testing/test-disk.ts';
import { tempFolder } from '../testing/temp-folder.ts';
import { EventLog, logEntry } from './event-log.ts';

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
  const line = readFileSync(path);
  for (let length = 1; length < line.length - 1; length += 1) {
    writeFileSync(path, '');
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
