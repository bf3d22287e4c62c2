/** A forwarded agent: the phone shows the whole way of a login, and whoever sits on the way gets nothing by it. */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { paths } from '@palmkey/host/control';
import { parseAuthorizedKey } from '@palmkey/core/ssh';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { startSpoilingProxy } from '../lib/agent-proxy.ts';
import { type Child, runProgram } from '../lib/child.ts';
import { encodeLogin, ForgedServer, honestLogin, sessionId } from '../lib/forged-login.ts';
import { RawAgent } from '../lib/raw-agent.ts';
import { Servers } from '../lib/servers.ts';
import { answer, nothingAsks } from '../lib/slip.ts';
import { Stage } from '../lib/stage.ts';

const screens = fileURLToPath(new URL('../artifacts/screens', import.meta.url));

let stage: Stage;
let servers: Servers;
/** A key in a file, which the servers take too: the way goes on where the agent refuses. */
let localKey: string;
let key: Uint8Array;
let before: { logins: number; signed: number };

beforeAll(async () => {
  stage = await Stage.open();
  localKey = join(stage.folder, 'local_key');
  execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', localKey]);
  servers = await Servers.start(join(stage.folder, 'servers'), {
    home: stage.home,
    keyLines: [stage.keyLine, readFileSync(`${localKey}.pub`, 'utf8').trim()],
    servers: { alpha: {}, beta: {}, gamma: {} },
  });
  key = parseAuthorizedKey(stage.keyLine).blob;
  mkdirSync(screens, { recursive: true });
});
afterAll(async () => {
  await servers[Symbol.asyncDispose]();
  await stage[Symbol.asyncDispose]();
});
beforeEach(async () => {
  before = { logins: (await stage.outcomes()).length, signed: stage.browser.signed() };
});

const asked = async () => (await stage.outcomes()).slice(before.logins);
const signed = () => stage.browser.signed() - before.signed;
/** The codes of what the agent refused, oldest first. */
const refused = async () => (await stage.log()).filter(({ kind }) => kind === 'refused').map(({ code }) => code);
/** The last refusals in the log, which is written after the agent has answered. */
const expectRefused = (...last: readonly string[]) =>
  expect.poll(async () => (await refused()).slice(-last.length), { timeout: 10_000 }).toEqual(last);
const agentSocket = () => paths(stage.home).agentSocket;

/** An `ssh -A` to alpha that stays, and the socket of the agent there. */
async function forwardedToAlpha(): Promise<{ ssh: Child; socket: string }> {
  const ssh = servers.start(['-A', 'alpha', 'echo "agent at $SSH_AUTH_SOCK" && sleep 60']);
  await answer(stage.page);
  const [, socket = ''] = await ssh.prints(/agent at (\S+)/);
  return { ssh, socket };
}

test('A → B → C: the screen shows the way from the computer through every server, and wants a hold', async () => {
  const [beta, gamma] = ['beta', 'gamma'].map((name) => servers.get(name).fingerprint);
  const inner = servers.onward('gamma', 'echo in');
  const ssh = servers.start(['-A', 'alpha', servers.onward('-A', 'beta', inner)]);

  const first = await answer(stage.page);
  expect(first.title).toMatch(/^Log in to alpha\.example\.org as /);
  expect(first.fact('Via')).toBe('—');

  const second = await answer(stage.page);
  expect(second.title).toMatch(/^Log in to a server without a name as /);
  expect(second.fact('Via').replaceAll(' ', '')).toMatch(/^\S+→alpha\.example\.org→thelastserver$/);
  expect(second.fact('Host key').replaceAll(' ', '')).toContain(beta);
  expect(second.unusual).toBe(true);
  expect(second.text).toMatch(/through another computer/i);

  await stage.page.getByRole('button', { name: /hold to approve once/i }).waitFor();
  await stage.page.screenshot({ path: join(screens, 'ssh-forwarded-twice.png'), fullPage: true });
  const third = await answer(stage.page);
  expect(third.fact('Via').replaceAll(' ', '')).toMatch(
    new RegExp(`^\\S+→alpha\\.example\\.org→(server)?${plain(beta)}→thelastserver$`),
  );
  expect(third.fact('Host key').replaceAll(' ', '')).toContain(gamma);
  expect(third.unusual).toBe(true);
  expect(third.text).toMatch(/through another computer/i);

  expect(await ssh.ended(), ssh.output).toBe(0);
  expect(ssh.stdout).toBe('in\n');
  expect(await asked()).toEqual(['approved', 'approved', 'approved']);
});

test('a second login over the same way is shown in full again, and a reject ends it alone', async () => {
  const ssh = servers.start(['-A', 'alpha', `${servers.onward('beta', 'echo in')}; echo still here`]);
  await answer(stage.page);
  const far = await answer(stage.page, 'reject');
  expect(far.unusual).toBe(true);
  expect(await ssh.ended()).toBe(0);
  expect(ssh.stdout).toBe('still here\n');
  expect(await asked()).toEqual(['approved', 'rejected']);
});

describe('something on the first server', () => {
  let ssh: Child;
  let socket: string;
  let start: typeof before;
  beforeAll(async () => {
    ({ ssh, socket } = await forwardedToAlpha());
    start = { logins: (await stage.outcomes()).length, signed: stage.browser.signed() };
  });
  afterAll(() => ssh[Symbol.asyncDispose]());

  test('that only lists sees the keys, and the phone hears nothing of it', async () => {
    const { stdout } = await runProgram('ssh-add', ['-L'], { env: { SSH_AUTH_SOCK: socket } });
    expect(stdout.split(' ').slice(0, 2)).toEqual(stage.keyLine.split(' ').slice(0, 2));
    await nothingAsks(stage.page);
    expect(await asked()).toEqual([]);
  });

  test('that asks for a signature without a bind of its own is refused', async () => {
    using agent = await RawAgent.connect(socket);
    const { data } = honestLogin(new ForgedServer(), key);
    expect(await agent.sign({ key, data })).toBeNull();
    await expectRefused('forwarding-order');
  });

  test('that asks for a signature of a file is refused', async () => {
    const file = join(stage.folder, 'file');
    writeFileSync(file, 'text\n');
    writeFileSync(`${file}.key.pub`, `${stage.keyLine}\n`);
    const sign = ['-Y', 'sign', '-n', 'file', '-f', `${file}.key.pub`, file];
    const keygen = await runProgram('ssh-keygen', sign, { env: { SSH_AUTH_SOCK: socket } });
    expect(keygen.exitCode).not.toBe(0);
    expect(existsSync(`${file}.sig`)).toBe(false);
  });

  test('that claims to be a login on the computer itself stays a login from there', async () => {
    const [near, far] = [new ForgedServer(), new ForgedServer()];
    using agent = await RawAgent.connect(socket);
    const [first, second] = [honestLogin(near, key), honestLogin(far, key)];
    expect(await agent.bind(first.binds[0]!)).toBe(true);
    const asking = agent.sign({ key, data: first.data });
    const slip = await answer(stage.page);
    expect(slip.fact('Via').replaceAll(' ', '')).toContain('→alpha.example.org→');
    expect(slip.unusual).toBe(true);
    expect(await asking).not.toBeNull();
    // A final bind again, as if it were the first of a new connection: refused, and remembered.
    expect(await agent.bind(second.binds[0]!)).toBe(false);
    expect(await agent.sign({ key, data: second.data })).toBeNull();
    expect(await agent.sign({ key, data: first.data })).toBeNull();
    await expectRefused('bad-bind', 'poisoned', 'poisoned');
  });

  test('got the one signature that was approved, and nobody was asked for another', async () => {
    await nothingAsks(stage.page);
    expect(stage.browser.signed() - start.signed).toBe(1);
    expect((await stage.outcomes()).slice(start.logins)).toEqual(['approved']);
  });
});

test('a bind that says “not forwarded” for a session that was bound as forwarded changes nothing', async () => {
  const [near, far] = [new ForgedServer(), new ForgedServer()];
  const [nearId, farId] = [sessionId(), sessionId()];
  using agent = await RawAgent.connect(agentSocket());
  expect(await agent.bind(near.bind(nearId, true))).toBe(true);
  expect(await agent.bind(near.bind(nearId, false))).toBe(true);
  const data = encodeLogin({ sessionId: nearId, key, hostKey: near.hostKey });
  expect(await agent.sign({ key, data })).toBeNull();
  await expectRefused('forwarding-order');
  expect(await agent.bind(far.bind(farId, false))).toBe(true);
  const asking = agent.sign({ key, data: encodeLogin({ sessionId: farId, key, hostKey: far.hostKey }) });
  const slip = await answer(stage.page, 'reject');
  expect(slip.fact('Via').replaceAll(' ', '')).toContain(near.fingerprint);
  expect(slip.text).toMatch(/through another computer/i);
  expect(await asking).toBeNull();
});

test('a bind that fails on the way is remembered: all beyond it is refused, and nobody is asked', async () => {
  const { ssh, socket } = await forwardedToAlpha();
  const spoiled = join(stage.folder, 'spoiled.sock');
  await using proxy = await startSpoilingProxy(spoiled, socket);
  before.logins += 1;
  const start = (await refused()).length;
  // On alpha: the proofs of beta and of all beyond pass through other hands. The way goes on with the local key.
  const onAlpha = ['-o', `IdentityAgent=${spoiled}`, '-o', `IdentityFile=${localKey}`];
  const inner = servers.onward('-o', `IdentityFile=${localKey}`, 'gamma', 'echo in');
  const far = servers.start([
    '-o',
    'IdentityAgent=none',
    '-o',
    `IdentityFile=${localKey}`,
    'alpha',
    servers.onward('-A', ...onAlpha, 'beta', `${inner}; ssh-add -L`),
  ]);
  expect(await far.ended(), far.output).toBe(0);
  // Both logins went through by the file; listing is nothing that a bind protects.
  expect(far.stdout).toMatch(/^in\nssh-ed25519 /);
  expect(proxy.spoiled()).toBeGreaterThanOrEqual(3);
  const times = async (which: string) => (await refused()).slice(start).filter((code) => code === which).length;
  await expect.poll(() => times('poisoned'), { timeout: 10_000 }).toBe(2);
  expect(await times('bad-bind')).toBeGreaterThanOrEqual(2);
  await nothingAsks(stage.page);
  expect(await asked()).toEqual([]);
  expect(signed()).toBe(1);
  await ssh[Symbol.asyncDispose]();
});

function plain(fingerprint = ''): string {
  return fingerprint.replaceAll(/[+/]/g, '\\$&');
}
