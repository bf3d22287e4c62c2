/** A daemon's phones, from the link to the end of the pairing. */
import { once } from 'node:events';
import { connect } from 'node:net';
import type { Peer } from '@palmkey/core/devices';
import { AgentFrames, encodeAgentFrame, fingerprint, SshWriter } from '@palmkey/core/ssh';
import { afterAll, afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { ControlClient } from './control/client.ts';
import type { StatusFact } from './control/protocol.ts';
import { codeOf } from './testing/code-of.ts';
import { DaemonStage, kindsOf, pair, until } from './testing/daemon-stage.ts';
import { peerOf, TestPhone } from './testing/test-phone.ts';

let stage: DaemonStage;
beforeEach(async () => {
  stage = await DaemonStage.open();
}, 30_000);
afterEach(() => stage.close());
afterAll(() => DaemonStage.drained());

describe('a pairing', () => {
  let phone: TestPhone;
  beforeEach(async () => {
    phone = new TestPhone();
    stage.closing.push(() => phone.leave());
    await stage.start();
  });

  test('ends with the phone and its keys, over a restart too', async () => {
    const client = await stage.control();
    const { result, peer } = pair(client, phone);
    expect((await result).phone).toMatchObject({ name: 'Pixel', keys: [{ comment: 'Work', phone: 'Pixel' }] });
    expect((await peer())?.name).toBe('laptop');
    expect(await kindsOf(client)).toEqual(['paired', 'started']);
    expect((await client.call('status', {})).pairing).toBe(false);
    await stage.closing.splice(1, 1)[0]?.();
    await stage.start();
    expect((await (await stage.control()).call('status', {})).phones).toMatchObject([{ name: 'Pixel' }]);
  });

  test('is said to run while it does; another one meanwhile is refused', async () => {
    const [client, other] = [await stage.control(), await stage.control()];
    const running = until(await stage.control(), ({ pairing }) => pairing);
    const { url } = pair(client);
    await url;
    await running;
    expect(await codeOf(other.call('pair', {}))).toBe('pairing-running');
    expect(await codeOf(other.call('pair-code', { code: '000000' }))).toBe('no-pairing');
  });

  test('that the person left is over, not failed, and makes room for the next', async () => {
    const client = await stage.control();
    await pair(client).url;
    client.close();
    const next = await stage.control();
    await until(await stage.control(), ({ pairing }) => !pairing);
    await pair(next).url;
    expect(await kindsOf(next)).toEqual(['started']);
  });

  test('that the person left tells the phone that waits with its code', async () => {
    const client = await stage.control();
    const { url } = pair(client);
    let failed: Promise<unknown> = Promise.resolve();
    await new Promise<void>((resolve) => {
      void url.then((link) => {
        failed = phone.pair(link, () => resolve());
        failed.catch(() => undefined);
      });
    });
    client.close();
    await expect(failed).rejects.toMatchObject({ code: 'peer-aborted', reason: 'cancelled' });
  });

  test('with wrong codes fails and is logged', async () => {
    const client = await stage.control();
    const wrong = (code: string) => String((Number(code) + 1) % 1_000_000).padStart(6, '0');
    expect(await codeOf(pair(client, phone, wrong).result)).toBe('wrong-code');
    expect(await client.call('log', { limit: 1 })).toMatchObject([{ kind: 'pairing-failed', outcome: 'wrong-code' }]);
  });

  test('that the disk has no room for is a typed error, and nothing is kept', async () => {
    const client = await stage.control();
    const full = (code: string) => {
      stage.disk.full = true;
      return code;
    };
    expect(await codeOf(pair(client, phone, full).result)).toBe('not-writable');
    stage.disk.full = false;
    expect((await client.call('status', {})).phones).toEqual([]);
    expect(await codeOf(pair(client, new TestPhone('Tablet')).result)).toBe('done');
  });

  test('that waits for a relay ends when the person leaves, and the relay is let go', async () => {
    const client = await stage.control();
    const status = until(await stage.control(), ({ pairing }) => pairing);
    const call = client.call('pair', { relay: 'http://stage.relay.invalid' });
    expect((await status).relays.map(({ url }) => url)).toEqual([stage.relay.url, 'http://stage.relay.invalid']);
    client.close();
    expect(await codeOf(call)).toBe('disconnected');
    await until(await stage.control(), ({ pairing, relays }) => !pairing && relays.length === 1);
  });
});

describe('with a phone', () => {
  let phone: TestPhone;
  let host: Peer;
  let client: ControlClient;
  beforeEach(async () => {
    phone = new TestPhone();
    const daemon = await stage.start();
    client = await stage.control();
    await pair(client, phone).result;
    host = { ...daemon.device, ...peerless(await client.call('status', {})) };
    await phone.connect(stage.relay.url, host, () => Date.now());
    stage.closing.push(() => phone.leave());
    await phone.say(host, phone.here());
    await until(await stage.control(), ({ phones }) => phones[0]?.reach === 'here');
  });
  const peerless = ({ device }: StatusFact) => {
    const { name, role } = peerOf(phone.device, device.name, 'asks');
    return { name, role };
  };

  /** What ssh would be answered: the type of the agent's message. */
  async function login(): Promise<number | undefined> {
    const data = new SshWriter()
      .string(new Uint8Array(32))
      .byte(50)
      .text('deploy')
      .name('ssh-connection')
      .name('publickey')
      .bool(true)
      .name('ssh-ed25519')
      .string(phone.key)
      .done();
    const socket = connect(stage.at.agentSocket);
    socket.write(encodeAgentFrame(new SshWriter().byte(13).string(phone.key).string(data).uint32(0).done()));
    const [chunk] = (await once(socket, 'data')) as [Buffer];
    socket.destroy();
    return new AgentFrames().push(chunk)[0]?.[0];
  }

  test('a new name and keys are kept; keys that are none are not, and end nothing', async () => {
    const bad = Uint8Array.of(1, 2, 3);
    const renamed = until(await stage.control(), ({ phones }) => phones[0]?.name === 'Pocket');
    await phone.say(host, phone.here({ name: 'Pocket', keys: [bad, phone.key] }));
    expect((await renamed).phones[0]?.keys).toHaveLength(1);
  });

  test('what the disk has no room for is not taken over, and the next message is heard', async () => {
    stage.disk.full = true;
    const refused = new Promise<void>((resolve) => (stage.disk.onRefused = resolve));
    await phone.say(host, phone.here({ name: 'Lost' }));
    await refused;
    stage.disk.full = false;
    expect((await client.call('status', {})).phones[0]?.name).toBe('Pixel');
    const renamed = until(await stage.control(), ({ phones }) => phones[0]?.name === 'Pocket');
    await phone.say(host, phone.here({ name: 'Pocket' }));
    await renamed;
  });

  test('unpaired while a request is open: it fails, the phone is told of both, and is a stranger', async () => {
    const answer = login();
    const { request } = await phone.told('ask');
    expect(await client.call('unpair', { phone: 'PIXEL' })).toEqual({ name: 'Pixel', told: true });
    expect(await answer).toBe(5);
    expect(await phone.told('settled')).toMatchObject({ outcome: 'failed' });
    await phone.told('unpair');
    expect(request.length).toBeGreaterThan(0);
    expect(await client.call('status', {})).toMatchObject({ phones: [], waiting: [] });
    expect((await kindsOf(client)).slice(0, 2).sort()).toEqual(['login', 'unpaired']);
  });

  test('its keys are remembered beyond its pairing, also those that it has no more', async () => {
    const other = new TestPhone();
    const renamed = until(await stage.control(), ({ phones }) => phones[0]?.name === 'Pocket');
    await phone.say(host, phone.here({ name: 'Pocket', keys: [other.key] }));
    await renamed;
    await client.call('unpair', { phone: 'Pocket' });
    expect((await client.call('key-uses', {})).keys).toMatchObject([
      { fingerprint: fingerprint(phone.key), phone: 'Pixel', held: false },
      { fingerprint: fingerprint(other.key), phone: 'Pocket', held: false },
    ]);
  });

  test('a phone that unpairs is gone at once, its requests with it', async () => {
    const answer = login();
    await phone.told('ask');
    await phone.say(host, { kind: 'unpair' });
    expect(await answer).toBe(5);
    expect((await client.call('status', {})).phones).toEqual([]);
  });

  test('unpairing on a full disk is a typed error, and the pairing goes on', async () => {
    stage.disk.full = true;
    expect(await codeOf(client.call('unpair', { phone: 'Pixel' }))).toBe('not-writable');
    stage.disk.full = false;
    expect((await client.call('status', {})).phones).toHaveLength(1);
    expect(phone.heard.some(({ kind }) => kind === 'unpair')).toBe(false);
  });

  test('the end of the daemon withdraws what is open, and the phone is told', async () => {
    const answer = login();
    await phone.told('ask');
    await client.call('stop', {});
    expect(await answer).toBe(5);
    expect(await phone.told('settled')).toMatchObject({ outcome: 'withdrawn' });
  });
});
