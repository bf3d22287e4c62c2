/** Keys of each type through the agent, judged by OpenSSH's own programs. */
import { existsSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { AGENT_REQUEST, AgentFrames, encodeAgentFrame, SshWriter } from '@palmkey/core/ssh';
import { Claims } from '../claims/claims.ts';
import { type RealSshd, realSshd, withAgent } from '../testing/real-ssh.ts';
import { tempFolder } from '../testing/temp-folder.ts';
import { testUserKey } from '../testing/user-key.ts';
import { type Agent, startAgent } from './agent.ts';
import type { AgentEvent, FileAsk, SignOutcome } from './login-ask.ts';

const algorithms = ['ssh-ed25519', 'ecdsa-sha2-nistp256', 'rsa-sha2-512'] as const;
const keys = algorithms.map((algorithm) => testUserKey(algorithm));
const [, , rsa] = keys as [unknown, unknown, (typeof keys)[number]];
const folder = tempFolder();
const files: FileAsk[] = [];
let events: AgentEvent[] = [];
let agent: Agent;
let claims: Claims;
let sshd: RealSshd;

const sign = ({ key, data }: { readonly key: Uint8Array; readonly data: Uint8Array }): Promise<SignOutcome> => {
  const holder = keys.find(({ blob }) => Buffer.from(blob).equals(key));
  return Promise.resolve(
    holder === undefined ? { is: 'failed', code: 'none' } : { is: 'signed', signature: holder.sign(data) },
  );
};

beforeAll(async () => {
  claims = new Claims({ path: folder.at('claims') });
  agent = await startAgent({
    socketPath: folder.at('run/agent.sock'),
    keys: () => [...keys, { blob: new SshWriter().name('ssh-dss').done(), comment: 'of no use' }],
    sign,
    claims,
    signFile: (file) => {
      files.push(file);
      return sign(file);
    },
    onEvent: (event) => void events.push(event),
  });
  sshd = await realSshd(folder.at('sshd'));
});
afterAll(async () => {
  await agent.close();
  claims[Symbol.dispose]();
  await sshd[Symbol.asyncDispose]();
  folder[Symbol.dispose]();
});

test('ssh-add lists the keys that can sign', async () => {
  const { out } = await withAgent(agent.socketPath, 'ssh-add', ['-L']);
  expect(out.trim().split('\n')).toEqual(keys.map(({ line }) => line));
});

describe.each(algorithms)('%s', (algorithm) => {
  const key = keys[algorithms.indexOf(algorithm)]!;
  const publicFile = folder.at(`${algorithm}.pub`);
  writeFileSync(publicFile, `${key.line}\n`);

  test('logs in to sshd', async () => {
    sshd.authorize([key.line]);
    const to = ['-F', 'none', '-p', String(sshd.port), '-o', 'StrictHostKeyChecking=no', '-o', 'BatchMode=yes'];
    const files = ['-o', `UserKnownHostsFile=${folder.at('known_hosts')}`, '-o', 'IdentityFile=none'];
    const login = await withAgent(agent.socketPath, 'ssh', [...to, ...files, `${sshd.user}@127.0.0.1`, 'echo in']);
    expect(login).toMatchObject({ code: 0, out: 'in\n' });
  });

  test('signs a file that ssh-keygen verifies', async () => {
    const file = folder.at(`${algorithm}.txt`);
    writeFileSync(file, 'some text');
    const made = await withAgent(agent.socketPath, 'ssh-keygen', ['-Y', 'sign', '-n', 'file', '-f', publicFile, file]);
    expect(made).toMatchObject({ code: 0 });
    expect(files.at(-1)).toMatchObject({ key: key.blob, namespace: 'file', hash: 'sha512' });
    if (existsSync('/usr/bin/ss')) {
      expect(files.at(-1)?.claim).toMatchObject({ name: null, directory: process.cwd() });
      expect(files.at(-1)?.claim?.programs.at(-1)).toBe('ssh-keygen');
    }
    const check = ['-Y', 'check-novalidate', '-n', 'file', '-s', `${file}.sig`];
    expect(await withAgent('', 'ssh-keygen', check, 'some text')).toMatchObject({ code: 0 });
  });

  test('signs no commit whose text nobody has seen', async () => {
    const file = folder.at(`${algorithm}.commit`);
    writeFileSync(file, 'tree 0');
    events = [];
    const asked = files.length;
    const made = await withAgent(agent.socketPath, 'ssh-keygen', ['-Y', 'sign', '-n', 'git', '-f', publicFile, file]);
    expect(made.code).not.toBe(0);
    expect(events).toContainEqual(expect.objectContaining({ kind: 'refused', code: 'git-text-unseen' }));
    expect(files).toHaveLength(asked);
  });
});

test.each([
  [0, 'rsa-sha1'],
  [2, 'rsa-sha2-256'],
  [1, 'flags'],
  [5, 'flags'],
] as const)('an RSA request with the flags %i is refused as %s', async (flags, code) => {
  events = [];
  const request = new SshWriter().byte(AGENT_REQUEST.sign).string(rsa.blob).string(new Uint8Array(9)).uint32(flags);
  const socket = connect(agent.socketPath);
  const frames = new AgentFrames();
  const answer = new Promise<Uint8Array | undefined>((resolve) => {
    socket.on('data', (chunk) => {
      const [first] = frames.push(chunk);
      if (first !== undefined) resolve(first);
    });
  });
  socket.write(encodeAgentFrame(request.done()));
  expect(await answer).toEqual(Uint8Array.of(5));
  socket.destroy();
  expect(events.filter(({ kind }) => kind === 'refused')).toMatchObject([{ code }]);
});
