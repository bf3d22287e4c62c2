import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { holdFolder } from './single-daemon.ts';

const answered = () => Promise.resolve(true);
const silent = () => Promise.resolve(false);

describe('holdFolder', () => {
  let other: ChildProcess;
  let folder: string;
  let lock: string;
  beforeAll(() => {
    other = spawn('sleep', ['60']);
  });
  afterAll(async () => {
    other.kill();
    await once(other, 'close');
  });
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'palmkey-hold-'));
    lock = join(folder, 'daemon.pid');
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  function leave(pid: number | undefined, ageMs: number): void {
    writeFileSync(lock, String(pid));
    const at = new Date(Date.now() - ageMs);
    utimesSync(lock, at, at);
  }

  test('names this process, and lets go', async () => {
    const hold = await holdFolder(lock, silent);
    expect(readFileSync(lock, 'utf8')).toBe(String(process.pid));
    hold.release();
    expect(() => readFileSync(lock)).toThrow();
  });

  test('refuses while the other one answers', async () => {
    leave(other.pid, 3_600_000);
    await expect(holdFolder(lock, answered)).rejects.toMatchObject({
      code: 'already-running',
      found: String(other.pid),
    });
    expect(readFileSync(lock, 'utf8')).toBe(String(other.pid));
  });

  test('refuses while the other one is starting', async () => {
    leave(other.pid, 1_000);
    await expect(holdFolder(lock, silent)).rejects.toMatchObject({ code: 'already-running' });
  });

  test('takes over from a process id that is another program’s by now', async () => {
    leave(other.pid, 3_600_000);
    await holdFolder(lock, silent);
    expect(readFileSync(lock, 'utf8')).toBe(String(process.pid));
  });

  test.each(['', 'nobody', '-1', '999999999'])('takes over from a lock that says %j', async (text) => {
    writeFileSync(lock, text);
    await holdFolder(lock, answered);
    expect(readFileSync(lock, 'utf8')).toBe(String(process.pid));
  });

  test('refuses this process itself while it holds, of any age and whoever answers', async () => {
    const hold = await holdFolder(lock, silent);
    utimesSync(lock, 0, 0);
    await expect(holdFolder(lock, silent)).rejects.toMatchObject({ found: String(process.pid) });
    hold.release();
    (await holdFolder(lock, silent)).release();
  });

  test('takes over from an earlier process of the same number', async () => {
    leave(process.pid, 0);
    (await holdFolder(lock, answered)).release();
  });

  test('of many at once one succeeds', async () => {
    writeFileSync(lock, 'stale');
    const results = await Promise.allSettled(Array.from({ length: 20 }, () => holdFolder(lock, silent)));
    const holds = results.filter((result) => result.status === 'fulfilled');
    expect(holds).toHaveLength(1);
    holds[0]?.value.release();
    expect(readdirSync(folder)).toEqual([]);
  });

  test('release leaves what somebody else has put there, and does nothing the second time', async () => {
    const hold = await holdFolder(lock, silent);
    writeFileSync(lock, String(other.pid));
    hold.release();
    expect(readFileSync(lock, 'utf8')).toBe(String(other.pid));
    rmSync(lock);
    const next = await holdFolder(lock, silent);
    hold.release();
    expect(readFileSync(lock, 'utf8')).toBe(String(process.pid));
    next.release();
  });

  test('says so where no file can be made', async () => {
    await expect(holdFolder(join(folder, 'none', 'daemon.pid'), silent)).rejects.toMatchObject({
      code: 'not-writable',
    });
  });
});
