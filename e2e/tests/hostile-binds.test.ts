/**
 * Logins with right cryptography and one thing wrong, twice: sent to the agent by a hostile program, where no phone hears
 * of them, and sent to the phone by a hostile computer that skips every check, where the phone refuses by itself.
 */
import { paths } from '@palmkey/host/control';
import { parseAuthorizedKey } from '@palmkey/core/ssh';
import { ascii } from '@palmkey/envelope';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { reject } from '../lib/approve.ts';
import { encodeLogin, ForgedServer, honestLogin, sessionId } from '../lib/forged-login.ts';
import { hostileFiles, type HostileLogin, hostileLogins } from '../lib/hostile-logins.ts';
import { RawAgent } from '../lib/raw-agent.ts';
import { pairScriptedHost, type ScriptedHost } from '../lib/scripted-host.ts';
import { answer, nothingAsks } from '../lib/slip.ts';
import { Stage } from '../lib/stage.ts';

/** What the rows are called; a key is known only once a phone is paired. */
const rows = hostileLogins(new ForgedServer().hostKey).map(({ is }) => is);

let stage: Stage;
let key: Uint8Array;
let logins: ReadonlyMap<string, HostileLogin>;
/** How many signatures there were before the hostile ones. */
let signed: number;

beforeAll(async () => {
  stage = await Stage.open({ ownRelay: true });
  key = parseAuthorizedKey(stage.keyLine).blob;
  logins = new Map(hostileLogins(key).map((login) => [login.is, login]));
  signed = stage.browser.signed();
});
afterAll(() => stage[Symbol.asyncDispose]());

function login(is: string): HostileLogin {
  const found = logins.get(is);
  if (found === undefined) throw new Error(`no row ${is}`);
  return found;
}

function loginData(): Uint8Array {
  return honestLogin(new ForgedServer(), new ForgedServer().hostKey).data;
}

const refused = async () => (await stage.log()).filter(({ kind }) => kind === 'refused').map(({ code }) => code);

describe('a hostile program: the agent refuses a login', () => {
  const agent = () => RawAgent.connect(paths(stage.home).agentSocket);
  const codes: (string | null)[] = [];

  test.each(rows)('%s', async (is) => {
    const { binds, data, host, hostBind } = login(is);
    using client = await agent();
    for (const bind of binds) {
      const taken = await client.bind(bind);
      if (!taken) expect(hostBind, 'it takes every bind').toBeDefined();
    }
    expect(await client.sign({ key, data })).toBeNull();
    if (hostBind !== undefined) codes.push(hostBind);
    codes.push(host);
    // What went wrong once is not forgotten, whatever comes after it on the same connection.
    if (hostBind === undefined) return;
    const honest = honestLogin(new ForgedServer(), key);
    for (const bind of honest.binds) await client.bind(bind);
    expect(await client.sign({ key, data: honest.data })).toBeNull();
  });

  test.each([1, 2, 4, 6, 0xffff_ffff])('with the flags %i, which mean another algorithm', async (flags) => {
    using client = await agent();
    const { binds, data } = honestLogin(new ForgedServer(), key);
    for (const bind of binds) await client.bind(bind);
    expect(await client.sign({ key, data, flags })).toBeNull();
    codes.push('flags');
  });

  test('with a key that nobody listed', async () => {
    using client = await agent();
    const stranger = new ForgedServer();
    const { binds, data } = honestLogin(new ForgedServer(), stranger.hostKey);
    for (const bind of binds) await client.bind(bind);
    expect(await client.sign({ key: stranger.hostKey, data })).toBeNull();
    codes.push('unknown-key');
  });

  test('the log says why of each, and the phone heard of none', async () => {
    const times = (all: readonly unknown[], code: unknown) => all.filter((each) => each === code).length;
    // It is written after the agent has answered.
    const missing = async () => {
      const logged = await refused();
      return [...new Set(codes)].filter((code) => times(logged, code) < times(codes, code));
    };
    await expect.poll(missing, { timeout: 10_000 }).toEqual([]);
    expect(await stage.outcomes()).toEqual([]);
    await nothingAsks(stage.page);
    expect(stage.browser.signed()).toBe(signed);
  });

  test('while the same login without the one thing is asked and signed', async () => {
    using client = await agent();
    const server = new ForgedServer();
    const { binds, data } = honestLogin(server, key);
    for (const bind of binds) expect(await client.bind(bind)).toBe(true);
    expect(await client.bind(binds[0]!)).toBe(true);
    const asking = client.sign({ key, data });
    const slip = await answer(stage.page);
    expect(slip.title).toBe('Log in to a server without a name as deploy');
    expect(slip.solid).toContain(server.fingerprint);
    expect(await asking).not.toBeNull();
    signed += 1;
  });

  test('without any bind it is asked for as a login to no server that could be shown', async () => {
    using client = await agent();
    const data = encodeLogin({ sessionId: sessionId(), key, hostKey: null });
    const asking = client.sign({ key, data });
    const slip = await answer(stage.page, 'reject');
    expect(slip.fact('Host key')).toBe('No server shown');
    expect(slip.unusual).toBe(true);
    expect(await asking).toBeNull();
  });
});

describe('a hostile computer: the phone refuses a login', () => {
  let host: ScriptedHost;
  beforeAll(async () => {
    host = await pairScriptedHost(stage.origin, stage.page, 'crow');
  });
  afterAll(() => host[Symbol.dispose]());

  test.each(rows)('%s', async (is) => {
    const { binds, data, phone } = login(is);
    expect(await host.ask({ key, data, binds })).toEqual({ is: 'refuse', code: phone, skew: null });
  });

  test('with a field that no request has', async () => {
    const honest = honestLogin(new ForgedServer(), key);
    expect(await host.ask({ key, ...honest, approve: true })).toMatchObject({ is: 'refuse', code: 'unparsable' });
  });

  test('with an id that came before with other content', async () => {
    const id = new Uint8Array(16).fill(7);
    const hostile = login('for another service');
    expect(await host.ask({ key, binds: [], data: hostile.data, id })).toMatchObject({ code: 'unparsable' });
    expect(await host.ask({ key, ...honestLogin(new ForgedServer(), key), id })).toMatchObject({ code: 'id-reuse' });
  });

  test('that has expired, or would live for longer than any may', async () => {
    const honest = honestLogin(new ForgedServer(), key);
    const now = Date.now();
    const ask = (issued: number, expires: number) => host.ask({ key, ...honest, issued, expires });
    expect(await ask(now - 60_000, now - 1)).toMatchObject({ is: 'refuse', code: 'expired' });
    expect(await ask(now, now + 11 * 60_000)).toMatchObject({ is: 'refuse', code: 'unparsable' });
    expect(await ask(now, now - 1)).toMatchObject({ is: 'refuse', code: 'unparsable' });
  });

  test.each(hostileFiles())('or a signature of a file $is', async ({ data }) => {
    const file = { kind: 'file-sign', key, data, origin: { sure: 'none' } };
    expect(await host.askFor(file)).toEqual({ is: 'refuse', code: 'unparsable', skew: null });
  });

  test.each([
    ['of a login as a commit', { kind: 'git-sign', object: { is: 'whole', bytes: loginData() }, repository: null }],
    [
      'of a commit without its tree',
      { kind: 'git-sign', object: { is: 'whole', bytes: ascii('author x\n\n') }, repository: null },
    ],
    ['of a kind that is none', { kind: 'root-shell', data: loginData() }],
  ])('or a signature %s', async (_is, fields) => {
    expect(await host.askFor({ key, origin: { sure: 'none' }, ...fields })).toMatchObject({ code: 'unparsable' });
  });

  test('and nothing of it was shown or signed', async () => {
    await nothingAsks(stage.page);
    expect(stage.browser.signed()).toBe(signed);
  });

  test('and a key that is on no phone can be rejected here, and not approved', async () => {
    const stranger = new ForgedServer().hostKey;
    const asking = host.ask({ key: stranger, ...honestLogin(new ForgedServer(), stranger) });
    await stage.page.getByText(/^Approve it on the phone that has the key/).waitFor();
    expect(await stage.page.getByRole('button', { name: /approve/i }).count()).toBe(0);
    await reject(stage.page);
    expect(await asking).toEqual({ is: 'reject' });
    expect(stage.browser.signed()).toBe(signed);
  });

  test('while it may ask honestly, and is answered', async () => {
    const server = new ForgedServer();
    const asking = host.ask({ key, ...honestLogin(server, key) });
    const slip = await answer(stage.page);
    expect(slip.text).toContain('crow');
    expect(slip.solid).toContain(server.fingerprint);
    expect(await asking).toMatchObject({ is: 'approve' });
    signed += 1;
    expect(stage.browser.signed()).toBe(signed);
  });

  test('the history keeps why each was refused', async () => {
    await stage.page.goto(`${stage.origin}/history`);
    await expect.poll(() => stage.page.getByText(/^Refused/).count()).toBeGreaterThanOrEqual(rows.length);
    await stage.page.goto(stage.origin);
  });
});
