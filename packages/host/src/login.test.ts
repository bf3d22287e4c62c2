import type { Content } from '@palmkey/core/messages';
import { parseRequest, requestHash, type RequestHash } from '@palmkey/core/requests';
import { ed25519Blob, SshWriter } from '@palmkey/core/ssh';
import { getEventListeners } from 'node:events';
import { beforeEach, describe, expect, test } from 'vitest';
import { AskPhone } from './asking/ask-phone.ts';
import type { Claim } from './claims/claim.ts';
import type { LogFact, PhoneFact } from './control/protocol.ts';
import type { Place } from './key-uses/key-uses.ts';
import { nodePrimitives } from './keys/node-primitives.ts';
import type { AskProgress } from './asking/ask-progress.ts';
import { login } from './login.ts';
import type { SignDeps } from './sign-ask.ts';
import type { LoginAsk } from './ssh-agent/login-ask.ts';
import { PairingStore } from './state/pairing-store.ts';
import { tempFolder } from './testing/temp-folder.ts';
import { TestClock } from './testing/test-clock.ts';
import { TestPhone } from './testing/test-phone.ts';

const phone = new TestPhone();
const bind = (hostKeyBytes: number) => ({
  hostKey: new Uint8Array(hostKeyBytes),
  sessionId: Uint8Array.of(1),
  signature: Uint8Array.of(1),
  forwarding: false,
});
const claim: Claim = { name: 'prod', port: 22, pid: 999_999_999, programs: ['zsh', 'ssh'], terminal: '/dev/pts/3' };
const ask: LoginAsk = {
  key: phone.key,
  data: new SshWriter().text('login').done(),
  flags: 0,
  binds: [],
  hostKey: ed25519Blob(new Uint8Array(32)),
  userauth: { user: 'deploy' } as LoginAsk['userauth'],
  claim: null,
  host: null,
};

let clock: TestClock;
let asked: { to: string; request: Uint8Array }[];
let pushed: Content[];
let log: LogFact[];
let words: AskProgress[];
let reach: Map<string, PhoneFact['reach']>;
let used: Place[];
let deps: SignDeps;
let askPhone: AskPhone;
/** Whoever asked is there until the test is over, and takes back what it left open. */
let asker: AbortController;

beforeEach(() => {
  clock = new TestClock();
  [asked, pushed, log, words, used, reach] = [[], [], [], [], [], new Map()];
  const folder = tempFolder();
  const pairings = new PairingStore(folder.at('pairings.json'));
  pairings.put(phone.pairing());
  askPhone = new AskPhone({
    clock,
    randomBytes: (length) => nodePrimitives.randomBytes(length),
    agreed: () => ({ is: 'speaking', protocol: 3 }),
    send: ({ peer }, content) => {
      if (content.kind === 'ask') asked.push({ to: peer.name, request: content.request });
      return Promise.resolve();
    },
    push: (_, content) => {
      pushed.push(content);
      return Promise.resolve('handed');
    },
    onChange: () => undefined,
  });
  deps = {
    pairings,
    reachOf: ({ peer }) => reach.get(peer.name) ?? 'unknown',
    asks: () => askPhone,
    words: (progress) => {
      words.push(progress);
      return '';
    },
    clock,
    log: (fact) => log.push(fact),
    used: (_, place) => used.push(place),
  };
  asker = new AbortController();
  return () => {
    asker.abort();
    folder[Symbol.dispose]();
  };
});

/** What the phone was asked, parsed as it would parse it. */
function question() {
  const [last] = asked.slice(-1);
  if (last === undefined) throw new Error('nobody was asked');
  const request = parseRequest(last.request);
  if (request.kind !== 'ssh-sign') throw new Error('not a login');
  return { to: last.to, hash: requestHash(last.request), ...request };
}
const approve = (hash: RequestHash, signature: Uint8Array, by = phone) =>
  askPhone.decided(by.device.id, hash, { is: 'approve', signature });

describe('login', () => {
  test.each([
    ['approved', (): unknown => approve(question().hash, phone.sign(ask.data))],
    ['expired', (): unknown => clock.advance(90_000)],
    ['ended with the agent', (): unknown => askPhone.close()],
  ])('lets go of whoever asked once it is %s', async (_, end) => {
    const result = login(deps, ask, asker.signal);
    expect(getEventListeners(asker.signal, 'abort')).toHaveLength(1);
    end();
    await result;
    expect(getEventListeners(asker.signal, 'abort')).toEqual([]);
  });

  test('hands out the signature, and logs who, where and how long', async () => {
    const result = login(deps, ask, asker.signal);
    clock.advance(700);
    askPhone.received(phone.device.id, question().hash);
    const signature = phone.sign(ask.data);
    approve(question().hash, signature);
    expect(await result).toEqual({ is: 'signed', signature });
    expect(log).toMatchObject([{ kind: 'login', user: 'deploy', phone: 'Pixel', outcome: 'approved', tookMs: 700 }]);
    expect(words.map(({ is }) => is)).toEqual(['asking', 'received', 'ended']);
  });

  test.each<[string, Partial<LoginAsk>, Partial<Place>]>([
    [
      'what ssh was told',
      { host: { name: 'alias', port: 22 }, claim: { ...claim, dialled: { host: 'prod', port: 2222 } } },
      { host: 'prod', port: 2222 },
    ],
    [
      'what ssh calls it, where that is all that is known',
      { host: { name: 'prod', port: 2222 }, claim },
      { host: 'prod', port: 2222 },
    ],
    ['no port where it is the usual one', { host: { name: 'prod', port: 22 }, claim }, { host: 'prod', port: null }],
    [
      'no name beyond the first hop',
      { claim: { ...claim, dialled: { host: 'jump', port: null } } },
      { host: null, port: null },
    ],
  ])('tells where a key was used: %s', async (_, change, place) => {
    const result = login(deps, { ...ask, ...change }, asker.signal);
    approve(question().hash, phone.sign(ask.data));
    await result;
    expect(used).toEqual([
      { kind: 'login', user: 'deploy', hostKey: expect.stringMatching(/^SHA256:/) as string, ...place },
    ]);
  });

  test('tells of no use where nothing was signed', async () => {
    const result = login(deps, ask, asker.signal);
    askPhone.decided(phone.device.id, question().hash, { is: 'reject' });
    await result;
    expect(used).toEqual([]);
  });

  test.each([
    ['over other data', phone.sign(Uint8Array.of(1))],
    ['by another key', new TestPhone().sign(ask.data)],
    ['that is none', Uint8Array.of(1, 2, 3)],
  ])('fails on a signature %s', async (_, signature) => {
    const result = login(deps, ask, asker.signal);
    approve(question().hash, signature);
    expect(await result).toEqual({ is: 'failed', code: 'failed' });
    expect(log).toMatchObject([{ outcome: 'failed' }]);
  });

  test('says why a phone refused', async () => {
    const result = login(deps, ask, asker.signal);
    askPhone.decided(phone.device.id, question().hash, { is: 'refuse', code: 'busy', skew: null });
    expect(await result).toEqual({ is: 'failed', code: 'busy' });
    expect(log).toMatchObject([{ outcome: 'failed', code: 'busy' }]);
  });

  test('says nothing more to somebody who has gone', async () => {
    const gone = new AbortController();
    const result = login(deps, ask, gone.signal);
    gone.abort();
    expect(await result).toEqual({ is: 'failed', code: 'withdrawn' });
    clock.advance(300);
    expect(words).toEqual([]);
  });

  test('asks nobody for a key that no phone has', async () => {
    const result = await login(deps, { ...ask, key: new TestPhone().key }, asker.signal);
    expect([result, asked]).toEqual([{ is: 'failed', code: 'unknown-key' }, []]);
  });

  test('asks nobody while the account is in doubt, and says so at once', async () => {
    const result = await login({ ...deps, asks: () => 'account-refused' }, ask, asker.signal);
    expect([result, asked]).toEqual([{ is: 'failed', code: 'account-refused' }, []]);
    expect(words).toMatchObject([{ is: 'ended', outcome: 'failed', code: 'account-refused' }]);
    expect(log).toMatchObject([{ kind: 'login', outcome: 'failed', code: 'account-refused' }]);
  });

  test('fails for more host keys than a request has room for, and leaves nothing open', async () => {
    const result = await login(deps, { ...ask, binds: [bind(32_000), bind(32_000)] }, asker.signal);
    expect(result).toEqual({ is: 'failed', code: 'too-large' });
    expect([askPhone.waiting(), clock.timers]).toEqual([[], 0]);
  });

  test.each([
    ['control characters', ['a\u0000\u001b[2Jb'], ['a\uFFFD\uFFFD[2Jb']],
    ['another direction of writing', ['\u202Eabc'], ['\uFFFDabc']],
    ['half a character', ['\uD83D'], ['\uFFFD']],
    ['no name', [''], ['\uFFFD']],
    ['a name beyond the limit', ['x'.repeat(5_000)], [`${'x'.repeat(255)}…`]],
    [
      'more programs than fit',
      Array.from({ length: 40 }, (_, i) => `p${i}`),
      Array.from({ length: 32 }, (_, i) => `p${i + 8}`),
    ],
  ])('asks whatever a program calls itself: %s', (_, programs, expected) => {
    void login(deps, { ...ask, claim: { ...claim, programs, terminal: '/dev/\u0007' } }, asker.signal);
    expect(question().origin).toEqual({
      sure: 'claimed',
      programs: expected,
      terminal: '/dev/\uFFFD',
      directory: null,
    });
  });

  test('a server’s and a user’s name are made plain too, for the phone and the log', async () => {
    const host = { name: `a\u202E${'x'.repeat(300)}`, port: 22 };
    const result = login(
      deps,
      { ...ask, host, userauth: { user: `\u001b${'u'.repeat(9_000)}` } as never },
      asker.signal,
    );
    expect(question().host?.name).toMatch(/^a\uFFFDx{252}…$/);
    askPhone.decided(phone.device.id, question().hash, { is: 'reject' });
    await result;
    expect(log[0]?.user).toMatch(/^\uFFFDu{254}…$/);
    expect(log[0]?.host).toHaveLength(255);
  });

  test('of a permission says nothing but its end', async () => {
    const result = login(deps, ask, asker.signal);
    const signature = phone.sign(ask.data);
    askPhone.received(phone.device.id, question().hash);
    askPhone.decided(phone.device.id, question().hash, { is: 'approve', signature, until: 77 });
    await result;
    expect(words).toMatchObject([{ is: 'ended', kind: 'login', outcome: 'approved', by: 'Pixel', until: 77 }]);
    expect(log).toMatchObject([{ outcome: 'approved', until: 77 }]);
    expect(clock.timers).toBe(1);
  });

  describe('with a key that two phones have', () => {
    const second = new TestPhone('Second');
    beforeEach(() => {
      const userKeys = [{ blob: phone.key, comment: 'Work' }];
      deps.pairings.put(second.pairing(undefined, { userKeys }));
    });
    const asking = () => words.find(({ is }) => is === 'asking');

    test('asks both, and names both', () => {
      void login(deps, ask, asker.signal);
      clock.advance(300);
      expect(asked.map(({ to }) => to)).toEqual(['Pixel', 'Second']);
      expect(asking()).toMatchObject({ phones: ['Pixel', 'Second'] });
    });

    test('tells that one without the key shows it, unless one with it does', () => {
      const third = new TestPhone('Third');
      deps.pairings.put(third.pairing());
      void login(deps, ask, asker.signal);
      clock.advance(300);
      const { hash } = question();
      const received = () => words.flatMap((each) => (each.is === 'received' ? [[each.by, each.holds]] : []));
      askPhone.received(third.device.id, hash);
      expect(received()).toEqual([['Third', false]]);
      askPhone.received(phone.device.id, hash);
      void login(deps, ask, asker.signal);
      clock.advance(300);
      words.length = 0;
      askPhone.received(phone.device.id, question().hash);
      askPhone.received(third.device.id, question().hash);
      expect(received()).toEqual([['Pixel', true]]);
    });

    test('does not name one that is away, unless all are', () => {
      reach.set('Pixel', 'absent');
      void login(deps, ask, asker.signal);
      clock.advance(300);
      expect(asking()).toMatchObject({ phones: ['Second'] });
      words.length = 0;
      reach.set('Second', 'absent');
      void login(deps, ask, asker.signal);
      clock.advance(300);
      expect(asking()).toMatchObject({ phones: ['Pixel', 'Second'] });
    });

    test('passed on by one is over, so that ssh goes on with its next key', async () => {
      const result = login(deps, ask, asker.signal);
      askPhone.decided(second.device.id, question().hash, { is: 'pass' });
      expect(await result).toEqual({ is: 'failed', code: 'passed' });
      expect(log).toMatchObject([{ outcome: 'passed', phone: 'Second' }]);
    });
  });
});

test('a phone that is away is woken with what the login is about; progress and log say so', async () => {
  const ended = login(deps, { ...ask, host: { name: 'prod', port: 22 } }, new AbortController().signal);
  clock.advance(2_000);
  await new Promise(setImmediate);
  expect(pushed).toMatchObject([
    { kind: 'preview', of: { what: 'login', user: 'deploy', server: { name: 'prod', port: 22 } } },
  ]);
  clock.advance(88_000);
  expect(await ended).toMatchObject({ is: 'failed' });
  expect(words.map(({ is }) => is)).toEqual(['asking', 'unreceived', 'woken', 'ended']);
  expect(words.at(-1)).toMatchObject({ outcome: 'expired', woken: 'handed' });
  expect(log).toMatchObject([{ outcome: 'expired', woken: 'handed' }]);
});
