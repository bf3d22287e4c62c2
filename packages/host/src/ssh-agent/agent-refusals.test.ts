/** Everything a client may send that must ask nobody. */
import { randomBytes } from 'node:crypto';
import { encodeAgentFrame, encodeSshsigData, SshWriter } from '@palmkey/core/ssh';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import {
  bastion,
  bindMessage,
  FAILURE,
  loginData,
  server,
  sessionId,
  SIGNED,
  signMessage,
  SUCCESS,
} from '../testing/agent-messages.ts';
import { AgentRig } from '../testing/agent-rig.ts';

let rig: AgentRig;
beforeEach(async () => (rig = await AgentRig.begin()));
afterEach(() => rig[Symbol.asyncDispose]());

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
    const client = rig.client();
    for (const bind of before) expect(await client.ask(bind)).toBe(SUCCESS);
    expect(await client.ask(message())).toBe(FAILURE);
    expect(rig.refusals()).toEqual([code]);
    expect(rig.asks).toEqual([]);
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
    const client = rig.client();
    for (const bind of binds.slice(0, -1)) expect(await client.ask(bind)).toBe(SUCCESS);
    expect(await client.ask(binds.at(-1)!)).toBe(FAILURE);
    await client.ask(bindMessage());
    expect(await client.ask(signMessage(loginData({ hostKey: server.blob })))).toBe(FAILURE);
    expect(rig.refusals().at(-1)).toBe('poisoned');
    expect(rig.asks).toEqual([]);
    client.socket.destroy();
    const other = rig.client();
    expect(await other.ask(signMessage(loginData()))).toBe(SIGNED);
  });

  test('the same bind again succeeds without effect, also after the last', async () => {
    const client = rig.client();
    for (let i = 0; i < 3; i++) expect(await client.ask(bindMessage())).toBe(SUCCESS);
    expect(await client.ask(bindMessage({ forwarding: true }))).toBe(SUCCESS);
    expect(await client.ask(signMessage(loginData()))).toBe(SIGNED);
    expect(rig.asks[0]!.binds).toHaveLength(1);
  });

  test.each([
    ['an empty frame', Buffer.alloc(4)],
    ['a frame over 256 KiB', Buffer.from([0, 4, 0, 1])],
  ])('%s ends the connection', async (_name, bytes) => {
    const client = rig.client();
    client.socket.write(bytes);
    expect(await client.next()).toBeNull();
    expect(rig.refusals()).toEqual(['malformed']);
  });

  test('too much sent ahead ends the connection', async () => {
    const client = rig.client();
    client.socket.write(Buffer.concat(Array.from({ length: 65 }, () => encodeAgentFrame(Uint8Array.of(11)))));
    expect(await client.next()).toBeNull();
    expect(rig.refusals()).toEqual(['flood']);
  });
});
