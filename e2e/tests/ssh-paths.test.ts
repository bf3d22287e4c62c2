/** Ways that OpenSSH's client takes to a server: hops, proxies, shared connections, names. Each login is the phone's to decide, by its own name. */
import { join } from 'node:path';
import { paths } from '@palmkey/host/control';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { Child } from '../lib/child.ts';
import { Servers } from '../lib/servers.ts';
import { answer, approveAll, nothingAsks } from '../lib/slip.ts';
import { Stage } from '../lib/stage.ts';

let stage: Stage;
let servers: Servers;
let agentSocket: string;
let ours: string[];
/** How many logins were asked when a test began. */
let before: number;

beforeAll(async () => {
  stage = await Stage.open();
  servers = await Servers.start(join(stage.folder, 'servers'), {
    home: stage.home,
    keyLines: [stage.keyLine],
    servers: { alpha: {}, beta: {}, gamma: {}, delta: {}, six: { address: '::1' } },
  });
  agentSocket = paths(stage.home).agentSocket;
  ours = [`IdentityAgent "${agentSocket}"`, `KnownHostsCommand "${paths(stage.home).knownHostsCommand}" %I %H %t %K`];
});
afterAll(async () => {
  await servers[Symbol.asyncDispose]();
  await stage[Symbol.asyncDispose]();
});
beforeEach(async () => {
  before = (await stage.outcomes()).length;
});

const asked = async () => (await stage.outcomes()).slice(before);
const title = (name: string) => `Log in to ${name} as ${servers.get('alpha').user}`;

async function gotIn(ssh: Child): Promise<void> {
  expect(await ssh.ended(), ssh.output).toBe(0);
  expect(ssh.stdout).toBe('in\n');
}

describe('-J', () => {
  test.each([
    ['one host', ['alpha', 'delta']],
    ['three hosts', ['alpha', 'beta', 'gamma', 'delta']],
  ])('through %s: every hop is a login of its own, under its own name, and none is forwarded', async (_count, way) => {
    const ssh = servers.start(['-J', way.slice(0, -1).join(','), 'delta', 'echo', 'in']);
    for (const name of way) {
      const slip = await answer(stage.page);
      expect(slip.title).toBe(title(`${name}.example.org`));
      expect(slip.fact('Via')).toBe('—');
    }
    await gotIn(ssh);
    expect(await asked()).toEqual(way.map(() => 'approved'));
  });

  test('through two hosts: a hop that is rejected ends the way there, and asks for nothing beyond it', async () => {
    const ssh = servers.start(['-J', 'alpha,beta', 'delta', 'echo', 'in']);
    await answer(stage.page);
    expect((await answer(stage.page, 'reject')).title).toBe(title('beta.example.org'));
    expect(await ssh.ended()).toBe(255);
    await nothingAsks(stage.page);
    expect(await asked()).toEqual(['approved', 'rejected']);
  });
});

test('ProxyCommand: `ssh -W` and what it carries are two logins', async () => {
  const ssh = servers.start(['-o', `ProxyCommand=ssh -F ${servers.config} -W [%h]:%p alpha`, 'beta', 'echo', 'in']);
  expect(await approveAll(stage.page, 2)).toEqual([title('alpha.example.org'), title('beta.example.org')]);
  await gotIn(ssh);
});

test('ControlMaster: who shares a connection asks nobody, also after the host has started again', async () => {
  const shared = ['-o', `ControlPath=${join(stage.folder, 'mux')}`];
  const master = servers.start([...shared, '-M', '-N', 'alpha']);
  await answer(stage.page);
  await nothingAsks(stage.page);
  const share = () => servers.start([...shared, '-o', 'ControlMaster=no', 'alpha', 'echo', 'in']);
  await expect.poll(() => servers.start([...shared, '-O', 'check', 'alpha']).ended()).toBe(0);
  await gotIn(share());
  const both = [share(), share()];
  for (const ssh of both) await gotIn(ssh);
  await stage.restartHost();
  await gotIn(share());
  expect(await asked()).toEqual(['approved']);
  expect(await servers.start([...shared, '-O', 'exit', 'alpha']).ended()).toBe(0);
  await master.ended();
});

describe('IdentityAgent', () => {
  const asks = ['-o', 'HostKeyAlias=alpha.example.org', 'alpha', 'echo', 'in'];

  test('SSH_AUTH_SOCK in the environment leads to Palmkey', async () => {
    servers.write(ours.slice(1));
    const ssh = servers.start(asks, { env: { SSH_AUTH_SOCK: agentSocket } });
    expect((await answer(stage.page)).title).toBe(title('alpha.example.org'));
    await gotIn(ssh);
  });

  test('a variable named in the configuration leads to Palmkey', async () => {
    servers.write(['IdentityAgent $THEIR_AGENT', ...ours.slice(1)]);
    const ssh = servers.start(asks, { env: { THEIR_AGENT: agentSocket, SSH_AUTH_SOCK: '/nowhere' } });
    await answer(stage.page);
    await gotIn(ssh);
  });

  test('`none` asks nobody, although SSH_AUTH_SOCK names Palmkey', async () => {
    servers.write(['IdentityAgent none', ...ours.slice(1)]);
    expect(await servers.start(asks, { env: { SSH_AUTH_SOCK: agentSocket } }).ended()).toBe(255);
    expect(await asked()).toEqual([]);
  });
});

describe('the name on the screen is the one that ssh looks up', () => {
  beforeAll(() => servers.write(ours));
  const beta = () => servers.get('beta');
  const login = (...args: string[]) => servers.start([...args, 'echo', 'in']);
  const where = (name: string, sshd = beta()) => ['-p', String(sshd.port), '-l', sshd.user, name];

  test('an address with its port, and the warning that its key is known under another name', async () => {
    const ssh = login(...where('127.0.0.1'));
    const slip = await answer(stage.page);
    expect(slip.title).toBe(title(`127.0.0.1:${beta().port}`));
    expect(slip.fact('Host key')).toContain('You know this key as beta.example.org');
    expect(slip.unusual).toBe(true);
    await gotIn(ssh);
  });

  test('an IPv6 address in brackets', async () => {
    const six = servers.get('six');
    const ssh = login(...where('::1', six));
    expect((await answer(stage.page)).title).toBe(title(`[::1]:${six.port}`));
    await gotIn(ssh);
  });

  test('HostKeyAlias, also where known_hosts is hashed', async () => {
    const ssh = login('-o', 'HostKeyAlias=build.example.org', '-o', 'HashKnownHosts=yes', ...where('127.0.0.1'));
    expect((await answer(stage.page)).title).toBe(title('build.example.org'));
    await gotIn(ssh);
  });

  test('what a Match block makes of a nickname', async () => {
    servers.write(ours, [
      'Match originalhost nick exec "true"',
      '  HostName 127.0.0.1',
      `  Port ${beta().port}`,
      `  User ${beta().user}`,
      'Match final host 127.0.0.1',
      '  HostKeyAlias matched.example.org',
    ]);
    const ssh = login('nick');
    expect((await answer(stage.page)).title).toBe(title('matched.example.org'));
    await gotIn(ssh);
  });
});
