/** Worst cases of the way between: the app closed, the relay killed in the middle, garbage on every socket. */
import { randomBytes } from 'node:crypto';
import { connect, type NetConnectOpts } from 'node:net';
import { type DeviceId, encodeFrame, FrameType, parseDeviceId, fromHex, sealedBody } from '@palmkey/envelope';
import { paths, type StatusFact } from '@palmkey/host/control';
import { nodeSockets } from '@palmkey/relay-client/node';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { approve } from '../lib/approve.ts';
import type { Child } from '../lib/child.ts';
import { palmkey } from '../lib/palmkey.ts';
import { connectDevice, makeDevice } from '../lib/scripted-device.ts';
import { Stage } from '../lib/stage.ts';

let stage: Stage;

beforeAll(async () => {
  stage = await Stage.open({ ownRelay: true, localKey: true });
});
afterAll(() => stage[Symbol.asyncDispose]());

const status = async () => JSON.parse((await palmkey(stage.home, 'status', '--json')).stdout) as StatusFact;

async function logIn(): Promise<void> {
  const ssh = stage.login();
  await approve(stage.page);
  expect(await ssh.ended()).toBe(0);
  expect(ssh.output).toContain('Palmkey ▶ approved on Pixel');
  await stage.page.getByText(/Signed · \S+ confirmed$/).waitFor();
}

test('a relay killed between request and answer brings the answer once it is back', async () => {
  const signed = stage.browser.signed();
  const ssh = stage.login();
  await ssh.prints(/Palmkey ▶ Pixel has it/);
  stage.relay?.kill('SIGKILL');
  await stage.relay?.ended();
  await stage.daemon.child.prints(/relay http:\/\/\S+: not reachable, trying again/);
  await approve(stage.page);
  await stage.page.getByText(/Approved · sending to \S+…$/).waitFor();
  expect(ssh.exitCode).toBeNull();
  await stage.startRelay();
  expect(await ssh.ended()).toBe(0);
  expect(ssh.output).toMatch(/Palmkey ▶ approved on Pixel[\s\S]*logged-in/);
  await stage.page.getByText(/Signed · \S+ confirmed$/).waitFor();
  expect(stage.browser.signed() - signed).toBe(1);
  expect(await stage.outcomes()).toEqual(['approved']);
});

describe('while the app is closed', () => {
  let ssh: Child;
  let startedAt: number;

  beforeAll(async () => {
    await stage.browser[Symbol.asyncDispose]();
    startedAt = performance.now();
    ssh = stage.login();
  });

  test('ssh’s terminal says within 4 s that the phone cannot be woken', async () => {
    await ssh.prints(/Palmkey ▶ Pixel does not answer and has no push set up: open the app there…/);
    expect(performance.now() - startedAt).toBeLessThan(4_000);
  });

  test('garbage on the agent socket is answered with failures or an end', async () => {
    const socket = { path: paths(stage.home).agentSocket };
    const failure = '\0\0\0\u0001\u0005';
    const length = (bytes: number) => Buffer.from(new Uint32Array([bytes]).buffer).swap32();
    for (const garbage of [
      randomBytes(4_096),
      length(0),
      length(0xffff_ffff),
      Buffer.concat([length(5), Buffer.from([13]), randomBytes(4)]),
      Buffer.concat([length(9), Buffer.from([27]), randomBytes(8)]),
      Buffer.concat([length(300_000), Buffer.alloc(300_000)]),
      length(40),
    ])
      expect((await answerTo(socket, garbage)).replaceAll(failure, '')).toBe('');
  });

  test('garbage on the control socket is refused', async () => {
    const socket = { path: paths(stage.home).controlSocket };
    for (const garbage of [
      randomBytes(4_096),
      Buffer.from('\n\n{}\n[]\nnull\n'),
      Buffer.from('{"id":1}\n{"id":1,"call":"nothing"}\n{"id":1,"call":"__proto__"}\n'),
      Buffer.from(`{"id":2,"call":"log","limit":${'9'.repeat(400)}}\n`),
      Buffer.alloc(4 * 1024 * 1024, 0x61),
    ])
      expect(await answerTo(socket, garbage)).not.toContain('"result"');
  });

  test('garbage on the relay’s port is refused, without authentication as with it', async () => {
    for (const garbage of [randomBytes(4_096), Buffer.from('GET /v1/socket HTTP/1.1\r\n\r\n')])
      await answerTo({ port: stage.port, host: 'localhost' }, garbage);
    const nobody = parseDeviceId(new Uint8Array(16));
    const frames = [randomBytes(1), randomBytes(40), randomBytes(4_096), new Uint8Array(0), unicast(nobody)];
    for (const garbage of frames) await closedAfter(garbage);
    for (const garbage of frames.slice(0, 4)) {
      const { client, send } = connectDevice(stage.origin, await makeDevice());
      await client.connected(AbortSignal.timeout(10_000));
      const ended = new Promise((resolve) => client.onState(resolve));
      send(garbage);
      expect(await ended).not.toMatchObject({ is: 'connected' });
      client.close();
    }
  });

  test('garbage sealed by nobody does not reach further than the host', async () => {
    const { device, phones } = await status();
    const { client, send } = connectDevice(stage.origin, await makeDevice());
    await client.connected(AbortSignal.timeout(10_000));
    const absent = new Promise<string>((resolve) => client.onUndelivered((_to, _number, code) => resolve(code)));
    for (let count = 0; count < 50; count += 1)
      send(unicast(parseDeviceId(fromHex(device.id)), randomBytes(count * 20)));
    send(unicast(parseDeviceId(fromHex(phones[0]?.id ?? ''))));
    expect(await absent).toBe('absent');
    client.close();
  });

  test('garbage at the rendezvous is refused', async () => {
    const id = randomBytes(32).toString('base64url');
    const sender = randomBytes(16).toString('base64url');
    for (const [path, body] of [
      [id, 'no json'],
      [id, '[]'],
      [id, JSON.stringify({ sender, seqno: -1, msg: '' })],
      [id, JSON.stringify({ sender: '', seqno: 1, msg: 'AA' })],
      [id, JSON.stringify({ sender, seqno: 1, msg: 'A'.repeat(100_000) })],
      ['..%2f..%2f', JSON.stringify({ sender, seqno: 1, msg: 'AA' })],
      [`${id}?poll=x&low=-1`, undefined],
      [`${id}?receiver=${sender}&low=1e99&poll=99999999`, undefined],
    ] as const) {
      const init = body === undefined ? {} : { method: 'POST', body, headers: { 'content-type': 'application/json' } };
      const { status: code } = await fetch(`${stage.origin}/v1/rendezvous/${path}`, init);
      expect(code, `${path} ${body?.slice(0, 40)}`).toBeGreaterThanOrEqual(400);
      expect(code, `${path} ${body?.slice(0, 40)}`).toBeLessThan(500);
    }
  });

  test('ssh goes on to local keys after 30 s, with nothing signed', async () => {
    expect(await ssh.ended(40_000)).toBe(0);
    const tookMs = performance.now() - startedAt;
    expect(tookMs).toBeGreaterThan(29_000);
    expect(tookMs).toBeLessThan(35_000);
    expect(ssh.output).toMatch(/Palmkey ▶ Pixel is not connected, going on with local keys[\s\S]*logged-in/);
    expect(await stage.outcomes()).toEqual(['approved', 'expired']);
  });

  test('nothing is lost: the app opens on an empty inbox, and the next login works', async () => {
    await stage.openApp();
    await stage.page.getByText('Nothing is asking.').waitFor();
    await logIn();
    expect(stage.browser.signed()).toBe(1);
    expect(await stage.outcomes()).toEqual(['approved', 'expired', 'approved']);
    expect(stage.daemon.child.exitCode).toBeNull();
    expect(stage.relay?.exitCode).toBeNull();
  });
});

function unicast(peer: DeviceId, body: Uint8Array = randomBytes(100)): Uint8Array {
  return encodeFrame({
    type: FrameType.unicast,
    lifetimeS: 0,
    number: 1,
    peer,
    coalescingKey: 0,
    body: sealedBody(body),
  });
}

/** What a socket says to these bytes before it ends. */
function answerTo(options: NetConnectOpts, bytes: Uint8Array): Promise<string> {
  return new Promise((resolve, reject) => {
    let answer = '';
    const socket = connect(options, () => socket.end(bytes));
    socket.setEncoding('latin1').on('data', (text: string) => (answer += text));
    // An end in the middle of our writing is an answer too.
    socket.on('error', () => undefined);
    socket.on('close', () => resolve(answer));
    socket.setTimeout(10_000, () => reject(new Error('it hangs')));
  });
}

/** Resolves when the relay ends the connection over this message. */
function closedAfter(message: Uint8Array): Promise<void> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error('it hangs')), 5_000);
    const socket = nodeSockets.connect(`${stage.origin.replace('http', 'ws')}/v1/socket`, {
      onOpen: () => socket.send(message),
      onMessage: () => undefined,
      onClose: () => {
        clearTimeout(timer);
        resolve();
      },
    });
  });
}
