import { ed25519Blob, authorizedKeysLine, fingerprint } from '@palmkey/core/ssh';
import type { KeyUsesFact, UseFact } from '@palmkey/host/control';
import { describe, expect, it } from 'vitest';
import { workKey } from '../testing/facts.ts';
import { newKeys, oldKeys, planFor } from './plan.ts';
import { isProvider, keySettings } from './providers.ts';

const line = authorizedKeysLine(ed25519Blob(new Uint8Array(32).fill(7)), 'Old');
const old = fingerprint(ed25519Blob(new Uint8Array(32).fill(7)));
const unknown = 'SHA256:unknown';
const key = { fingerprint: old, type: 'ssh-ed25519', comment: 'Old', line, phone: 'Pixel', held: false };
const use = (change: Partial<UseFact> = {}): UseFact => {
  return {
    key: old,
    kind: 'login',
    user: 'ada',
    host: 'prod',
    port: null,
    hostKey: null,
    at: 5,
    replaced: null,
    ...change,
  };
};
const facts = (change: Partial<KeyUsesFact> = {}): KeyUsesFact => ({ keys: [key], uses: [use()], ...change });
const names = (facts: KeyUsesFact, wanted?: string) => oldKeys(facts, wanted).map((each) => each.fingerprint);

describe('oldKeys', () => {
  it('are those that were used and that no paired phone has', () => {
    expect(oldKeys(facts(), undefined)).toEqual([
      { fingerprint: old, comment: 'Old', phone: 'Pixel', line, held: false, lastUsedAt: 5 },
    ]);
    for (const none of [facts({ keys: [{ ...key, held: true }] }), facts({ uses: [] })])
      expect(() => names(none)).toThrow('no-lost-key');
  });

  it('are with their line where there are such, else by fingerprint alone', () => {
    const uses = [use(), use({ key: unknown })];
    expect(names(facts({ uses }))).toEqual([old]);
    expect(oldKeys(facts({ uses: uses.slice(1) }), undefined)).toMatchObject([{ fingerprint: unknown, line: null }]);
  });

  it.each([['Old'], ['Pixel'], [old], [old.slice(0, 12)], [old.slice(7, 15)], [line]])('can be named: %s', (wanted) => {
    expect(names(facts({ keys: [{ ...key, held: true }] }), wanted)).toEqual([old]);
  });

  it('can be one that nobody here has heard of, by its line', () => {
    expect(oldKeys({ keys: [], uses: [] }, line)).toMatchObject([
      { fingerprint: old, line, phone: null, lastUsedAt: null },
    ]);
  });

  it.each([[''], ['nobody'], ['SHA256:nobody'], ['ssh-rsa AAAA']])('%j names none', (wanted) => {
    expect(() => names(facts(), wanted)).toThrow('no-old-key');
  });
});

describe('planFor', () => {
  const plan = (...uses: UseFact[]) => planFor(oldKeys(facts(), undefined), uses);

  it('has each place once, the latest first, and no place of other keys', () => {
    const { servers } = plan(
      use({ at: 1 }),
      use({ at: 9, host: 'db', port: 2222 }),
      use({ at: 7, hostKey: 'SHA256:h' }),
      use({ key: unknown, host: 'other' }),
    );
    expect(servers.map(({ host, port, lastUsedAt, hostKey }) => [host, port, lastUsedAt, hostKey])).toEqual([
      ['db', 2222, 9, null],
      ['prod', null, 7, 'SHA256:h'],
    ]);
  });

  it('keeps servers without a name apart by their keys', () => {
    const { servers } = plan(use({ host: null, hostKey: 'SHA256:a' }), use({ host: null, hostKey: 'SHA256:b' }));
    expect(servers).toHaveLength(2);
  });

  it('counts a place as done once all of the keys are', () => {
    const replaced = { at: 8, by: 'SHA256:new' };
    const both = planFor(
      [
        ...oldKeys(facts(), undefined),
        { fingerprint: unknown, comment: '', phone: null, line: null, held: false, lastUsedAt: 1 },
      ],
      [use({ replaced }), use({ key: unknown, host: 'prod' }), use({ host: 'db', replaced })],
    );
    expect(both.servers.map((stop) => [stop.host, stop.replaced])).toEqual([
      ['prod', null],
      ['db', replaced],
    ]);
  });

  it('puts hosts of git apart, with the page for their keys', () => {
    const { servers, providers } = plan(
      use({ user: 'git', host: 'github.com' }),
      use({ kind: 'git', user: 'git', host: 'github.com', at: 9 }),
      use({ kind: 'git', user: 'git', host: 'git.example.org' }),
    );
    expect(servers).toEqual([]);
    expect(providers.map(({ host, settings, signs, lastUsedAt }) => [host, settings, signs, lastUsedAt])).toEqual([
      ['github.com', 'https://github.com/settings/keys', true, 9],
      ['git.example.org', null, true, 5],
    ]);
  });
});

it('newKeys leaves out what goes, and has each key once', () => {
  const other = { ...workKey, fingerprint: 'SHA256:other' };
  const gone = oldKeys(facts(), undefined);
  expect(newKeys([{ ...workKey, fingerprint: old }, other, { ...other, phone: 'Tablet' }], gone)).toHaveLength(1);
});

it.each([
  ['github.com', 'ada', true],
  ['GitLab.com', 'git', true],
  ['prod', 'git', true],
  ['prod', 'ada', false],
  [null, 'git', false],
])('isProvider: %s as %s', (host, user, is) => expect(isProvider({ kind: 'login', host, user })).toBe(is));

it('keySettings knows no page of a host that it does not know', () => {
  expect(keySettings('toString')).toBeNull();
});
