/** Where keys were used: what is read from ssh's arguments, from git's remotes and the log, and what is kept of it. */
import { writeFileSync } from 'node:fs';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { ed25519Blob, fingerprint } from '@palmkey/core/ssh';
import { logEntry } from '../state/event-log.ts';
import { tempFolder } from '../testing/temp-folder.ts';
import { TestDisk } from '../testing/test-disk.ts';
import { dialledIn } from './dialled.ts';
import { gitHost } from './git-host.ts';
import { KeyUses, MAX_KEPT_KEYS, MAX_USES, type Place } from './key-uses.ts';
import { usesInLog } from './uses-in-log.ts';

describe('dialledIn', () => {
  test.each<[string, string, number | null]>([
    ['prod', 'prod', null],
    ['ada@prod', 'prod', null],
    ['a@b@prod ls', 'prod', null],
    ['-p 2222 prod', 'prod', 2222],
    ['-4vp2222 prod', 'prod', 2222],
    ['prod -p 2222 ls -p 1', 'prod', 2222],
    ['-oPort=2222 -p 3 prod', 'prod', 2222],
    ['-F config -o User=x -- prod', 'prod', null],
    ['ssh://ada@prod:2222', 'prod', 2222],
    ['ssh://[::1]:2222/', '::1', 2222],
    ['-W prod:22 jump', 'jump', null],
    ['-l ada fe80::1%eth0', 'fe80::1%eth0', null],
    ['-o SendEnv=GIT_PROTOCOL git@github.com git-upload-pack', 'github.com', null],
  ])('%s', (args, host, port) => expect(dialledIn(args.split(' '))).toEqual({ host, port }));

  test.each([[''], ['-V'], ['-- -oProxyCommand=x'], ["a'b"], ['a;b'], ['prod:22'], ['ssh://'], ['ssh://a:b']])(
    '%s leads nowhere',
    (args) => expect(dialledIn(args.split(' '))).toBeNull(),
  );

  test('of whatever arguments: a host that ssh cannot take for an option, and a port that is one', () => {
    fc.assert(
      fc.property(fc.array(fc.string({ unit: 'binary', maxLength: 12 }), { maxLength: 6 }), (args) => {
        const found = dialledIn(args);
        if (found === null) return;
        expect(found.host).toMatch(/^[^-\s]/);
        if (found.port !== null) expect(found.port).toBeLessThan(65_536);
      }),
    );
  });
});

test.each([
  ['git@github.com:a/b.git', 'github.com'],
  ['ssh://git@GitLab.com:443/a/b', 'gitlab.com'],
  ['https://user:word@codeberg.org/a/b', 'codeberg.org'],
  ['/srv/git/a.git', null],
  ['C:/a', null],
  ['', null],
])('gitHost of %s', (remote, host) => expect(gitHost(remote)).toBe(host));

const name = (i: number) => `SHA256:${String(i).padStart(43, '0')}`;
const place = (change: Partial<Place> = {}): Place => {
  return { kind: 'login', user: 'ada', host: 'prod', port: null, hostKey: name(9), ...change };
};

test('usesInLog takes approved logins, the oldest first, and no name that ssh could not dial', () => {
  const login = { kind: 'login', outcome: 'approved', user: 'ada', keyFingerprint: name(1) } as const;
  const found = usesInLog([
    logEntry(4, { ...login, host: 'b' }),
    logEntry(3, { ...login, outcome: 'rejected' }),
    logEntry(2, { kind: 'git', outcome: 'approved', keyFingerprint: name(1) }),
    logEntry(1, { ...login, host: '-oProxyCommand=x' }),
  ]);
  expect(found.map(({ at, host }) => [at, host])).toEqual([
    [1, null],
    [4, 'b'],
  ]);
});

describe('KeyUses', () => {
  let folder: ReturnType<typeof tempFolder>;
  beforeEach(() => (folder = tempFolder()));
  afterEach(() => folder[Symbol.dispose]());
  const open = (disk?: TestDisk) => new KeyUses(folder.at('key-uses.json'), disk);
  const blob = (i: number) => ed25519Blob(new Uint8Array(32).fill(i));
  const hour = 3_600_000;

  test('keeps keys and uses over a start', () => {
    const uses = open();
    expect(uses.isNew).toBe(true);
    uses.keep([{ blob: blob(1), comment: 'Work', phone: 'Pixel' }]);
    uses.learn(name(1), place(), 5);
    uses.learn(name(1), place({ port: 2222 }), 6);
    const again = open();
    expect(again.isNew).toBe(false);
    expect(again.keys()).toEqual([{ blob: blob(1), comment: 'Work', phone: 'Pixel' }]);
    expect(again.all().map(({ at, port }) => [at, port])).toEqual([
      [5, null],
      [6, 2222],
    ]);
  });

  test('a server without a name is known by its key', () => {
    const uses = open();
    for (const hostKey of [name(1), name(2), name(1)]) uses.learn(name(3), place({ host: null, hostKey }), 1);
    uses.learn(name(3), place({ hostKey: name(7) }), 1);
    uses.learn(name(3), place({ hostKey: name(8) }), 1);
    expect(
      open()
        .all()
        .map(({ host, hostKey }) => host ?? hostKey),
    ).toEqual([name(2), name(1), 'prod']);
  });

  test('a use again within the hour is not written, a later one is', () => {
    const disk = new TestDisk();
    const uses = open(disk);
    uses.learn(name(1), place(), 0);
    disk.full = true;
    uses.learn(name(1), place(), hour - 1);
    expect(() => uses.learn(name(1), place(), 2 * hour)).toThrow(expect.objectContaining({ code: 'not-writable' }));
    expect(uses.all()[0]?.at).toBe(2 * hour);
    expect(open().all()[0]?.at).toBe(0);
  });

  test('what was replaced stays so until the key is used there again', () => {
    const uses = open();
    uses.learn(name(1), place(), 1);
    uses.learn(name(1), place({ user: 'root' }), 1);
    uses.replaced([name(1)], place(), name(2), 7);
    expect(
      open()
        .all()
        .map(({ replaced }) => replaced),
    ).toEqual([{ at: 7, by: name(2) }, null]);
    uses.learn(name(1), place(), 2);
    expect(
      open()
        .all()
        .map(({ replaced }) => replaced),
    ).toEqual([null, null]);
  });

  test('those of the longest time ago are forgotten', () => {
    const uses = open();
    uses.learnAll(
      Array.from({ length: MAX_USES + 2 }, (_, i) => ({ ...place({ host: `h${i}` }), key: name(1), at: i })),
    );
    expect([uses.all().length, uses.all()[0]?.host]).toEqual([MAX_USES, 'h2']);
    uses.keep(Array.from({ length: MAX_KEPT_KEYS + 1 }, (_, i) => ({ blob: blobOf(i), comment: '', phone: 'p' })));
    expect(open().keys()).toHaveLength(MAX_KEPT_KEYS);
    expect(
      open()
        .keys()
        .some((key) => fingerprint(key.blob) === fingerprint(blobOf(0))),
    ).toBe(false);
  });

  test('texts are cut to what is read again', () => {
    const uses = open();
    uses.keep([{ blob: blob(1), comment: `${'x'.repeat(255)}😀`, phone: 'p'.repeat(300) }]);
    uses.learn(name(1), place({ user: 'u'.repeat(300) }), 1);
    expect(open().keys()[0]?.comment).toHaveLength(255);
    expect(open().all()[0]?.user).toHaveLength(256);
  });

  test('refuses a newer file, and a broken one', () => {
    for (const [text, code] of [
      ['{"v":2}', 'newer-state'],
      ['{"v":1,"keys":[{"blob":"AAAA","comment":"","phone":""}],"uses":[]}', 'state-broken'],
    ] as const) {
      writeFileSync(folder.at('key-uses.json'), text, { mode: 0o600 });
      expect(open).toThrow(expect.objectContaining({ code }));
    }
  });

  function blobOf(i: number) {
    return ed25519Blob(new Uint8Array(32).fill(i % 256).fill(i >> 8, 0, 1));
  }
});
