/** The doctor, on a computer where all is well and on those where one thing is not. */
import { chmodSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { paths } from '@palmkey/host/control';
import type { Finding, FindingCode } from '@palmkey/host/doctor';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { TestPhone } from '../../packages/host/src/testing/test-phone.ts';
import type { Child } from '../lib/child.ts';
import { type FakeHome, fakeHome } from '../lib/fake-home.ts';
import { Stage } from '../lib/stage.ts';
import { freePort } from '../lib/temp.ts';

let home: FakeHome;
let port: number;
beforeEach(async () => {
  home = fakeHome();
  port = await freePort();
});
afterEach(() => home[Symbol.dispose]());

const at = () => paths(home.state);

async function startUp(...args: string[]): Promise<Child> {
  const up = home.start(['up', '--service', '--port', String(port), ...args]);
  await up.prints(/connected/);
  return up;
}

async function doctor(env: Record<string, string> = {}, ...args: string[]) {
  const child = home.start(['doctor', '--json', ...args], env);
  const exit = await child.ended(40_000);
  const { findings } = JSON.parse(child.stdout) as { findings: Finding[] };
  const bad = findings.filter(({ verdict }) => verdict !== 'ok').map(({ code }) => code);
  const of = (code: FindingCode) => findings.find((finding) => finding.code === code)?.detail;
  return { exit, bad, of, findings };
}

/** HOME is not the account's here, and there is no phone. */
const always: FindingCode[] = ['config-not-read', 'phone-none'];

describe('with nothing set up', () => {
  test('names each missing link, and what to do', async () => {
    const child = await home.run('doctor');
    expect(child.exitCode).toBe(1);
    expect(child.stdout).toMatch(
      /problem\s+ssh config\s+ssh is not set up to ask your phone\n\s+(npx )?palmkey setup does it/,
    );
    expect(child.stdout).toMatch(/problem\s+Palmkey\s+does not run\n\s+Start it with/);
    expect(child.stdout).toMatch(/ok\s+push\s+not known before a relay answers/);
    expect(child.stderr).toMatch(/palmkey: \d links to the phone are broken/);
  });

  test('changes nothing', async () => {
    const before = home.manifest();
    await doctor();
    expect(home.manifest()).toEqual(before);
  });
});

describe('on a computer that is set up', () => {
  let up: Child;
  beforeEach(async () => {
    up = await startUp();
    await home.run('setup');
  });
  afterEach(() => up[Symbol.asyncDispose]());

  test('finds every link but the phone', async () => {
    const { bad, of, findings } = await doctor();
    expect(bad).toEqual(always);
    expect(of('relay-fine')).toMatchObject({ url: `http://localhost:${port}`, admitted: 1 });
    expect(of('agent-fine')).toMatchObject({ keys: 0 });
    expect(Math.abs(Number(of('clock-fine')?.skewMs))).toBeLessThan(5_000);
    const links = findings.map(({ link }) => link);
    expect(new Set(links)).toEqual(
      new Set([
        'ssh',
        'config',
        'script',
        'agent',
        'daemon',
        'state',
        'relay',
        'clock',
        'account',
        'phone',
        'git',
        'push',
      ]),
    );
  });

  test.each<[string, () => void, FindingCode, object]>([
    ['our config was changed', () => writeFileSync(at().sshConfig, 'Host *\n'), 'config-changed', {}],
    ['our config is gone', () => rmSync(at().sshConfig), 'config-missing', {}],
    ['the Include is gone', () => writeFileSync(join(home.path, '.ssh/config'), ''), 'include-missing', {}],
    [
      'half of the block is gone',
      () => {
        const path = join(home.path, '.ssh/config');
        writeFileSync(path, readFileSync(path, 'utf8').replace(/# palmkey: end.*\n/, ''));
      },
      'include-broken',
      {},
    ],
    [
      'a block above overrides it for one host',
      () => prepend('Host prod *.work\n  IdentityAgent none\nMatch all\n'),
      'config-host-overrides',
      { line: 2, keyword: 'IdentityAgent', hosts: 'prod *.work' },
    ],
    [
      'a block above swallows the Include',
      () => prepend('Host prod\n  User me\n'),
      'include-inside-block',
      { hosts: 'prod' },
    ],
    ['a line above overrides it for all', () => prepend('IdentityAgent none\n'), 'config-overridden', { line: 1 }],
    ['a newer setup', () => replaceIn(at().sshConfig, '# Version 1.', '# Version 9.'), 'config-newer', {}],
    ['the script was changed', () => writeFileSync(at().knownHostsCommand, '#!/bin/sh\nevil\n'), 'script-changed', {}],
    ['the script is gone', () => rmSync(at().knownHostsCommand), 'script-missing', {}],
    ['the script cannot be run', () => chmodSync(at().knownHostsCommand, 0o600), 'script-not-executable', {}],
    ['others could open the agent', () => chmodSync(at().agentSocket, 0o666), 'agent-open-to-others', { mode: '0666' }],
    ['the agent’s socket is gone', () => rmSync(at().agentSocket), 'agent-silent', {}],
    ['others could open the folder', () => chmodSync(at().host, 0o755), 'state-open-to-others', { found: '0755' }],
    ['others could read the pairings', () => chmodSync(at().device, 0o644), 'state-open-to-others', { found: '0644' }],
    ['a damaged file', () => writeFileSync(at().pairings, '{', { mode: 0o600 }), 'state-broken', {}],
    ['a newer file', () => writeFileSync(at().pairings, '{"v":9}', { mode: 0o600 }), 'state-newer', { found: '9' }],
  ])('says that %s', async (_, spoil, code, detail) => {
    spoil();
    const { bad, of, exit } = await doctor();
    expect(bad).toContain(code);
    expect(of(code)).toMatchObject(detail);
    expect(bad.filter((found) => found !== code && !always.includes(found))).toEqual([]);
    expect(exit).toBe(1);
  });

  test('says that Palmkey does not run, and with it its relay and agent', async () => {
    await up[Symbol.asyncDispose]();
    const { bad } = await doctor();
    expect(bad).toEqual(['config-not-read', 'agent-silent', 'daemon-not-running', 'relay-unknown']);
  });

  test.each<[string, number, FindingCode[]]>([
    ['30 s off', 30_000, []],
    ['2 min ahead', 2 * 60_000, ['clock-off']],
    ['an hour behind', -3_600_000, ['clock-wrong']],
  ])('measures a clock that is %s', async (_, shiftMs, codes) => {
    const preload = fileURLToPath(new URL('../lib/shifted-clock.mjs', import.meta.url));
    const { bad, of } = await doctor({ NODE_OPTIONS: `--import ${preload}`, SHIFT_MS: String(shiftMs) });
    expect(bad.filter((code) => code.startsWith('clock'))).toEqual(codes);
    const [code = 'clock-fine'] = codes;
    expect(Math.abs(Number(of(code)?.skewMs) - shiftMs)).toBeLessThan(5_000);
  });

  test('names the folder that ssh still asks in after a move, and setup sets it right', async () => {
    await up[Symbol.asyncDispose]();
    const moved = join(home.path, 'moved');
    renameSync(home.state, moved);
    up = home.start(['up', '--service', '--port', String(port), '--home', moved]);
    await up.prints(/connected/);
    expect(up.output).toMatch(/ssh still asks in ~\/\.local\/state\/palmkey/);
    const { bad, of } = await doctor({}, '--home', moved);
    expect(bad.filter((code) => !always.includes(code))).toEqual(['config-other-home', 'include-other-home']);
    expect(of('include-other-home')).toMatchObject({ found: home.state });
    await home.run('setup', '--home', moved);
    expect((await doctor({}, '--home', moved)).bad).toEqual(always);
  });

  function prepend(text: string): void {
    const path = join(home.path, '.ssh/config');
    writeFileSync(path, text + readFileSync(path, 'utf8'));
  }
});

describe('the relay', () => {
  let relay: Child;
  const url = () => `http://localhost:${port}`;
  beforeEach(async () => {
    relay = home.start(['relay', '--no-app', '--port', String(port), '--home', join(home.path, 'relay-home')]);
    await relay.prints(/palmkey up --relay/);
  });
  afterEach(() => relay[Symbol.asyncDispose]());

  test('down is named with its address', async () => {
    await using _up = await startUp('--relay', url());
    await relay[Symbol.asyncDispose]();
    const { of } = await doctor();
    expect(of('relay-unreachable')).toEqual({ url: url(), cause: 'ECONNREFUSED' });
  });

  test('something else at its address is no relay', async () => {
    await using _up = await startUp('--relay', url());
    await relay[Symbol.asyncDispose]();
    await using _other = await serve(port, 404, 'nothing here');
    expect((await doctor()).of('relay-not-a-relay')).toEqual({ url: url(), status: 404 });
  });

  test('behind a proxy that lets no WebSocket through', async () => {
    await using _up = await startUp('--relay', url());
    await relay[Symbol.asyncDispose]();
    await using _other = await serve(port, 200, '{"ok":true,"version":"1"}');
    expect((await doctor()).of('relay-no-websocket')).toEqual({ url: url() });
  });

  test('a phone that is there and does not answer', async () => {
    await using up = home.start(['up', '--pair', '--relay', url()]);
    const [link] = await up.prints(/https?:\/\/\S+\/pair#[A-Za-z0-9_-]+/);
    using phone = new TestPhone('Pixel');
    const host = await phone.pair(link, (code) => up.write(`${code}\n`));
    await up.prints(/Paired with Pixel/);
    expect((await doctor()).of('phone-away')).toMatchObject({ name: 'Pixel' });
    await phone.connect(url(), host, Date.now);
    await phone.say(host, phone.here());
    await up.prints(/Pixel: here/);
    const { of } = await doctor();
    expect(of('phone-silent')).toMatchObject({ name: 'Pixel', software: 'test 1' });
    expect(of('agent-fine')).toMatchObject({ keys: 1 });
  });
});

describe('with the phone of the app', () => {
  let stage: Stage;
  beforeAll(async () => {
    stage = await Stage.open();
  });
  afterAll(() => stage[Symbol.asyncDispose]());

  test('measures how fast it answers, without a word to the person', async () => {
    const { of, bad } = await doctor({}, '--home', stage.home);
    expect(bad).toEqual(['config-missing']);
    expect(of('phone-fine')).toMatchObject({ name: 'Pixel' });
    expect(Number(of('phone-fine')?.tookMs)).toBeLessThan(5_000);
    await stage.page.getByText('Nothing is asking.').waitFor();
    expect(await stage.outcomes()).toEqual([]);
  });
});

function replaceIn(path: string, from: string, to: string): void {
  writeFileSync(path, readFileSync(path, 'utf8').replace(from, to));
}

async function serve(port: number, status: number, body: string): Promise<AsyncDisposable> {
  const server: Server = createServer((_, response) => response.writeHead(status).end(body));
  await new Promise<void>((resolve) => server.listen(port, 'localhost', resolve));
  return {
    [Symbol.asyncDispose]: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
