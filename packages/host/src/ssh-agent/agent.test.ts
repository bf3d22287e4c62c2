/** Every request that a client can make of the agent, and everything that must ask nobody: one client and one set of messages serve all, hence the length. */
import { spawnSync } from 'node:child_process';
import { generateKeyPairSync, randomBytes, sign as signWith } from 'node:crypto';
import { once } from 'node:events';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import type { Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import {
  AGENT_REQUEST,
  AgentFrames,
  ed25519Blob,
  encodeAgentFrame,
  encodeSshSignature,
  encodeSshsigData,
  fingerprint,
  SshReader,
  SshWriter,
} from '@palmkey/core/ssh';
import type { Agent, AgentOptions } from './agent.ts';
import { startAgent } from './agent.ts';
import type { AgentEvent, LoginAsk } from './login-ask.ts';

/** An Ed25519 key with its blob: a server's, or a user's where it stands in for the phone. */
function key() {
  const { publicKey, privateKey } = generateKeyPairSync('ed25519');
  const blob = ed25519Blob(Buffer.from(publicKey.export({ format: 'jwk' }).x!, 'base64url'));
  return { blob, sign: (data: Uint8Array) => encodeSshSignature('ssh-ed25519', signWith(null, data, privateKey)) };
}

/** A client that says just what a test wants it to. */
class Client {
  readonly socket: Socket;
  readonly #frames = new AgentFrames();
  readonly #answers: Uint8Array[] = [];
  #heard: () => void = () => undefined;

  constructor(path: string) {
    this.socket = connect(path);
    this.socket.on('error', () => undefined);
    this.socket.on('data', (chunk) => {
      this.#answers.push(...this.#frames.push(chunk));
      this.#heard();
    });
    this.socket.on('close', () => this.#heard());
  }

  send(message: Uint8Array): void {
    this.socket.write(encodeAgentFrame(message));
  }

  /** The next answer; null when the connection ended instead. */
  async next(): Promise<Uint8Array | null> {
    while (this.#answers.length === 0 && !this.socket.destroyed) {
      await new Promise<void>((resolve) => (this.#heard = resolve));
    }
    return this.#answers.shift() ?? null;
  }

  async ask(message: Uint8Array): Promise<number | undefined> {
    this.send(message);
    return (await this.next())?.[0];
  }
}

/** `Promise.withResolvers`, which Node 20 does not have. */
function deferred<T>() {
  let resolve: (value: T) => void = () => undefined;
  const promise = new Promise<T>((done) => (resolve = done));
  return { promise, resolve: (value: T) => resolve(value) };
}

const [FAILURE, SUCCESS, SIGNED] = [5, 6, 14];
const user = key();
const server = key();
const bastion = key();
const sessionId = randomBytes(32);

interface BindParts {
  readonly server?: ReturnType<typeof key>;
  readonly sessionId?: Uint8Array;
  readonly signature?: Uint8Array;
  readonly forwarding?: boolean;
}
function bindMessage(parts: BindParts = {}): Uint8Array {
  const { server: from = server, sessionId: id = sessionId, forwarding = false } = parts;
  const writer = new SshWriter().byte(AGENT_REQUEST.extension).name('session-bind@openssh.com');
  return writer
    .string(from.blob)
    .string(id)
    .string(parts.signature ?? from.sign(id))
    .bool(forwarding)
    .done();
}
interface DataParts {
  readonly sessionId?: Uint8Array;
  readonly hostKey?: Uint8Array;
  readonly key?: Uint8Array;
  readonly method?: string;
  readonly service?: string;
}
function loginData(parts: DataParts = {}): Uint8Array {
  const hostbound = parts.hostKey !== undefined;
  const writer = new SshWriter()
    .string(parts.sessionId ?? sessionId)
    .byte(50)
    .text('deploy');
  writer.name(parts.service ?? 'ssh-connection');
  writer.name(parts.method ?? (hostbound ? 'publickey-hostbound-v00@openssh.com' : 'publickey'));
  writer
    .byte(1)
    .name('ssh-ed25519')
    .string(parts.key ?? user.blob);
  return (hostbound ? writer.string(parts.hostKey) : writer).done();
}
function signMessage(data: Uint8Array, flags = 0, blob = user.blob): Uint8Array {
  return new SshWriter().byte(AGENT_REQUEST.sign).string(blob).string(data).uint32(flags).done();
}
const lockMessage = (type: number, passphrase: string) => new SshWriter().byte(type).text(passphrase).done();

let folder: string;
let socketPath: string;
let agent: Agent;
let asks: LoginAsk[];
let events: AgentEvent[];
const refusals = () => events.flatMap((event) => (event.kind === 'refused' ? [event.code] : []));

const phone: AgentOptions['sign'] = (login) => {
  asks.push(login);
  return Promise.resolve({ is: 'signed', signature: user.sign(login.data) });
};
async function start(options: Partial<AgentOptions> = {}): Promise<Agent> {
  const keys = () => [{ blob: user.blob, comment: 'Pixel' }];
  return startAgent({ socketPath, keys, sign: phone, onEvent: (event) => void events.push(event), ...options });
}

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'palmkey-agent-'));
  socketPath = join(folder, 'run', 'agent.sock');
  asks = [];
  events = [];
  agent = await start();
});
afterEach(async () => {
  await agent.close();
  rmSync(folder, { recursive: true });
});

describe('a login', () => {
  test('bound, host-bound: asked with all that is known of it, and signed', async () => {
    const client = new Client(socketPath);
    expect(await client.ask(bindMessage())).toBe(SUCCESS);
    const data = loginData({ hostKey: server.blob });
    client.send(signMessage(data));
    const reader = new SshReader((await client.next())!);
    expect([reader.byte(), reader.string()]).toEqual([SIGNED, user.sign(data)]);
    expect(asks).toMatchObject([{ key: user.blob, data, flags: 0, hostKey: server.blob, claim: null, host: null }]);
    expect(asks[0]!.userauth).toMatchObject({ user: 'deploy', method: 'hostbound' });
    expect(events.map((event) => event.kind)).toEqual(['bound', 'signed']);
    client.socket.destroy();
  });

  test('without a bind it is asked as unbound', async () => {
    const client = new Client(socketPath);
    expect(await client.ask(signMessage(loginData()))).toBe(SIGNED);
    expect(asks).toMatchObject([{ binds: [], hostKey: null }]);
    client.socket.destroy();
  });

  test('through a forwarded agent: both hops, in order', async () => {
    const client = new Client(socketPath);
    const first = randomBytes(32);
    expect(await client.ask(bindMessage({ server: bastion, sessionId: first, forwarding: true }))).toBe(SUCCESS);
    expect(await client.ask(bindMessage())).toBe(SUCCESS);
    expect(await client.ask(signMessage(loginData({ hostKey: server.blob })))).toBe(SIGNED);
    expect(asks[0]!.binds.map((bind) => bind.hostKey)).toEqual([bastion.blob, server.blob]);
    client.socket.destroy();
  });

  test.each(['rejected', 'no-answer'])('%s is a failure', async (code) => {
    await agent.close();
    agent = await start({ sign: () => Promise.resolve({ is: 'failed', code }) });
    const client = new Client(socketPath);
    expect(await client.ask(signMessage(loginData()))).toBe(FAILURE);
    expect(events).toContainEqual({ connection: 1, kind: 'not-signed', code });
    client.socket.destroy();
  });

  test('a signature that is none never reaches ssh, and an error is a failure', async () => {
    await agent.close();
    const outcomes = [
      () => Promise.resolve({ is: 'signed', signature: user.sign(randomBytes(9)) } as const),
      () => Promise.resolve({ is: 'signed', signature: new Uint8Array(3) } as const),
      () => Promise.reject(new Error('broken')),
    ];
    agent = await start({ sign: () => outcomes.shift()!() });
    const client = new Client(socketPath);
    for (let i = 0; i < 3; i++) expect(await client.ask(signMessage(loginData()))).toBe(FAILURE);
    expect(refusals()).toEqual(['bad-signature', 'bad-signature']);
    client.socket.destroy();
  });

  test('the signal aborts when the client goes away, and not before', async () => {
    await agent.close();
    const asked = deferred<AbortSignal>();
    agent = await start({
      sign: (_login, signal) => {
        asked.resolve(signal);
        return new Promise(() => undefined);
      },
    });
    const client = new Client(socketPath);
    client.send(signMessage(loginData()));
    const signal = await asked.promise;
    expect(signal.aborted).toBe(false);
    client.socket.destroy();
    await once(signal, 'abort');
  });

  test('several requests of one connection are answered in order, 40 connections at once', async () => {
    await agent.close();
    const waiting: (() => void)[] = [];
    let asked: () => void = () => undefined;
    agent = await start({
      sign: async (login) => {
        await new Promise<void>((resolve) => {
          waiting.push(resolve);
          asked();
        });
        return { is: 'signed', signature: user.sign(login.data) };
      },
    });
    const clients = Array.from({ length: 40 }, () => new Client(socketPath));
    const data = clients.map((_, i) => loginData({ sessionId: Uint8Array.of(i + 1) }));
    clients.forEach((client, i) => {
      client.send(signMessage(data[i]!));
      client.send(Uint8Array.of(AGENT_REQUEST.identities));
    });
    while (waiting.length < 40) await new Promise<void>((resolve) => (asked = resolve));
    expect(agent.connections()).toBe(40);
    for (const resolve of waiting.reverse()) resolve();
    for (const [i, client] of clients.entries()) {
      const reader = new SshReader((await client.next())!);
      expect([reader.byte(), reader.string()]).toEqual([SIGNED, user.sign(data[i]!)]);
      expect((await client.next())?.[0]).toBe(12);
      client.socket.destroy();
    }
  });
});

describe('hostile or broken clients ask nobody', () => {
  const sshsig = new SshWriter().raw(Buffer.from('SSHSIG')).name('git').name('').name('sha512').string(randomBytes(64));
  const fileData = () => encodeSshsigData({ namespace: 'file', hash: 'sha512', digest: new Uint8Array(64) });
  const trailing = () => new SshWriter().raw(loginData()).byte(0).done();
  test.each<[string, Uint8Array[], () => Uint8Array, string]>([
    [
      'another session than the last bind',
      [bindMessage()],
      () => signMessage(loginData({ sessionId: Uint8Array.of(1) })),
      'session',
    ],
    [
      'another server than the last bind',
      [bindMessage()],
      () => signMessage(loginData({ hostKey: bastion.blob })),
      'server',
    ],
    ['only a forwarding bind', [bindMessage({ forwarding: true })], () => signMessage(loginData()), 'forwarding-order'],
    [
      'beyond the first hop without naming the server',
      [bindMessage({ server: bastion, sessionId: Uint8Array.of(7), forwarding: true }), bindMessage()],
      () => signMessage(loginData()),
      'method',
    ],
    ['a byte too many', [], () => signMessage(trailing()), 'unparsable'],
    ['an unknown method', [], () => signMessage(loginData({ method: 'hostbased' })), 'unparsable'],
    ['another service', [], () => signMessage(loginData({ service: 'ssh-userauth' })), 'unparsable'],
    ['an SSHSIG of git', [], () => signMessage(sshsig.done()), 'git-text-unseen'],
    ['an SSHSIG of a file, where nobody signs files', [], () => signMessage(fileData()), 'unparsable'],
    [
      'an SSHSIG of a file from another computer',
      [bindMessage({ forwarding: true })],
      () => signMessage(fileData()),
      'forwarded',
    ],
    ['an SSHSIG cut short', [], () => signMessage(fileData().subarray(0, -1)), 'unparsable'],
    ['nothing to sign', [], () => signMessage(new Uint8Array()), 'unparsable'],
    ['a key we do not have', [], () => signMessage(loginData(), 0, bastion.blob), 'unknown-key'],
    ['data with another key', [], () => signMessage(loginData({ key: bastion.blob })), 'other-key'],
    ['flags for RSA', [], () => signMessage(loginData(), 2), 'flags'],
    ['a sign request cut short', [], () => signMessage(loginData()).subarray(0, -1), 'malformed'],
    ['a key to add', [], () => Uint8Array.of(17, 1, 2, 3), 'no-upstream'],
    ['a message of no known type', [], () => Uint8Array.of(99), 'unsupported'],
    ['another extension', [], () => new SshWriter().byte(27).name('x@example.org').byte(1).done(), 'unsupported'],
  ])('%s', async (_name, before, message, code) => {
    const client = new Client(socketPath);
    for (const bind of before) expect(await client.ask(bind)).toBe(SUCCESS);
    expect(await client.ask(message())).toBe(FAILURE);
    expect(refusals()).toEqual([code]);
    expect(asks).toEqual([]);
    client.socket.destroy();
  });

  test.each<[string, Uint8Array[]]>([
    ['a signature of another key', [bindMessage({ signature: bastion.sign(sessionId) })]],
    ['a signature over another session', [bindMessage({ signature: server.sign(randomBytes(32)) })]],
    ['the session of another server', [bindMessage(), bindMessage({ server: bastion })]],
    ['a bind after the last', [bindMessage(), bindMessage({ server: bastion, sessionId: Uint8Array.of(1) })]],
    ['a bind cut short', [bindMessage().subarray(0, -1)]],
    ['a bind with more after it', [new SshWriter().raw(bindMessage()).byte(0).done()]],
    ['a session id that is empty', [bindMessage({ sessionId: new Uint8Array() })]],
    [
      'a 17th bind',
      Array.from({ length: 17 }, (_, i) => bindMessage({ sessionId: Uint8Array.of(i), forwarding: true })),
    ],
  ])('%s fails, and poisons the connection for good', async (_name, binds) => {
    const client = new Client(socketPath);
    for (const bind of binds.slice(0, -1)) expect(await client.ask(bind)).toBe(SUCCESS);
    expect(await client.ask(binds.at(-1)!)).toBe(FAILURE);
    await client.ask(bindMessage());
    expect(await client.ask(signMessage(loginData({ hostKey: server.blob })))).toBe(FAILURE);
    expect(refusals().at(-1)).toBe('poisoned');
    expect(asks).toEqual([]);
    client.socket.destroy();
    const other = new Client(socketPath);
    expect(await other.ask(signMessage(loginData()))).toBe(SIGNED);
    other.socket.destroy();
  });

  test('the same bind again succeeds without effect, also after the last', async () => {
    const client = new Client(socketPath);
    for (let i = 0; i < 3; i++) expect(await client.ask(bindMessage())).toBe(SUCCESS);
    expect(await client.ask(bindMessage({ forwarding: true }))).toBe(SUCCESS);
    expect(await client.ask(signMessage(loginData()))).toBe(SIGNED);
    expect(asks[0]!.binds).toHaveLength(1);
    client.socket.destroy();
  });

  test.each([
    ['an empty frame', Buffer.alloc(4)],
    ['a frame over 256 KiB', Buffer.from([0, 4, 0, 1])],
  ])('%s ends the connection', async (_name, bytes) => {
    const client = new Client(socketPath);
    client.socket.write(bytes);
    expect(await client.next()).toBeNull();
    expect(refusals()).toEqual(['malformed']);
  });

  test('too much sent ahead ends the connection', async () => {
    const client = new Client(socketPath);
    client.socket.write(Buffer.concat(Array.from({ length: 65 }, () => encodeAgentFrame(Uint8Array.of(11)))));
    expect(await client.next()).toBeNull();
    expect(refusals()).toEqual(['flood']);
  });
});

describe('lists, locks and questions', () => {
  test('query names the extensions', async () => {
    const client = new Client(socketPath);
    client.send(new SshWriter().byte(27).name('query').done());
    const reader = new SshReader((await client.next())!);
    expect([reader.byte(), reader.text(), reader.text(), reader.text()]).toEqual([
      29,
      'query',
      'query',
      'session-bind@openssh.com',
    ]);
    reader.end();
    client.socket.destroy();
  });

  test('nobody to whom the agent is forwarded locks it or opens it, nor whoever poisoned the connection', async () => {
    const forwarded = new Client(socketPath);
    await forwarded.ask(bindMessage({ forwarding: true }));
    expect(await forwarded.ask(lockMessage(22, 'secret'))).toBe(FAILURE);
    expect(refusals().at(-1)).toBe('forwarded');
    expect(agent.lock.locked).toBe(false);
    await agent.lock.lock(Buffer.from('secret'));
    expect(await forwarded.ask(lockMessage(23, 'secret'))).toBe(FAILURE);
    await agent.lock.unlock(Buffer.from('secret'));
    const poisoned = new Client(socketPath);
    await poisoned.ask(Uint8Array.of(27, 0, 0, 0, 255));
    expect(await poisoned.ask(lockMessage(22, 'secret'))).toBe(FAILURE);
    expect(await poisoned.ask(Uint8Array.of(19))).toBe(FAILURE);
    expect(refusals().at(-1)).toBe('poisoned');
    forwarded.socket.destroy();
    poisoned.socket.destroy();
  });

  test('while locked the list is empty and nothing is signed, yet binds are taken', async () => {
    const client = new Client(socketPath);
    expect(await client.ask(lockMessage(22, 'secret'))).toBe(SUCCESS);
    expect(await client.ask(lockMessage(22, 'other'))).toBe(FAILURE);
    client.send(Uint8Array.of(11));
    expect(await client.next()).toEqual(Uint8Array.of(12, 0, 0, 0, 0));
    expect(await client.ask(bindMessage())).toBe(SUCCESS);
    expect(await client.ask(signMessage(loginData()))).toBe(FAILURE);
    expect(await client.ask(lockMessage(23, 'wrong'))).toBe(FAILURE);
    expect(agent.lock.locked).toBe(true);
    expect(await client.ask(lockMessage(23, 'secret'))).toBe(SUCCESS);
    expect(await client.ask(lockMessage(23, 'secret'))).toBe(FAILURE);
    expect(await client.ask(signMessage(loginData()))).toBe(SIGNED);
    client.socket.destroy();
  });
});

describe('the ssh that asks', () => {
  const claim = { name: 'prod', port: 2222, pid: 1, programs: ['zsh', 'ssh'], terminal: null, directory: '/src' };
  const heard = { name: 'prod', port: 2222, pid: 1, whole: () => Promise.resolve(claim) };
  test('a login takes the claim of its server, a forwarded one that of its forwarder and no name', async () => {
    await agent.close();
    const calls: string[] = [];
    const source = (name: string, hostKey: Uint8Array) => {
      calls.push(`${name} ${fingerprint(hostKey)}`);
      return heard;
    };
    const claimFor = (hostKey: Uint8Array) => Promise.resolve(source('claimFor', hostKey));
    agent = await start({
      claims: { claimFor, forwarderOf: (hostKey) => source('forwarderOf', hostKey), clientOf: () => null },
    });
    const direct = new Client(socketPath);
    await direct.ask(bindMessage());
    expect(await direct.ask(signMessage(loginData()))).toBe(SIGNED);
    const forwarded = new Client(socketPath);
    await forwarded.ask(bindMessage({ server: bastion, sessionId: Uint8Array.of(1), forwarding: true }));
    await forwarded.ask(bindMessage());
    expect(await forwarded.ask(signMessage(loginData({ hostKey: server.blob })))).toBe(SIGNED);
    expect(calls).toEqual([`claimFor ${fingerprint(server.blob)}`, `forwarderOf ${fingerprint(bastion.blob)}`]);
    expect(asks).toMatchObject([
      { claim, host: { name: 'prod', port: 2222 } },
      { claim, host: null },
    ]);
    direct.socket.destroy();
    forwarded.socket.destroy();
  });
});

describe('the socket', () => {
  test('0600 in a folder of 0700, gone after close', async () => {
    expect(statSync(socketPath).mode & 0o777).toBe(0o600);
    expect(statSync(join(folder, 'run')).mode & 0o777).toBe(0o700);
    await agent.close();
    await agent.close();
    expect(statSync(socketPath, { throwIfNoEntry: false })).toBeUndefined();
  });

  test('close fails what is being asked and ends the connections', async () => {
    await agent.close();
    const asked = deferred<AbortSignal>();
    agent = await start({
      sign: (_login, signal) => {
        asked.resolve(signal);
        return new Promise(() => undefined);
      },
    });
    const client = new Client(socketPath);
    client.send(signMessage(loginData()));
    await asked.promise;
    const closed = agent.close();
    expect((await client.next())?.[0]).toBe(FAILURE);
    expect(await client.next()).toBeNull();
    await closed;
  });

  test('a live agent is not replaced', async () => {
    await expect(start()).rejects.toMatchObject({ code: 'agent-running' });
  });

  test('a stale socket is replaced', async () => {
    await agent.close();
    const script = `require('net').createServer().listen(${JSON.stringify(socketPath)}, () => process.kill(process.pid, 'SIGKILL'))`;
    spawnSync(process.execPath, ['-e', script]);
    expect(statSync(socketPath).isSocket()).toBe(true);
    agent = await start();
    const client = new Client(socketPath);
    expect(await client.ask(Uint8Array.of(11))).toBe(12);
    client.socket.destroy();
  });

  test('a file in its place stays', async () => {
    await agent.close();
    writeFileSync(socketPath, 'mine');
    await expect(start()).rejects.toMatchObject({ code: 'not-a-socket' });
  });

  test('a path of 103 bytes is the longest', async () => {
    await agent.close();
    const base = join(folder, 'run');
    const longest = join(base, 'x'.repeat(103 - Buffer.byteLength(base) - 1));
    await expect(start({ socketPath: `${longest}x` })).rejects.toMatchObject({ code: 'path-too-long' });
    agent = await start({ socketPath: longest });
  });

  test('a folder that others can enter is refused', async () => {
    const open = join(folder, 'open');
    mkdirSync(open);
    chmodSync(open, 0o755);
    await expect(start({ socketPath: join(open, 's') })).rejects.toMatchObject({ code: 'bad-permissions' });
  });
});
