/** The person's own agent behind ours: a real ssh-agent, and such as are slow, broken or gone. */
import { writeFileSync } from 'node:fs';
import { createServer, type Server, type Socket } from 'node:net';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import fc from 'fast-check';
import { AgentFrames, encodeAgentFrame, encodeIdentities, SshWriter } from '@palmkey/core/ssh';
import { type Agent, type AgentOptions, startAgent } from '../ssh-agent/agent.ts';
import type { AgentEvent } from '../ssh-agent/login-ask.ts';
import { keyFile, type RealAgent, realAgent, realSshd, withAgent } from '../testing/real-ssh.ts';
import { tempFolder } from '../testing/temp-folder.ts';
import { testUserKey } from '../testing/user-key.ts';
import { encodeCameThrough, mayGoOn, parseCameThrough } from './came-through.ts';
import { parseIdentities } from './identities.ts';
import { Upstream } from './upstream.ts';

const user = testUserKey('ssh-ed25519', 'Pixel');
let folder: ReturnType<typeof tempFolder>;
let agents: AsyncDisposable[];
let events: AgentEvent[];

beforeEach(() => {
  folder = tempFolder();
  agents = [];
  events = [];
});
afterEach(async () => {
  for (const agent of agents.reverse()) await agent[Symbol.asyncDispose]();
  folder[Symbol.dispose]();
});

async function ours(upstream: string | null, options: Partial<AgentOptions> = {}): Promise<Agent> {
  const agent = await startAgent({
    socketPath: folder.at(`run${agents.length}/agent.sock`),
    keys: () => [user],
    sign: ({ data }) => Promise.resolve({ is: 'signed', signature: user.sign(data) }),
    upstream: () => upstream,
    onEvent: (event) => void events.push(event),
    ...options,
  });
  agents.push(agent);
  return agent;
}
async function theirs(): Promise<RealAgent> {
  const agent = await realAgent(folder.path);
  agents.push(agent);
  return agent;
}
const add = (agent: Agent, ...args: string[]) => withAgent(agent.socketPath, 'ssh-add', args);
const listed = async (agent: Agent) => (await add(agent, '-L')).out.trim().split('\n').filter(Boolean);
const refusals = () => events.flatMap((event) => (event.kind === 'refused' ? [event.code] : []));

describe('with a real ssh-agent', () => {
  test('its keys come after ours; keys are added, with limits, removed one by one and all at once', async () => {
    const upstream = await theirs();
    const agent = await ours(upstream.socket);
    const first = upstream.add('first');
    expect(await listed(agent)).toEqual([user.line, first]);
    const second = keyFile(folder.path, 'second');
    expect(await add(agent, '-t', '600', second.path)).toMatchObject({ code: 0 });
    expect(await listed(agent)).toEqual([user.line, first, second.line]);
    expect((await add(agent, '-l')).out).toContain('second (ED25519)');
    expect(await add(agent, '-d', second.path)).toMatchObject({ code: 0 });
    expect(await listed(agent)).toEqual([user.line, first]);
    expect(await add(agent, '-D')).toMatchObject({ code: 0 });
    expect(await listed(agent)).toEqual([user.line]);
    expect(refusals()).toEqual([]);
  });

  test('our keys are not removed by anybody: the failure is the upstream’s', async () => {
    const agent = await ours((await theirs()).socket);
    writeFileSync(folder.at('pixel.pub'), `${user.line}\n`);
    expect((await add(agent, '-d', folder.at('pixel.pub'))).code).not.toBe(0);
    expect(refusals()).toEqual(['upstream-refused']);
    expect(await listed(agent)).toEqual([user.line]);
  });

  test('its key logs in, and a key that is bound to another server does not', async () => {
    await using sshd = await realSshd(folder.at('sshd'));
    const upstream = await theirs();
    const agent = await ours(upstream.socket, { keys: () => [] });
    const line = upstream.add('mine');
    sshd.authorize([line]);
    const known = folder.at('known_hosts');
    const options = ['-F', 'none', '-p', String(sshd.port), '-o', `UserKnownHostsFile=${known}`, '-o', 'BatchMode=yes'];
    const rest = ['-o', 'StrictHostKeyChecking=no', '-o', 'IdentityFile=none', `${sshd.user}@127.0.0.1`, 'echo in'];
    const login = () => withAgent(agent.socketPath, 'ssh', [...options, ...rest]);
    expect(await login()).toMatchObject({ code: 0, out: 'in\n' });
    expect(events.map(({ kind }) => kind)).toEqual(['bound', 'listed', 'upstream-signed']);

    // ssh-agent itself keeps a key from all servers but those it was added for: it needs our binds for that.
    await add(agent, '-D');
    const elsewhere = folder.at('elsewhere');
    writeFileSync(elsewhere, `other.example ${keyFile(folder.path, 'other_host').line}\n`);
    await add(agent, '-h', 'other.example', '-H', elsewhere, folder.at('mine'));
    expect(await login()).toMatchObject({ code: 255 });
    await add(agent, '-D');
    await add(agent, '-h', `[127.0.0.1]:${sshd.port}`, '-H', known, folder.at('mine'));
    expect(await login()).toMatchObject({ code: 0, out: 'in\n' });
  });

  test('while ours is locked nothing of either is listed, signed or changed; the upstream’s own lock is let be', async () => {
    const upstream = await theirs();
    const line = upstream.add('mine');
    const agent = await ours(upstream.socket);
    await agent.lock.lock(Buffer.from('secret'));
    expect(await listed(agent)).toEqual(['The agent has no identities.']);
    expect((await add(agent, '-D')).code).not.toBe(0);
    expect((await withAgent(upstream.socket, 'ssh-add', ['-L'])).out.trim()).toBe(line);
    await agent.lock.unlock(Buffer.from('secret'));
    expect(await listed(agent)).toEqual([user.line, line]);
  });

  test('killed, it takes nothing with it', async () => {
    const upstream = await theirs();
    upstream.add('mine');
    const agent = await ours(upstream.socket);
    upstream.child.kill('SIGKILL');
    await new Promise((resolve) => upstream.child.once('close', resolve));
    expect(await listed(agent)).toEqual([user.line]);
  });
});

describe('without an upstream', () => {
  test.each([
    ['none is set', () => null],
    ['its socket is gone', () => '/nowhere/agent.sock'],
  ])('a key to add or to remove is a failure that the log explains: %s', async (_, path) => {
    const agent = await ours(path());
    expect((await add(agent, keyFile(folder.path, 'mine').path)).code).not.toBe(0);
    expect((await add(agent, '-D')).code).not.toBe(0);
    expect(new Set(refusals())).toEqual(new Set(['no-upstream']));
    expect(await listed(agent)).toEqual([user.line]);
  });
});

describe('an upstream that', () => {
  const sockets = new Set<Socket>();
  let server: Server | undefined;
  afterEach(async () => {
    for (const socket of sockets) socket.destroy();
    await new Promise((resolve) => (server === undefined ? resolve(null) : server.close(resolve)));
    server = undefined;
  });
  /** Answers each message with these bytes; null: not at all. */
  async function answering(answer: (message: Uint8Array) => Uint8Array | null): Promise<string> {
    const path = folder.at('theirs.sock');
    server = createServer((socket) => {
      sockets.add(socket);
      const frames = new AgentFrames();
      socket.on('error', () => undefined);
      socket.on('data', (chunk) => {
        for (const frame of frames.push(chunk)) {
          const bytes = answer(frame);
          if (bytes !== null) socket.write(bytes);
        }
      });
    });
    await new Promise<void>((resolve) => server?.listen(path, resolve));
    return path;
  }

  test('says nothing is waited for once, then left out for ten seconds', async () => {
    let asked = 0;
    const path = await answering(() => ((asked += 1), null));
    let now = 0;
    const upstream = new Upstream({ path: () => path, own: '/own', listWithinMs: 30, now: () => now });
    const list = async () => {
      const client = upstream.forClient();
      const keys = await client.list();
      client.close();
      return keys;
    };
    expect(await list()).toEqual([]);
    expect(asked).toBe(1);
    expect(await list()).toEqual([]);
    expect(asked).toBe(1);
    now = 10_000;
    expect(await list()).toEqual([]);
    expect(asked).toBe(2);
  });

  test.each<[string, (message: Uint8Array) => Uint8Array]>([
    ['answers with an empty frame', () => Buffer.alloc(4)],
    ['answers with a frame over 256 KiB', () => Buffer.from([0, 4, 0, 1])],
    ['answers twice', () => Buffer.concat([encodeAgentFrame(Uint8Array.of(5)), encodeAgentFrame(Uint8Array.of(5))])],
    ['lists more keys than it sends', () => encodeAgentFrame(Uint8Array.of(12, 0, 0, 0, 9))],
    ['answers a list with success', () => encodeAgentFrame(Uint8Array.of(6))],
  ])('%s is none', async (_, answer) => {
    const agent = await ours(await answering(answer));
    expect(await listed(agent)).toEqual([user.line]);
  });

  test('holds our key too has it listed once, as ours', async () => {
    const heard: number[] = [];
    const path = await answering((message) => {
      heard.push(message[0] ?? 0);
      return message[0] === 11
        ? encodeIdentities([{ blob: user.blob, comment: 'copy' }])
        : encodeAgentFrame(Uint8Array.of(5));
    });
    const agent = await ours(path);
    expect(await listed(agent)).toEqual([user.line]);
    expect(heard).toEqual([27, 11]);
  });

  test('is our own socket, by whatever name, is none', async () => {
    const agent = await ours(null);
    const again = await ours(folder.at('run1/agent.sock'));
    expect(again.socketPath).toBe(folder.at('run1/agent.sock'));
    expect(await listed(again)).toEqual([user.line]);
    expect(agent.connections()).toBe(0);
  });

  test('leads back to us through another agent of ours ends there', async () => {
    const second = folder.at('run1/agent.sock');
    const first = await ours(second);
    await ours(first.socketPath);
    expect(await listed(first)).toEqual([user.line]);
    expect(first.connections()).toBeLessThan(3);
    expect(refusals()).toEqual([]);
  });
});

describe('what the agents say to each other', () => {
  const ids = fc.array(fc.uint8Array({ minLength: 16, maxLength: 16 }), { maxLength: 8 });
  test('comes back as it was, and cut short it is nothing', () => {
    fc.assert(
      fc.property(ids, (agents) => {
        const message = encodeCameThrough(agents);
        expect(parseCameThrough(message)).toEqual(agents);
        for (let end = 0; end < message.length; end++) {
          const cut = message.subarray(0, end);
          const isWhole = end >= 25 && (end - 25) % 20 === 0;
          if (isWhole) expect(parseCameThrough(cut)).toEqual(agents.slice(0, (end - 25) / 20));
          else expect(() => parseCameThrough(cut)).toThrow();
        }
      }),
    );
  });
  test('seven agents may go on, eight may not, and none twice', () => {
    const agents = Array.from({ length: 8 }, (_, i) => new Uint8Array(16).fill(i));
    expect(mayGoOn(agents.slice(0, 7), new Uint8Array(16).fill(9))).toBe(true);
    expect(mayGoOn(agents, new Uint8Array(16).fill(9))).toBe(false);
    expect(mayGoOn(agents.slice(0, 2), new Uint8Array(16).fill(1))).toBe(false);
    expect(() => parseCameThrough(encodeCameThrough([...agents, agents[0]!]))).toThrow();
  });
});

describe('parseIdentities', () => {
  const message = (keys: readonly { blob: Uint8Array; comment: string }[]) => encodeIdentities(keys).subarray(4);
  const keys = fc.array(fc.record({ blob: fc.uint8Array({ minLength: 1 }), comment: fc.string({ unit: 'grapheme' }) }));
  test('reads what an agent writes; cut short or with more after it, it is refused', () => {
    fc.assert(
      fc.property(keys, (list) => {
        const bytes = message(list);
        expect(parseIdentities(bytes)).toEqual(list);
        expect(() => parseIdentities(Buffer.concat([bytes, Buffer.of(0)]))).toThrow();
        for (let end = 0; end < bytes.length; end++) expect(() => parseIdentities(bytes.subarray(0, end))).toThrow();
      }),
    );
  });
  test('a comment that is no UTF-8 is readable all the same', () => {
    const bytes = new SshWriter().byte(12).uint32(1).string(Uint8Array.of(1)).string(Uint8Array.of(0x61, 0xff)).done();
    expect(parseIdentities(bytes)).toEqual([{ blob: Uint8Array.of(1), comment: 'a\uFFFD' }]);
  });
  test.each([
    [2048, true],
    [2049, false],
  ])('%i keys', (count, good) => {
    const bytes = message(Array.from({ length: count }, () => ({ blob: Uint8Array.of(1), comment: '' })));
    if (good) expect(parseIdentities(bytes)).toHaveLength(count);
    else expect(() => parseIdentities(bytes)).toThrow();
  });
  test.each([
    [32 * 1024, true],
    [32 * 1024 + 1, false],
    [0, false],
  ])('a key of %i bytes', (length, good) => {
    const bytes = message([{ blob: new Uint8Array(length), comment: '' }]);
    if (good) expect(parseIdentities(bytes)).toHaveLength(1);
    else expect(() => parseIdentities(bytes)).toThrow();
  });
});
