import {
  closeSync,
  cpSync,
  existsSync,
  linkSync,
  openSync,
  readdirSync,
  readFileSync,
  readSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { AccountFile } from '../state/account-file.ts';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { PalmkeyError, toHex } from '@palmkey/envelope';
import { paths } from '../paths.ts';
import { systemDisk } from '../state/disk.ts';
import { StateError } from '../state/errors.ts';
import { tempFolder } from '../testing/temp-folder.ts';
import { TestClock } from '../testing/test-clock.ts';
import { TestDisk } from '../testing/test-disk.ts';
import { changePassphraseAlone, storedKeysState } from './change-alone.ts';
import { discardHalfWritten } from './device-file.ts';
import { DeviceLock } from './device-lock.ts';

const good = 'four words by chance';
const better = 'other words by chance';

let folder: ReturnType<typeof tempFolder>;
let home: string;
let file: string;
let clock: TestClock;
let disk: TestDisk;
let lock: DeviceLock;
let id: string;

beforeEach(() => {
  folder = tempFolder();
  home = folder.at('home');
  file = paths(home).device;
  clock = new TestClock();
  disk = new TestDisk();
  lock = opened();
  id = toHex(lock.device().id);
});
afterEach(() => folder[Symbol.dispose]());

/** As a program that has just started has it. */
function opened(at = home): DeviceLock {
  return new DeviceLock({ home: at, clock, disk });
}

const codeOf = (done: Promise<unknown>) =>
  done.then(() => 'done').catch((error: unknown) => (error instanceof PalmkeyError ? error.code : error));
const idOf = (of: DeviceLock) => {
  const keys = of.load();
  return keys === null ? null : toHex(keys.id);
};
const text = () => readFileSync(file, 'utf8');

describe('a passphrase', () => {
  test('is set: the keys stay open here, and are locked for whoever comes next', async () => {
    const plain = JSON.parse(text()) as { signing: string; agreement: string };
    await lock.change(null, good);
    expect([lock.state(), idOf(lock)]).toEqual(['unlocked', id]);
    expect(text()).not.toContain(plain.signing);
    expect(text()).not.toContain(plain.agreement);
    expect(JSON.parse(text())).toMatchObject({ v: 2 });
    expect(statSync(file).mode & 0o777).toBe(0o600);
    const next = opened();
    expect([next.state(), idOf(next), toHex(next.device().id)]).toEqual(['locked', null, id]);
    await next.unlock(good);
    expect([next.state(), idOf(next)]).toEqual(['unlocked', id]);
  });

  test('may be written in any Unicode form', async () => {
    await lock.change(null, 'caf\u00e9 au lait');
    const next = opened();
    await next.unlock('cafe\u0301 au lait');
    expect(idOf(next)).toBe(id);
  });

  test('is changed: the old one opens it no more', async () => {
    await lock.change(null, good);
    expect(await codeOf(lock.change(good, better))).toBe('done');
    expect([lock.state(), idOf(lock)]).toEqual(['unlocked', id]);
    const next = opened();
    expect(await codeOf(next.unlock(good))).toBe('wrong-passphrase');
    clock.advance(1_000);
    expect(await codeOf(next.unlock(better))).toBe('done');
    expect(idOf(next)).toBe(id);
  });

  test('is changed while the keys are locked, and leaves them locked', async () => {
    await lock.change(null, good);
    const next = opened();
    await next.change(good, better);
    expect([next.state(), idOf(next)]).toEqual(['locked', null]);
    await next.unlock(better);
    expect(idOf(next)).toBe(id);
  });

  test('is removed: the file is as it was, for older programs too', async () => {
    const before = text();
    await lock.change(null, good);
    await lock.change(good, null);
    expect([lock.state(), idOf(lock), text()]).toEqual(['plain', id, before]);
    expect(idOf(opened())).toBe(id);
  });

  test('is forgotten here, until it is given again', async () => {
    await lock.change(null, good);
    lock.lock();
    expect([lock.state(), idOf(lock)]).toEqual(['locked', null]);
    await lock.unlock(good);
    expect(idOf(lock)).toBe(id);
  });

  test('raises its number with each change, and begins anew where there was none', async () => {
    const number = () => Buffer.from((JSON.parse(text()) as { locked: string }).locked, 'base64url').readUInt32BE(1);
    await lock.change(null, good);
    expect(number()).toBe(1);
    await lock.change(good, better);
    await lock.change(better, good);
    expect(number()).toBe(3);
  });
});

describe('a passphrase is refused', () => {
  test.each([
    ['passphrase-unfit', null, ''],
    ['passphrase-unfit', null, 'seven 7'],
    ['passphrase-unfit', null, 'x1 y2 z3'.repeat(129)],
    ['no-passphrase', good, better],
    ['no-passphrase', null, null],
  ])('%s, and the keys stay in the open', async (code, old, next) => {
    const before = text();
    expect(await codeOf(lock.change(old, next))).toBe(code);
    expect(text()).toBe(before);
    expect(() => lock.lock()).toThrow(expect.objectContaining({ code: 'no-passphrase' }));
  });

  test.each([
    ['passphrase-set', null, better],
    ['passphrase-set', null, null],
    ['passphrase-unfit', good, 'short'],
    ['wrong-passphrase', better, null],
    ['wrong-passphrase', better, better],
    ['wrong-passphrase', '', better],
  ])('%s, and the one that is set holds', async (code, old, next) => {
    await lock.change(null, good);
    const before = text();
    expect(await codeOf(lock.change(old, next))).toBe(code);
    expect([text(), idOf(lock)]).toEqual([before, id]);
  });

  test('the same wrong one says nothing of itself', async () => {
    await lock.change(null, good);
    await expect(opened().unlock('my secret words')).rejects.toThrow(/^(?!.*secret)/);
  });
});

describe('tries', () => {
  test('are one at a time', async () => {
    await lock.change(null, good);
    const next = opened();
    const first = next.unlock(good);
    expect(await codeOf(next.unlock(good))).toBe('passphrase-busy');
    await first;
    expect(idOf(next)).toBe(id);
  });

  test('after a wrong one wait for a second', async () => {
    await lock.change(null, good);
    const next = opened();
    expect(await codeOf(next.unlock(better))).toBe('wrong-passphrase');
    const second = next.unlock(good);
    await new Promise(setImmediate);
    expect([clock.timers, next.state()]).toEqual([1, 'locked']);
    clock.advance(999);
    expect(clock.timers).toBe(1);
    clock.advance(1);
    await second;
    expect(idOf(next)).toBe(id);
  });
});

describe('the file', () => {
  test('is whole at each moment of each change, by the old passphrase or the new one', async () => {
    const moments: string[] = [];
    let open: (string | null)[] = [null];
    const known: (string | null)[][] = [];
    const keep = () => {
      const at = folder.at(`moment-${moments.length}`);
      cpSync(home, at, { recursive: true });
      moments.push(at);
      known.push(open);
    };
    const slow = {
      write: (to: number, bytes: Uint8Array) => {
        keep();
        systemDisk.write(to, bytes.subarray(0, bytes.length >> 1));
        keep();
        systemDisk.write(to, bytes.subarray(bytes.length >> 1));
        keep();
      },
      sync: (to: number) => {
        systemDisk.sync(to);
        keep();
      },
    };
    const changing = new DeviceLock({ home, clock, disk: slow });
    for (const [old, next] of [
      [null, good],
      [good, better],
      [better, null],
    ] as const) {
      open = [old, next];
      await changing.change(old, next);
      keep();
    }
    expect(moments).toHaveLength(15);
    for (const [i, at] of moments.entries()) {
      discardHalfWritten(at);
      expect(readdirSync(paths(at).host).filter((name) => name.startsWith('device'))).toEqual(['device.json']);
      const found = opened(at);
      if (found.state() === 'locked') {
        for (const passphrase of known[i] ?? []) {
          if (passphrase === null) continue;
          await found.unlock(passphrase).catch(() => clock.advance(1_000));
        }
      }
      expect(idOf(found), at).toBe(id);
    }
  }, 60_000);

  test('stays as it was on a full disk', async () => {
    const before = text();
    disk.full = true;
    expect(await codeOf(lock.change(null, good))).toBe('not-writable');
    expect([text(), lock.state(), idOf(lock)]).toEqual([before, 'plain', id]);
    expect(readdirSync(paths(home).host)).toEqual(['device.json']);
  });

  test('with keys in the open is overwritten where it stood', async () => {
    const old = openSync(file, 'r');
    const bytes = Buffer.alloc(200, 1);
    await lock.change(null, good);
    readSync(old, bytes, 0, 100, 0);
    closeSync(old);
    expect(bytes.subarray(0, 100)).toEqual(Buffer.alloc(100));
  });

  test('that has another name is somebody’s copy, and left alone', async () => {
    const copy = folder.at('copy.json');
    linkSync(file, copy);
    const before = text();
    await lock.change(null, good);
    expect(readFileSync(copy, 'utf8')).toBe(before);
  });

  test('that was put back from a copy is locked as it was then', async () => {
    await lock.change(null, good);
    const copy = text();
    await lock.change(good, better);
    writeFileSync(file, copy);
    expect(idOf(lock)).toBeNull();
    await lock.unlock(good);
    expect(idOf(lock)).toBe(id);
  });

  test.each([
    ['state-broken', (locked: string) => locked.slice(0, 40)],
    ['newer-state', (locked: string) => `Ag${locked.slice(2)}`],
  ])('%s: is left alone, and nothing is tried', async (code, change) => {
    await lock.change(null, good);
    const changed = text().replace(/"locked": "(.*)"/, (_, locked: string) => `"locked": "${change(locked)}"`);
    writeFileSync(file, changed);
    expect(() => opened().state()).toThrow(expect.objectContaining({ name: 'StateError', code }));
    expect(text()).toBe(changed);
  });

  test('whose public half is another’s is broken', async () => {
    const other = new DeviceLock({ home: folder.at('other'), clock });
    await other.change(null, good);
    await lock.change(null, good);
    const { signingKey } = JSON.parse(readFileSync(paths(folder.at('other')).device, 'utf8')) as { signingKey: string };
    writeFileSync(file, text().replace(/"signingKey": "[^"]*"/, `"signingKey": "${signingKey}"`));
    await expect(opened().unlock(good)).rejects.toThrow(StateError);
  });
});

describe('new keys', () => {
  test('are in the open where the old ones were', () => {
    expect(lock.renew()).toBe(true);
    expect(idOf(lock)).not.toBe(id);
    expect(idOf(opened())).toBe(idOf(lock));
  });

  test('are locked by the passphrase that locked the old ones', async () => {
    await lock.change(null, good);
    expect(lock.renew()).toBe(true);
    const renewed = idOf(lock);
    expect(renewed).not.toBe(id);
    const next = opened();
    expect(idOf(next)).toBeNull();
    await next.unlock(good);
    expect(idOf(next)).toBe(renewed);
  });

  test('wait while the old ones are locked', async () => {
    await lock.change(null, good);
    const before = text();
    expect([opened().renew(), text()]).toEqual([false, before]);
  });
});

describe('changePassphraseAlone', () => {
  test('changes it where no daemon runs, and takes half-written files away', async () => {
    writeFileSync(`${file}.next`, '{}', { mode: 0o600 });
    await changePassphraseAlone(home, null, good);
    expect(storedKeysState(home)).toBe('locked');
    expect(readdirSync(paths(home).host)).toEqual(['device.json']);
    expect(existsSync(paths(home).lock)).toBe(false);
    expect(new AccountFile(paths(home).account).isOver).toBe(false);
  });

  test('leaves a folder alone that a daemon is starting on', async () => {
    writeFileSync(paths(home).lock, String(process.ppid), { mode: 0o600 });
    expect(await codeOf(changePassphraseAlone(home, null, good))).toBe('already-running');
    expect(storedKeysState(home)).toBe('plain');
  });
});
