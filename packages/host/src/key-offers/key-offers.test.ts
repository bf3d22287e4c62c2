/** Which keys a server is offered: the pure choice, what is kept of it, and eight keys at a real sshd that takes six tries. */
import { readFileSync, writeFileSync } from 'node:fs';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { fingerprint } from '@palmkey/core/ssh';
import { startAgent } from '../ssh-agent/agent.ts';
import type { AgentEvent, UserKeyView } from '../ssh-agent/login-ask.ts';
import { Claims } from '../claims/claims.ts';
import { writeKnownHostsCommand } from '../claims/known-hosts-command.ts';
import { realAgent, realSshd, withAgent } from '../testing/real-ssh.ts';
import { tempFolder } from '../testing/temp-folder.ts';
import { TestDisk } from '../testing/test-disk.ts';
import { testUserKey } from '../testing/user-key.ts';
import { chooseOffers, MAX_OFFERED, type OfferChoice } from './choose-offers.ts';
import { hasPositive, isHostPattern, matchesHost } from './host-pattern.ts';
import { KeyOffers } from './key-offers.ts';
import { KeyRuleStore, type KeyRules } from './key-rules.ts';
import { KnownServers, MAX_SERVERS } from './known-servers.ts';

let folder: ReturnType<typeof tempFolder>;
beforeEach(() => (folder = tempFolder()));
afterEach(() => folder[Symbol.dispose]());

interface Key {
  readonly fingerprint: string;
}
const keys = (...names: string[]): Key[] => names.map((name) => ({ fingerprint: name }));
const noRules: KeyRules = { to: new Map(), order: [], off: [] };
function choose(change: Partial<OfferChoice<Key>>): string {
  const choice = {
    ours: [],
    upstream: [],
    name: 'h',
    rules: noRules,
    worked: [],
    tried: new Set<string>(),
    rank: () => 0,
  };
  return chooseOffers({ ...choice, ...change })
    .map((key) => key.fingerprint)
    .join('');
}

describe('chooseOffers', () => {
  const ours = keys('a', 'b', 'c', 'd', 'e', 'f', 'g', 'h');
  const to = (rules: Record<string, string[]>): KeyRules => ({ ...noRules, to: new Map(Object.entries(rules)) });
  test.each<[string, Partial<OfferChoice<Key>>, string]>([
    ['at most five', { ours }, 'abcde'],
    ['what worked comes first, the latest of it before', { ours, worked: ['h', 'f'] }, 'hfabc'],
    ['what a pattern names comes before that', { ours, worked: ['h'], rules: to({ g: ['h'] }) }, 'ghabc'],
    ['what is for other hosts is not offered', { ours, rules: to({ a: ['other'], b: ['*', '!h'] }) }, 'cdefg'],
    [
      'a server without a name gets what is for some hosts last',
      { ours: keys('a', 'b', 'c'), name: null, rules: to({ a: ['x'] }) },
      'bca',
    ],
    ['unless it worked there', { ours: keys('a', 'b'), name: null, rules: to({ b: ['x'] }), worked: ['b'] }, 'ba'],
    [
      'more than five where patterns name more',
      { ours, rules: to(Object.fromEntries(['a', 'b', 'c', 'd', 'e', 'f', 'g'].map((k) => [k, ['*']]))) },
      'abcdefg',
    ],
    ['none of ours where they are off', { ours, upstream: keys('x'), rules: { ...noRules, off: ['h*'] } }, 'x'],
    ['off is for names', { ours: keys('a'), name: null, rules: { ...noRules, off: ['*'] } }, 'a'],
    [
      'keys of phones that are here first',
      { ours: keys('a', 'b'), rank: (key) => (key.fingerprint === 'a' ? 2 : 0) },
      'ba',
    ],
    ['then the preferred', { ours: keys('a', 'b', 'c'), rules: { ...noRules, order: ['c'] } }, 'cab'],
    [
      'those of the person’s agent last, with what room there is',
      { ours: keys('a', 'b', 'c'), upstream: keys('x', 'y', 'z') },
      'abcxy',
    ],
    ['one of those that worked is among the first', { ours, upstream: keys('x'), worked: ['x'] }, 'xabcd'],
    ['what was not tried comes before what was', { ours, tried: new Set('abcde') }, 'fghab'],
    ['also before what worked once', { ours: keys('a', 'b'), worked: ['a'], tried: new Set('a') }, 'ba'],
    ['all tried: as the first time', { ours: keys('a', 'b'), tried: new Set('ab') }, 'ab'],
    ['no keys', {}, ''],
  ])('%s', (_, change, expected) => expect(choose(change)).toBe(expected));

  const name = fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f', 'g', 'h', 'i', 'j', 'k', 'l');
  const choice = fc.record({
    ours: fc.uniqueArray(name, { maxLength: 12 }).map((names) => keys(...names)),
    upstream: fc.array(fc.constantFrom('x', 'y', 'z'), { maxLength: 3 }).map((names) => keys(...new Set(names))),
    name: fc.option(fc.constantFrom('h', 'other')),
    rules: fc.record({
      to: fc
        .array(fc.tuple(name, fc.array(fc.constantFrom('h', '*', '!h', 'other'), { minLength: 1 })))
        .map((e) => new Map<string, string[]>(e)),
      order: fc.uniqueArray(name),
      off: fc.array(fc.constantFrom('other', '!h'), { maxLength: 1 }),
    }),
    worked: fc.uniqueArray(fc.oneof(name, fc.constantFrom('x', 'y')), { maxLength: 5 }),
    tried: fc.array(name).map((names) => new Set(names)),
    rank: fc.func(fc.nat(2)),
  });

  test('offers no more than fits, nothing twice, nothing unknown, nothing that is not for the host', () => {
    fc.assert(
      fc.property(choice, (given) => {
        const offered: readonly string[] = chooseOffers(given).map((key) => key.fingerprint);
        const { rules, name: host } = given;
        const ours: readonly string[] = given.ours.map((own) => own.fingerprint);
        const upstream: readonly string[] = given.upstream.map((other) => other.fingerprint);
        const named = given.ours.filter(
          ({ fingerprint: key }) => host !== null && matchesHost(rules.to.get(key) ?? [], host),
        );
        expect(offered.length).toBeLessThanOrEqual(Math.max(MAX_OFFERED, named.length));
        expect(new Set(offered).size).toBe(offered.length);
        const isOff = host !== null && matchesHost(rules.off, host);
        for (const key of offered) {
          if (upstream.includes(key)) continue;
          expect(ours).toContain(key);
          expect(isOff).toBe(false);
          const patterns = rules.to.get(key);
          if (host !== null && patterns !== undefined) expect(matchesHost(patterns, host)).toBe(true);
        }
      }),
    );
  });
});

describe('host patterns', () => {
  test.each([
    [['*.corp'], 'db.corp', true],
    [['*.corp'], 'corp', false],
    [['*.CORP'], 'DB.Corp', true],
    [['db-?'], 'db-1', true],
    [['db-?'], 'db-12', false],
    [['*', '!build.*'], 'build.corp', false],
    [['!build.*', '*'], 'web.corp', true],
    [['!build'], 'web', false],
    [['h.st'], 'host', false],
    [['*a*b*c'], 'xxaxxbxxc', true],
    [['*a*b*c'], 'xxaxxbxxcx', false],
    [[], 'h', false],
  ] as const)('%j and %s: %s', (patterns, host, expected) => expect(matchesHost(patterns, host)).toBe(expected));

  test('match as the same pattern in a regular expression', () => {
    const text = fc.string({ unit: fc.constantFrom('a', 'b', '.', '*', '?'), maxLength: 12 });
    fc.assert(
      fc.property(
        text.filter(Boolean),
        fc.string({ unit: fc.constantFrom('a', 'b', '.'), maxLength: 12 }),
        (pattern, host) => {
          const source = pattern.replaceAll('.', '\\.').replaceAll('*', '.*').replaceAll('?', '.');
          expect(matchesHost([pattern], host)).toBe(new RegExp(`^${source}$`).test(host));
        },
      ),
    );
  });

  test('no pattern takes long', () => {
    expect(matchesHost([`${'*a'.repeat(120)}b`], 'a'.repeat(255))).toBe(false);
  });

  test.each([
    ['*.corp', true],
    ['!x', true],
    ['münchen.example', true],
    ['2001:db8::*', true],
    ['x'.repeat(255), true],
    ['x'.repeat(256), false],
    ['', false],
    ['!', false],
    ['a b', false],
    ['a,b', false],
    ['[h]:22', false],
    ['a\u202eb', false],
    ['$(x)', false],
  ])('%j: %s', (text, good) => expect(isHostPattern(text)).toBe(good));

  test('patterns with ! alone match nothing', () => expect(hasPositive(['!a', '!b'])).toBe(false));
});

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

describe('KnownServers', () => {
  const open = (disk?: TestDisk) => new KnownServers(folder.at('servers.json'), disk);
  const server = (i: number) => `SHA256:${String(i).padStart(43, '0')}`;
  test('keeps which keys worked, the latest first, five of one server', () => {
    const servers = open();
    for (let i = 0; i < 7; i++) servers.learn(server(1), server(100 + i));
    servers.learn(server(1), server(103));
    expect(open().workedOn(server(1))).toEqual([103, 106, 105, 104, 102].map(server));
    expect(open().workedOn(server(2))).toEqual([]);
  });
  test('a thousand servers; those of the longest time ago are forgotten', () => {
    const many = Array.from({ length: MAX_SERVERS }, (_, i) => ({ server: server(i), keys: [k1] }));
    writeFileSync(folder.at('servers.json'), JSON.stringify({ v: 1, servers: many }), { mode: 0o600 });
    const servers = open();
    servers.learn(server(0), k1);
    servers.learn(server(5000), k1);
    expect([0, 1, 2, 5000].map((i) => open().workedOn(server(i)).length)).toEqual([1, 0, 1, 1]);
  });
  test('the same again is not written', () => {
    const disk = new TestDisk();
    const servers = open(disk);
    servers.learn(server(1), k1);
    disk.full = true;
    servers.learn(server(1), k1);
    expect(() => servers.learn(server(1), k2)).toThrow(expect.objectContaining({ code: 'not-writable' }));
    expect(servers.workedOn(server(1))).toEqual([k2, k1]);
    expect(open().workedOn(server(1))).toEqual([k1]);
  });
});

describe('KeyOffers', () => {
  const views = (count: number): UserKeyView[] => Array.from({ length: count }, () => testUserKey('ssh-ed25519'));
  const server = { hostKey: testUserKey('ssh-ed25519').blob, name: 'h' };
  const make = (rank: (blob: Uint8Array) => number = () => 0, faults: unknown[] = []) =>
    new KeyOffers({
      rules: { rules: noRules },
      servers: new KnownServers(folder.at('servers.json')),
      rank,
      onFault: (error) => faults.push(error),
    });

  test('within as many logins as it takes, each key has its turn, and then the round begins anew', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 24 }), (count) => {
        const [ours, offers] = [views(count), make()];
        for (let round = 0; round < 2; round++) {
          const seen = new Set<UserKeyView>();
          for (let login = 0; login < Math.ceil(count / MAX_OFFERED); login++) {
            const offered = offers.choose(server, ours, []);
            for (const key of offered) seen.add(key);
            offers.unwanted(server, offered);
          }
          expect(seen.size).toBe(count);
        }
      }),
      { numRuns: 24 },
    );
  });

  test('what worked is offered first from then on, also by the next daemon', () => {
    const [ours, offers] = [views(8), make()];
    const last = ours.at(-1)!;
    offers.asked(server);
    offers.worked(server, last.blob);
    expect(offers.choose(server, ours, [])[0]).toBe(last);
    expect(make().choose(server, ours, [])[0]).toBe(last);
    expect(readFileSync(folder.at('servers.json'), 'utf8')).not.toContain('"h"');
  });

  test('what leads somewhere is offered there first, whatever the rules say, and nowhere else', () => {
    const [ours, rules] = [views(8), { ...noRules, off: ['h'] }];
    const lead = ours.at(-1)!;
    const servers = new KnownServers(folder.at('servers.json'));
    const offers = new KeyOffers({ rules: { rules }, servers, rank: () => 0, onFault: () => undefined });
    const held = offers.lead({ key: fingerprint(lead.blob), servers: new Set([fingerprint(server.hostKey)]) });
    const upstream = views(6);
    expect(offers.choose(server, ours, upstream)).toEqual([lead, ...upstream.slice(0, MAX_OFFERED - 1)]);
    expect(offers.choose({ ...server, hostKey: testUserKey('ssh-ed25519').blob }, ours, [])).toEqual([]);
    held[Symbol.dispose]();
    expect(offers.choose(server, ours, [])).toEqual([]);
  });

  test('without a server all are listed, ours before those of the person’s agent', () => {
    const [ours, upstream] = [views(8), views(3)];
    expect(make().choose(null, ours, upstream)).toEqual([...ours, ...upstream]);
  });
});

describe('eight keys at a real sshd with MaxAuthTries 6', () => {
  const ours = Array.from({ length: 8 }, (_, i) => testUserKey('ssh-ed25519', `key${i}`));

  test('the right one is found at the second try at the latest, and at the first from then on', async () => {
    await using sshd = await realSshd(folder.at('sshd'), ['MaxAuthTries 6']);
    await using upstream = await realAgent(folder.path);
    upstream.add('mine');
    const [claimsFile, script] = [folder.at('claims'), folder.at('script')];
    writeKnownHostsCommand(script, claimsFile);
    using claims = new Claims({ path: claimsFile });
    const rules = new KeyRuleStore(folder.at('keys.json'));
    const servers = new KnownServers(folder.at('servers.json'));
    const events: AgentEvent[] = [];
    const signedWith: string[] = [];
    await using agent = await startAgent({
      socketPath: folder.at('run/agent.sock'),
      keys: () => ours,
      sign: ({ key, data, host }) => {
        const holder = ours.find(({ blob }) => fingerprint(blob) === fingerprint(key));
        if (holder === undefined) return Promise.resolve({ is: 'failed', code: 'none' });
        signedWith.push(`${holder.comment} ${host?.name}`);
        return Promise.resolve({ is: 'signed', signature: holder.sign(data) });
      },
      claims,
      upstream: () => upstream.socket,
      offers: new KeyOffers({ rules, servers, rank: () => 0, onFault: (error) => expect(error).toBeUndefined() }),
      onEvent: (event) => void events.push(event),
    });
    const options = ['-F', 'none', '-p', String(sshd.port), '-o', `UserKnownHostsFile=${folder.at('known')}`];
    const quiet = ['-o', 'StrictHostKeyChecking=no', '-o', 'BatchMode=yes', '-o', 'IdentityFile=none'];
    const named = ['-o', 'HostKeyAlias=db.corp', '-o', `KnownHostsCommand=${script} %I %H %t %K`];
    const login = async () => {
      const { code } = await withAgent(agent.socketPath, 'ssh', [
        ...options, ...quiet, ...named, `${sshd.user}@127.0.0.1`, 'true',
      ]); // prettier-ignore
      while (agent.connections() > 0) await new Promise((resolve) => setImmediate(resolve));
      return code;
    };

    sshd.authorize([ours[7]!.line]);
    expect([await login(), await login(), await login()]).toEqual([255, 0, 0]);
    expect(signedWith).toEqual(['key7 db.corp', 'key7 db.corp']);
    expect(events.flatMap((event) => (event.kind === 'listed' ? [event.count] : []))).toEqual([5, 5, 5]);
    expect(sshd.log()).not.toContain('Too many authentication failures');

    // A pattern of the person's comes before what was learned.
    sshd.authorize(ours.map(({ line }) => line));
    rules.offer(fingerprint(ours[3]!.blob), ['*.corp']);
    expect(await login()).toBe(0);
    expect(signedWith.at(-1)).toBe('key3 db.corp');

    rules.switchOff('db.*', true);
    expect(await login()).toBe(255);
    rules.switchOff('db.*', false);
    rules.offer(fingerprint(ours[3]!.blob), ['other.corp']);
    expect(await login()).toBe(0);
    expect(signedWith.at(-1)).toBe('key7 db.corp');
    const { out } = await withAgent(agent.socketPath, 'ssh-add', ['-l']);
    expect(out.trim().split('\n')).toHaveLength(9);
  });
});
