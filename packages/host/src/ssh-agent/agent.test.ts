/** What a client of the agent is answered, and what is asked of the phone meanwhile. */
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { AGENT_REQUEST, fingerprint, SshReader, SshWriter } from '@palmkey/core/ssh';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import {
  bastion,
  bindMessage,
  FAILURE,
  lockMessage,
  loginData,
  server,
  SIGNED,
  signMessage,
  SUCCESS,
  user,
} from '../testing/agent-messages.ts';
import { AgentRig } from '../testing/agent-rig.ts';
import { deferred } from '../testing/deferred.ts';

let rig: AgentRig;
beforeEach(async () => (rig = await AgentRig.begin()));
afterEach(() => rig[Symbol.asyncDispose]());

describe('a login', () => {
  test('bound, host-bound: asked with all that is known of it, and signed', async () => {
    const client = rig.client();
    expect(await client.ask(bindMessage())).toBe(SUCCESS);
    const data = loginData({ hostKey: server.blob });
    client.send(signMessage(data));
    const reader = new SshReader((await client.next())!);
    expect([reader.byte(), reader.string()]).toEqual([SIGNED, user.sign(data)]);
    expect(rig.asks).toMatchObject([{ key: user.blob, data, flags: 0, hostKey: server.blob, claim: null, host: null }]);
    expect(rig.asks[0]!.userauth).toMatchObject({ user: 'deploy', method: 'hostbound' });
    expect(rig.events.map((event) => event.kind)).toEqual(['bound', 'signed']);
  });

  test('without a bind it is asked as unbound', async () => {
    const client = rig.client();
    expect(await client.ask(signMessage(loginData()))).toBe(SIGNED);
    expect(rig.asks).toMatchObject([{ binds: [], hostKey: null }]);
  });

  test('through a forwarded agent: both hops, in order', async () => {
    const client = rig.client();
    const first = randomBytes(32);
    expect(await client.ask(bindMessage({ server: bastion, sessionId: first, forwarding: true }))).toBe(SUCCESS);
    expect(await client.ask(bindMessage())).toBe(SUCCESS);
    expect(await client.ask(signMessage(loginData({ hostKey: server.blob })))).toBe(SIGNED);
    expect(rig.asks[0]!.binds.map((bind) => bind.hostKey)).toEqual([bastion.blob, server.blob]);
  });

  test.each(['rejected', 'no-answer'])('%s is a failure', async (code) => {
    await rig.restart({ sign: () => Promise.resolve({ is: 'failed', code }) });
    const client = rig.client();
    expect(await client.ask(signMessage(loginData()))).toBe(FAILURE);
    expect(rig.events).toContainEqual({ connection: 1, kind: 'not-signed', code });
  });

  test('a signature that is none never reaches ssh, and an error is a failure', async () => {
    const outcomes = [
      () => Promise.resolve({ is: 'signed', signature: user.sign(randomBytes(9)) } as const),
      () => Promise.resolve({ is: 'signed', signature: new Uint8Array(3) } as const),
      () => Promise.reject(new Error('broken')),
    ];
    await rig.restart({ sign: () => outcomes.shift()!() });
    const client = rig.client();
    for (let i = 0; i < 3; i++) expect(await client.ask(signMessage(loginData()))).toBe(FAILURE);
    expect(rig.refusals()).toEqual(['bad-signature', 'bad-signature']);
  });

  test('the signal aborts when the client goes away, and not before', async () => {
    const asked = deferred<AbortSignal>();
    await rig.restart({
      sign: (_login, signal) => {
        asked.resolve(signal);
        return new Promise(() => undefined);
      },
    });
    const client = rig.client();
    client.send(signMessage(loginData()));
    const signal = await asked.promise;
    expect(signal.aborted).toBe(false);
    client.socket.destroy();
    await once(signal, 'abort');
  });

  test('several requests of one connection are answered in order, 40 connections at once', async () => {
    const waiting: (() => void)[] = [];
    let asked: () => void = () => undefined;
    await rig.restart({
      sign: async (login) => {
        await new Promise<void>((resolve) => {
          waiting.push(resolve);
          asked();
        });
        return { is: 'signed', signature: user.sign(login.data) };
      },
    });
    const clients = Array.from({ length: 40 }, () => rig.client());
    const data = clients.map((_, i) => loginData({ sessionId: Uint8Array.of(i + 1) }));
    clients.forEach((client, i) => {
      client.send(signMessage(data[i]!));
      client.send(Uint8Array.of(AGENT_REQUEST.identities));
    });
    while (waiting.length < 40) await new Promise<void>((resolve) => (asked = resolve));
    expect(rig.agent.connections()).toBe(40);
    for (const resolve of waiting.reverse()) resolve();
    for (const [i, client] of clients.entries()) {
      const reader = new SshReader((await client.next())!);
      expect([reader.byte(), reader.string()]).toEqual([SIGNED, user.sign(data[i]!)]);
      expect((await client.next())?.[0]).toBe(12);
      client.socket.destroy();
    }
  });
});

describe('lists, locks and questions', () => {
  test('query names the extensions', async () => {
    const client = rig.client();
    client.send(new SshWriter().byte(27).name('query').done());
    const reader = new SshReader((await client.next())!);
    expect([reader.byte(), reader.text(), reader.text(), reader.text()]).toEqual([
      29,
      'query',
      'query',
      'session-bind@openssh.com',
    ]);
    reader.end();
  });

  test('nobody to whom the agent is forwarded locks it or opens it, nor whoever poisoned the connection', async () => {
    const forwarded = rig.client();
    await forwarded.ask(bindMessage({ forwarding: true }));
    expect(await forwarded.ask(lockMessage(22, 'secret'))).toBe(FAILURE);
    expect(rig.refusals().at(-1)).toBe('forwarded');
    expect(rig.agent.lock.locked).toBe(false);
    await rig.agent.lock.lock(Buffer.from('secret'));
    expect(await forwarded.ask(lockMessage(23, 'secret'))).toBe(FAILURE);
    await rig.agent.lock.unlock(Buffer.from('secret'));
    const poisoned = rig.client();
    await poisoned.ask(Uint8Array.of(27, 0, 0, 0, 255));
    expect(await poisoned.ask(lockMessage(22, 'secret'))).toBe(FAILURE);
    expect(await poisoned.ask(Uint8Array.of(19))).toBe(FAILURE);
    expect(rig.refusals().at(-1)).toBe('poisoned');
  });

  test('while locked the list is empty and nothing is signed, yet binds are taken', async () => {
    const client = rig.client();
    expect(await client.ask(lockMessage(22, 'secret'))).toBe(SUCCESS);
    expect(await client.ask(lockMessage(22, 'other'))).toBe(FAILURE);
    client.send(Uint8Array.of(11));
    expect(await client.next()).toEqual(Uint8Array.of(12, 0, 0, 0, 0));
    expect(await client.ask(bindMessage())).toBe(SUCCESS);
    expect(await client.ask(signMessage(loginData()))).toBe(FAILURE);
    expect(await client.ask(lockMessage(23, 'wrong'))).toBe(FAILURE);
    expect(rig.agent.lock.locked).toBe(true);
    expect(await client.ask(lockMessage(23, 'secret'))).toBe(SUCCESS);
    expect(await client.ask(lockMessage(23, 'secret'))).toBe(FAILURE);
    expect(await client.ask(signMessage(loginData()))).toBe(SIGNED);
  });
});

describe('the ssh that asks', () => {
  const claim = { name: 'prod', port: 2222, pid: 1, programs: ['zsh', 'ssh'], terminal: null, directory: '/src' };
  const heard = { name: 'prod', port: 2222, pid: 1, whole: () => Promise.resolve(claim) };
  test('a login takes the claim of its server, a forwarded one that of its forwarder and no name', async () => {
    const calls: string[] = [];
    const source = (name: string, hostKey: Uint8Array) => {
      calls.push(`${name} ${fingerprint(hostKey)}`);
      return heard;
    };
    const claimFor = (hostKey: Uint8Array) => Promise.resolve(source('claimFor', hostKey));
    await rig.restart({
      claims: { claimFor, forwarderOf: (hostKey) => source('forwarderOf', hostKey), clientOf: () => null },
    });
    const direct = rig.client();
    await direct.ask(bindMessage());
    expect(await direct.ask(signMessage(loginData()))).toBe(SIGNED);
    const forwarded = rig.client();
    await forwarded.ask(bindMessage({ server: bastion, sessionId: Uint8Array.of(1), forwarding: true }));
    await forwarded.ask(bindMessage());
    expect(await forwarded.ask(signMessage(loginData({ hostKey: server.blob })))).toBe(SIGNED);
    expect(calls).toEqual([`claimFor ${fingerprint(server.blob)}`, `forwarderOf ${fingerprint(bastion.blob)}`]);
    expect(rig.asks).toMatchObject([
      { claim, host: { name: 'prod', port: 2222 } },
      { claim, host: null },
    ]);
  });
});
