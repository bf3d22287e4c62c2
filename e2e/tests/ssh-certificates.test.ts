/** Host certificates: servers that an authority vouches for. What is pinned is the key itself. */
import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { paths } from '@palmkey/host/control';
import { parseAuthorizedKey } from '@palmkey/core/ssh';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Child } from '../lib/child.ts';
import { encodeLogin, ForgedServer, sessionId } from '../lib/forged-login.ts';
import { RawAgent } from '../lib/raw-agent.ts';
import { Servers } from '../lib/servers.ts';
import { answer, nothingAsks, readSlip } from '../lib/slip.ts';
import { Stage } from '../lib/stage.ts';

let stage: Stage;
let servers: Servers;
/** Private key file of the authority. */
let authority: string;

beforeAll(async () => {
  stage = await Stage.open();
  authority = join(stage.folder, 'authority');
  execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-C', 'authority', '-f', authority]);
  servers = await Servers.start(join(stage.folder, 'servers'), {
    home: stage.home,
    keyLines: [stage.keyLine],
    servers: {
      certified: { certified: { by: authority, name: 'certified.example.org' } },
      other: { certified: { by: authority, name: 'elsewhere.example.org' } },
    },
  });
  writeFileSync(
    join(servers.folder, 'known_hosts'),
    `@cert-authority *.example.org ${readFileSync(`${authority}.pub`, 'utf8')}`,
  );
});
afterAll(async () => {
  await servers[Symbol.asyncDispose]();
  await stage[Symbol.asyncDispose]();
});

const strictly = (...args: string[]): Child =>
  servers.start(['-o', 'StrictHostKeyChecking=yes', ...args, 'echo', 'in']);
const caFingerprint = () =>
  execFileSync('ssh-keygen', ['-lf', `${authority}.pub`], { encoding: 'utf8' }).split(' ')[1] ?? '';

test('a login to a server that only its authority vouches for is asked with the server’s own key', async () => {
  const ssh = strictly('certified');
  const slip = await readSlip(stage.page);
  expect(slip.title).toMatch(/^Log in to certified\.example\.org as /);
  expect(slip.fact('Host key')).toMatch(/^New /);
  expect(slip.fact('Host key').replaceAll(' ', '')).toContain(servers.get('certified').fingerprint);
  expect(slip.fact('Certificate')).toMatch(/^Signed by a CA .*Called e2e, for certified\.example\.org$/);
  expect(slip.fact('Certificate').replaceAll(' ', '')).toContain(caFingerprint());
  await answer(stage.page);
  expect(await ssh.ended(), ssh.output).toBe(0);
  expect(ssh.stdout).toBe('in\n');
});

test('the second login finds the key pinned and takes a tap', async () => {
  const ssh = strictly('certified');
  const slip = await answer(stage.page);
  expect(slip.fact('Host key')).toMatch(/^Pinned /);
  expect(slip.unusual).toBe(false);
  expect(await ssh.ended()).toBe(0);
});

test('the same key without its certificate is the same pin', async () => {
  const ssh = servers.start(['-o', 'HostKeyAlgorithms=ssh-ed25519', 'certified', 'echo', 'in']);
  const slip = await answer(stage.page);
  expect(slip.fact('Host key')).toMatch(/^Pinned /);
  expect(slip.fact('Certificate')).toBe('');
  expect(await ssh.ended()).toBe(0);
});

test('a forwarded login names a certified server on its way by the name that its key is pinned with', async () => {
  const ssh = servers.start(['-A', 'certified', servers.onward('other', 'echo in')]);
  await answer(stage.page);
  const slip = await answer(stage.page, 'reject');
  expect(slip.fact('Via').replaceAll(' ', '')).toContain('→certified.example.org→');
  // Nobody here knows what the last server is called, so nobody can say that the certificate is for it.
  expect(slip.fact('Certificate')).toMatch(/^Made for another name .*for elsewhere\.example\.org$/);
  expect(await ssh.ended()).not.toBe(0);
});

describe('a certificate that does not hold is shown for what it is, and wants a hold:', () => {
  const real = new ForgedServer();

  test.each([
    ['signed by somebody else', { signer: new ForgedServer() }, /^The CA’s signature does not verify /],
    ['out of its time', { until: 1_000_000_000n }, /^Not valid today /],
  ] as const)('%s', async (_what, change, words) => {
    const server = new ForgedServer();
    const hostKey = server.certificate(real, change);
    const key = parseAuthorizedKey(stage.keyLine).blob;
    const id = sessionId();
    using agent = await RawAgent.connect(paths(stage.home).agentSocket);
    expect(await agent.bind({ ...server.bind(id), hostKey })).toBe(true);
    const asking = agent.sign({ key, data: encodeLogin({ sessionId: id, key, hostKey }) });
    const slip = await answer(stage.page, 'reject');
    expect(slip.fact('Certificate')).toMatch(words);
    expect(slip.fact('Certificate').replaceAll(' ', '')).toContain(real.fingerprint);
    expect(slip.unusual).toBe(true);
    expect(slip.text).toMatch(/its certificate does not hold/);
    expect(await asking).toBeNull();
  });

  test('one for a user is no host’s: nobody is asked', async () => {
    const server = new ForgedServer();
    const hostKey = server.certificate(real, { kind: 1 });
    const key = parseAuthorizedKey(stage.keyLine).blob;
    const id = sessionId();
    using agent = await RawAgent.connect(paths(stage.home).agentSocket);
    expect(await agent.bind({ ...server.bind(id), hostKey })).toBe(false);
    expect(await agent.sign({ key, data: encodeLogin({ sessionId: id, key, hostKey }) })).toBeNull();
    await nothingAsks(stage.page);
  });
});
