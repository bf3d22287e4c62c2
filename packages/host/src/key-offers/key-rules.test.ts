import { writeFileSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { tempFolder } from '../testing/temp-folder.ts';
import { TestDisk } from '../testing/test-disk.ts';
import { type KeyRules, KeyRuleStore } from './key-rules.ts';

let folder: ReturnType<typeof tempFolder>;
beforeEach(() => (folder = tempFolder()));
afterEach(() => folder[Symbol.dispose]());

const noRules: KeyRules = { to: new Map(), order: [], off: [] };
const [k1, k2] = ['1', '2'].map((digit) => `SHA256:${digit.repeat(43)}`) as [string, string];

describe('KeyRuleStore', () => {
  const open = (disk?: TestDisk) => new KeyRuleStore(folder.at('keys.json'), disk);
  test('keeps what was set', () => {
    open().offer(k1, ['*.corp', '!build.corp']);
    open().prefer(k1);
    open().prefer(k2);
    open().switchOff('github.com', true);
    const { rules } = open();
    expect([...rules.to]).toEqual([[k1, ['*.corp', '!build.corp']]]);
    expect(rules).toMatchObject({ order: [k2, k1], off: ['github.com'] });
    open().offer(k1, null);
    open().switchOff('github.com', false);
    expect(open().rules).toMatchObject({ to: new Map(), off: [] });
  });
  test.each<[string, (store: KeyRuleStore) => void, string]>([
    ['a pattern that is none', (store) => store.offer(k1, ['a b']), 'bad-pattern'],
    ['no pattern', (store) => store.offer(k1, []), 'only-negated'],
    ['nothing but what it is not for', (store) => store.offer(k1, ['!a']), 'only-negated'],
    ['a host off that is none', (store) => store.switchOff('a b', true), 'bad-pattern'],
    ['a host off with !', (store) => store.switchOff('!a', true), 'only-negated'],
    ['a host on that was not off', (store) => store.switchOff('a', false), 'no-such-pattern'],
    [
      '257 patterns',
      (store) =>
        store.offer(
          k1,
          Array.from({ length: 257 }, (_, i) => `h${i}`),
        ),
      'too-many-rules',
    ],
  ])('%s is refused, and nothing is changed', (_, change, code) => {
    const store = open();
    expect(() => change(store)).toThrow(expect.objectContaining({ name: 'KeyRuleError', code }));
    expect(open().rules).toEqual(noRules);
    expect(store.rules).toEqual(noRules);
  });
  test('256 patterns are the most', () => {
    open().offer(
      k1,
      Array.from({ length: 256 }, (_, i) => `h${i}`),
    );
    expect(open().rules.to.get(k1)).toHaveLength(256);
  });
  test('a disk that is full leaves what was', () => {
    const disk = new TestDisk();
    const store = open(disk);
    store.prefer(k1);
    disk.full = true;
    expect(() => store.prefer(k2)).toThrow(expect.objectContaining({ code: 'not-writable' }));
    expect(store.rules.order).toEqual([k1]);
    expect(open().rules.order).toEqual([k1]);
  });
  test.each([
    ['{"v":2}', 'newer-state'],
    ['{"v":1,"keys":[],"order":["x"],"off":[]}', 'state-broken'],
    ['{', 'state-broken'],
  ])('%s: %s', (text, code) => {
    writeFileSync(folder.at('keys.json'), text, { mode: 0o600 });
    expect(() => open()).toThrow(expect.objectContaining({ code }));
  });
});
