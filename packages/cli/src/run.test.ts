import { readFileSync } from 'node:fs';
import { mkdtemp, mkdir, rm } from 'node:fs/promises';
import { createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type OffersFact, paths, type StatusFact } from '@palmkey/host/control';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { run } from './run.ts';
import { pixel, status, workKey } from './testing/facts.ts';
import { testCli } from './testing/test-cli.ts';

let home: string;
let daemon: Server | undefined;

beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), 'palmkey-cli-'));
});
afterEach(async () => {
  await new Promise<unknown>((resolve) => (daemon === undefined ? resolve(0) : daemon.close(resolve)));
  daemon = undefined;
  await rm(home, { recursive: true });
});

type Reply = { result: unknown } | { error: { code: string; detail: Record<string, string | null> } };

/** Something that speaks as the daemon does: answers by the name of the call, after the events given for it. */
async function answering(
  replies: Record<string, Reply>,
  events: Record<string, readonly object[]> = {},
): Promise<object[]> {
  const { run: folder, controlSocket } = paths(home);
  await mkdir(folder, { recursive: true });
  const heard: object[] = [];
  daemon = createServer((socket) => {
    socket.setEncoding('utf8').on('data', (text: string) => {
      for (const line of text.split('\n').filter(Boolean)) {
        const { id, call, ...args } = JSON.parse(line) as { id: number; call: string };
        heard.push({ call, ...args });
        for (const event of events[call] ?? []) socket.write(`${JSON.stringify({ id, event })}\n`);
        const reply = replies[call];
        if (reply !== undefined) socket.write(`${JSON.stringify({ id, ...reply })}\n`);
      }
    });
    socket.on('error', () => undefined);
  });
  await new Promise<void>((resolve) => daemon?.listen(controlSocket, resolve));
  return heard;
}

const facts = (over: Partial<StatusFact> = {}, offers: Partial<OffersFact> = {}) => {
  const told = { result: { keys: [{ fingerprint: workKey.fingerprint, to: null }], off: [], ...offers } };
  return {
    status: { result: { ...status, ...over } },
    log: { result: [] },
    ...{ offers: told, offer: told, prefer: told, 'offer-off': told },
  };
};

async function palmkey(...argv: string[]) {
  const cli = testCli({ PALMKEY_HOME: home });
  const code = await run(argv, cli);
  return { code, out: cli.printed(), err: cli.complained() };
}

describe('without a daemon', () => {
  it('palmkey alone says how to begin', async () => {
    const { code, out } = await palmkey();
    expect(code).toBe(0);
    expect(out).toContain('palmkey up');
  });

  it.each([['status'], ['keys'], ['log'], ['pair'], ['unpair', 'x']])('%s: not set up', async (...argv) => {
    expect(await palmkey(...argv)).toMatchObject({
      code: 3,
      out: '',
      err: 'palmkey: it is not running on this computer\n  Start it with palmkey up (npm start in a clone)\n',
    });
  });
});

describe('setup', () => {
  it('--upstream says which agent stands behind ours, and keeps it', async () => {
    const setup = async (...argv: string[]) => {
      const cli = testCli({ PALMKEY_HOME: home }, { userFolder: home });
      return { code: await run(['setup', ...argv], cli), out: cli.printed(), err: cli.complained() };
    };
    const kept = () => JSON.parse(readFileSync(paths(home).upstream, 'utf8')) as unknown;
    expect((await setup('--upstream', `${home}/other.sock`)).out).toContain(`The agent at ~/other.sock stands behind`);
    expect(kept()).toEqual({ v: 1, is: 'path', path: `${home}/other.sock` });
    expect((await setup('--upstream', 'none', '--dry-run')).out).toContain('No other agent would stand behind');
    expect(kept()).toMatchObject({ is: 'path' });
    expect((await setup('--upstream', 'auto')).out).toContain('The agent of SSH_AUTH_SOCK');
    expect(kept()).toEqual({ v: 1, is: 'environment' });
    expect(JSON.parse((await setup('--upstream', 'none', '--json')).out)).toMatchObject({ upstream: { is: 'none' } });
    expect(await setup('--upstream', paths(home).agentSocket)).toMatchObject({
      code: 2,
      err: expect.stringContaining('cannot stand behind itself') as string,
    });
    expect(kept()).toMatchObject({ is: 'none' });
    expect(await setup('--upstream', 'none', '--undo')).toMatchObject({ code: 2 });
  });
});

describe('usage', () => {
  it.each([
    [['nonsense'], 'there is no command nonsense'],
    [['status', '--nonsense'], "unknown option '--nonsense'"],
    [['up', '--port', 'x'], 'x is not a port'],
    [['up', '--public-url', 'http://example.org'], 'cannot be the public address'],
    [['up', '--relay', 'nonsense'], 'is not the address of a relay'],
    [['keys', 'copy'], "missing required argument 'destination'"],
    [['log', '-n', '0'], 'It is a number from 1 to 10000.'],
    [['relay', '--admission', 'all'], 'Allowed choices are open, members.'],
    [
      ['relay', '--listen', '0.0.0.0', '--port', '0', '--no-app', '--public-url', 'https://a.example'],
      'add --open-to-anyone',
    ],
    [['help', 'nonsense'], 'there is no help on nonsense'],
  ])('%j', async (argv, words) => {
    const { code, err } = await palmkey(...argv);
    expect(err).toMatch(/^palmkey: [^\n]+\n {2}[^\n]+\n$/);
    expect(err).toContain(words);
    expect(code).toBe(2);
  });

  it.each([
    [['--version']],
    [['--help']],
    [['help']],
    [['help', 'keys']],
    [['help', 'exit-codes']],
    [['up', '--help']],
  ])('%j is no fault', async (argv) => expect(await palmkey(...argv)).toMatchObject({ code: 0, err: '' }));

  it('documents every exit code', async () => {
    expect((await palmkey('help', 'exit-codes')).out.match(/^ {2}\d/gm)).toHaveLength(7);
  });
});

describe('with a daemon', () => {
  it('status --json is the facts', async () => {
    await answering(facts());
    expect(JSON.parse((await palmkey('status', '--json')).out)).toEqual(status);
  });

  it('--home is heard before and after the command', async () => {
    await answering(facts());
    for (const argv of [
      ['--home', home, 'status'],
      ['status', '--home', home],
    ]) {
      expect(await run(argv, testCli({ PALMKEY_HOME: '/nowhere' }))).toBe(0);
    }
  });

  it('up refuses to be the second', async () => {
    await answering(facts());
    expect(await palmkey('up')).toMatchObject({
      code: 1,
      err: expect.stringContaining('already runs on this folder (process 4711)') as string,
    });
  });

  it('keys print gives lines for authorized_keys', async () => {
    await answering(facts());
    expect(await palmkey('keys', 'print', 'wo')).toMatchObject({ code: 1 });
    expect(await palmkey('keys', 'print', 'Wo')).toMatchObject({ code: 0, out: `${workKey.line}\n` });
  });

  it('keys without a phone: not set up', async () => {
    await answering(facts({ phones: [] }));
    expect(await palmkey('keys')).toMatchObject({ code: 3 });
    expect(JSON.parse((await palmkey('keys', '--json')).out)).toEqual([]);
  });

  it('keys shows where each is offered, the preferred first, and where none is', async () => {
    const other = { ...workKey, comment: 'Home', fingerprint: 'SHA256:b' };
    const offers = {
      keys: [
        { fingerprint: other.fingerprint, to: ['*.corp', '!build.corp'] },
        { fingerprint: workKey.fingerprint, to: null },
      ],
      off: ['github.com'],
    };
    await answering(facts({ phones: [{ ...pixel, keys: [workKey, other] }] }, offers));
    const { out } = await palmkey('keys');
    expect(out).toMatch(/^Home .*offered to \*\.corp, not build\.corp\nWork .*offered everywhere\n/);
    expect(out).toContain('no key of a phone is offered to github.com');
    const [first, second] = JSON.parse((await palmkey('keys', '--json')).out) as { offeredTo: unknown }[];
    expect([first?.offeredTo, second?.offeredTo]).toEqual([null, ['*.corp', '!build.corp']]);
  });

  it.each([
    [
      ['offer', 'Work', '--to', '*.corp', '!x'],
      'offer',
      { to: ['*.corp', '!x'] },
      'Work is offered to *.corp, not x only.',
    ],
    [['offer', 'Wo', '--everywhere'], 'offer', { to: null }, 'Work is offered to every server.'],
    [['first', 'Work'], 'prefer', {}, 'Work comes first where several keys fit.'],
  ])('keys %j', async (argv, call, args, words) => {
    const heard = await answering(facts());
    expect(await palmkey('keys', ...argv)).toMatchObject({ code: 0, out: expect.stringContaining(words) as string });
    expect(heard).toContainEqual({ call, key: workKey.fingerprint, ...args });
    expect(JSON.parse((await palmkey('keys', ...argv, '--json')).out)).toMatchObject({ off: [] });
  });

  it('keys off switches hosts off and on, and lists them', async () => {
    const heard = await answering(facts({}, { off: ['*.corp'] }));
    expect((await palmkey('keys', 'off', '*.corp')).out).toContain("palmkey keys off '*.corp' --undo");
    expect((await palmkey('keys', 'off', '*.corp', '--undo')).out).toBe('Keys are offered to *.corp again.\n');
    expect((await palmkey('keys', 'off')).out).toContain('no key of a phone is offered to *.corp');
    expect(heard).toEqual([
      { call: 'offer-off', pattern: '*.corp', off: true },
      { call: 'offer-off', pattern: '*.corp', off: false },
      { call: 'offers' },
    ]);
  });

  it.each([
    [['offer', 'Work'], 2, 'it was not said where'],
    [['offer', 'Nothing', '--everywhere'], 1, 'no key is called Nothing'],
    [['offer', 'Work', '--to', 'a', '--everywhere'], 2, 'cannot be used with'],
    [['offer'], 2, 'missing required argument'],
    [['first'], 2, 'missing required argument'],
  ])('keys %j is refused', async (argv, code, words) => {
    await answering(facts());
    expect(await palmkey('keys', ...argv)).toMatchObject({ code, err: expect.stringContaining(words) as string });
  });

  it.each([
    ['bad-pattern', 'a b is no pattern of host names', 2],
    ['no-such-pattern', 'keys were not off for a b', 1],
  ])('keys off: %s', async (error, words, code) => {
    await answering({ 'offer-off': { error: { code: error, detail: { pattern: 'a b' } } } });
    expect(await palmkey('keys', 'off', 'a b')).toMatchObject({ code, err: expect.stringContaining(words) as string });
  });

  it('keys copy --dry-run shows line and command, and runs nothing', async () => {
    await answering(facts());
    const { code, out } = await palmkey('keys', 'copy', 'ada@prod', '--dry-run', '--port', '2222');
    expect(code).toBe(0);
    expect(out).toContain(`\n${workKey.line}\n`);
    expect(out).toMatch(/\nssh -o IdentityAgent=none .*-p 2222 -- ada@prod 'exec sh -c /);
  });

  it('keys copy asks which when there are two', async () => {
    const keys = [workKey, { ...workKey, comment: 'Home', fingerprint: 'SHA256:b' }];
    await answering(facts({ phones: [{ ...pixel, keys }] }));
    expect(await palmkey('keys', 'copy', 'ada@prod', '--dry-run')).toMatchObject({ code: 2 });
    expect(await palmkey('keys', 'copy', 'ada@prod', '--dry-run', '--key', 'Home')).toMatchObject({ code: 0 });
  });

  describe('keys replace', () => {
    const lost = { ...workKey, fingerprint: 'SHA256:lost', comment: 'Lost', held: false };
    const use = {
      key: 'SHA256:lost',
      kind: 'login',
      user: 'ada',
      host: 'prod',
      port: null,
      hostKey: null,
      at: 1,
      replaced: null,
    };
    const uses = (keys: object[] = [lost], all: object[] = [use]) => ({ 'key-uses': { result: { keys, uses: all } } });

    it('--dry-run shows what goes, what comes and where, and changes nothing', async () => {
      const heard = await answering({ ...facts(), ...uses() });
      const { code, out } = await palmkey('keys', 'replace', '--dry-run');
      expect(code).toBe(0);
      expect(out).toMatch(/^goes +Lost was on Pixel +SHA256:lost +last used .*\ncomes +Work on Pixel/);
      expect(out).toMatch(/\nServers\n {2}ada@prod +last used/);
      const { out: json } = await palmkey('keys', 'replace', '--dry-run', '--json');
      expect(JSON.parse(json)).toMatchObject({
        servers: [{ host: 'prod', replaced: null }],
        with: { comment: 'Work' },
      });
      expect(heard.filter((call) => 'call' in call && call.call === 'key-replaced')).toEqual([]);
    });

    it.each<[string, Parameters<typeof uses>, string[], number, string]>([
      ['nobody to ask', [], [], 2, 'nobody here to ask whether servers may be changed'],
      ['no key is missing', [[{ ...lost, held: true }]], [], 1, 'no key is missing'],
      ['another key is named', [], ['nobody'], 1, 'nobody is no key that was used here'],
      ['the new key is unknown', [], ['--with', 'nobody'], 1, 'no key is called nobody'],
      ['only a fingerprint is known', [[]], ['--yes'], 1, 'of SHA256:lost no more than the fingerprint is known'],
      ['no key could come', [[{ ...workKey, held: true }]], [workKey.fingerprint, '--yes'], 0, ''],
    ])('%s', async (_, known, argv, code, words) => {
      await answering({ ...facts(), ...uses(...known) });
      expect(await palmkey('keys', 'replace', ...argv)).toMatchObject({
        code,
        err: expect.stringContaining(words) as string,
      });
    });

    it('asks which key comes where there are several', async () => {
      const keys = [workKey, { ...workKey, comment: 'Home', fingerprint: 'SHA256:b' }];
      await answering({ ...facts({ phones: [{ ...pixel, keys }] }), ...uses() });
      expect(await palmkey('keys', 'replace', '--dry-run')).toMatchObject({
        code: 2,
        err: expect.stringContaining('more than one key could take its place') as string,
      });
      expect((await palmkey('keys', 'replace', '--dry-run', '--with', 'Home')).out).toContain('Home on Pixel');
    });

    it('with no key that could come: says so, and goes nowhere', async () => {
      await answering({ ...facts({ phones: [] }), ...uses() });
      expect((await palmkey('keys', 'replace', '--dry-run')).out).toContain('no paired phone has another key');
      expect(await palmkey('keys', 'replace', '--yes')).toMatchObject({ code: 3 });
    });

    it('with all of it done: says when, and goes nowhere', async () => {
      await answering({ ...facts(), ...uses([lost], [{ ...use, replaced: { at: 2, by: workKey.fingerprint } }]) });
      const { code, out } = await palmkey('keys', 'replace', '--yes');
      expect([code, out]).toEqual([0, expect.stringMatching(/ada@prod .*replaced /) as string]);
    });
  });

  it('unpair takes the only phone', async () => {
    const heard = await answering({ ...facts(), unpair: { result: { name: 'Pixel', told: false } } });
    const { code, out } = await palmkey('unpair');
    expect(code).toBe(0);
    expect(heard.at(-1)).toEqual({ call: 'unpair', phone: pixel.id });
    expect(out).toContain('could not be told');
  });
});

describe('pair', () => {
  const url = 'http://localhost:7722/pair#AAAA';
  const events = [
    { is: 'link', url, expiresAt: 0 },
    { is: 'phone-arrived' },
    { is: 'code-wanted', attempt: 1, phoneName: 'Pixel' },
  ];

  it.each([
    ['cancelled', null, 4],
    ['peer-aborted', 'cancelled', 4],
    ['timed-out', null, 5],
    ['link-expired', null, 5],
    ['commitment', null, 6],
    ['wrong-code', null, 6],
  ])('%s (%s): exit code %i', async (error, reason, code) => {
    await answering({ ...facts(), pair: { error: { code: error, detail: { reason } } } });
    expect(await palmkey('pair')).toMatchObject({ code });
  });

  it('reads the code from a pipe, past what is no code', async () => {
    const heard = await answering({ ...facts(), 'pair-code': { result: null } }, { pair: events });
    const stop = new AbortController();
    const cli = testCli({ PALMKEY_HOME: home }, { stopping: stop.signal });
    cli.input.write('hello\n123 456\n');
    const running = run(['pair'], cli);
    await expect.poll(() => heard.at(-1)).toEqual({ call: 'pair-code', code: '123456' });
    expect(cli.printed()).toContain(`\n${url}\n`);
    expect(cli.printed()).toContain('Type the six digits that Pixel shows:\nA code is six digits.\n');
    stop.abort();
    expect(await running).toBe(4);
    expect(cli.complained()).toContain('stopped before it was done');
  });

  it('says when there is nobody to type', async () => {
    await answering(facts(), { pair: events });
    const cli = testCli({ PALMKEY_HOME: home });
    cli.input.end();
    expect(await run(['pair'], cli)).toBe(1);
    expect(cli.complained()).toContain('there is nobody here to type the code');
  });
});
