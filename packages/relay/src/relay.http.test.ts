import { FrameType, parseNameplate, parseRendezvousId, toBase64Url } from '@palmkey/envelope';
import { randomBytes } from 'node:crypto';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { TestDevice } from './testing/test-device.ts';
import { testRelay } from './testing/test-relay.ts';
import { version } from './version.ts';
import manifest from '../package.json' with { type: 'json' };

const random = (length: number) => toBase64Url(randomBytes(length));

async function openRendezvous() {
  const relay = await testRelay({ admission: 'open' });
  onTestFinished(() => relay.close());
  const socket = await new TestDevice().enter(relay.url);
  const id = parseRendezvousId(new Uint8Array(randomBytes(32)));
  socket.control(FrameType.rendezvousOpen, 1, id);
  await socket.next();
  const url = `${relay.url}/v1/rendezvous/${toBase64Url(id)}`;
  const post = async (body: unknown) => {
    const headers = { 'content-type': 'application/json' };
    const response = await fetch(url, { method: 'POST', headers, body: JSON.stringify(body) });
    return { status: response.status, body: (await response.json()) as Record<string, unknown> };
  };
  const get = async (query: string) => {
    const response = await fetch(`${url}?${query}`);
    return { status: response.status, body: (await response.json()) as Record<string, unknown> };
  };
  return { relay, socket, id, url, post, get };
}

describe('rendezvous over HTTP', () => {
  test('a message is left once, repeated without effect, and not replaced', async () => {
    const { post, get } = await openRendezvous();
    const message = { sender: random(16), seqno: 1, msg: random(100) };
    expect((await post(message)).status).toBe(201);
    expect((await post(message)).status).toBe(200);
    const conflict = await post({ ...message, msg: random(100) });
    expect([conflict.status, conflict.body.error]).toEqual([409, 'conflict']);
    expect((await post({ ...message, seqno: 2, msg: '' })).status).toBe(201);
    const all = await get(`receiver=${random(16)}&low=1&poll=0`);
    expect(all.body).toEqual({ messages: [message, { ...message, seqno: 2, msg: '' }] });
    expect((await get(`receiver=${message.sender}&low=1&poll=0`)).body).toEqual({ messages: [] });
    expect((await get(`receiver=${random(16)}&low=3&poll=0`)).body).toEqual({ messages: [] });
  });

  test('a poll is answered by the message that comes, and by the end of the rendezvous', async () => {
    const { post, get, socket, id } = await openRendezvous();
    const message = { sender: random(16), seqno: 1, msg: random(10) };
    const [polled] = await Promise.all([get(`receiver=${random(16)}&low=1&poll=30000`), post(message)]);
    expect(polled.body).toEqual({ messages: [message] });
    const ended = get(`receiver=${random(16)}&low=2&poll=30000`);
    const { post: otherPost } = { post };
    await otherPost({ ...message, sender: random(16) });
    socket.control(FrameType.rendezvousClose, 2, Uint8Array.of(...id, 0));
    const answer = await ended;
    expect([answer.status, answer.body.error]).toEqual([404, 'no-rendezvous']);
  });

  test('what is not well formed is refused', async () => {
    const { post, get, url, relay } = await openRendezvous();
    const good = { sender: random(16), seqno: 1, msg: random(10) };
    const bad = [
      { ...good, sender: random(15) },
      { ...good, sender: `${good.sender}=` },
      { ...good, seqno: -1 },
      { ...good, seqno: 1.5 },
      { ...good, seqno: '1' },
      { ...good, msg: 'a+b/' },
      { ...good, more: 1 },
      { sender: good.sender, seqno: 1 },
      [],
      'text',
    ];
    for (const body of bad) {
      const answer = await post(body);
      expect([answer.status, answer.body.error]).toEqual([400, 'bad-frame']);
    }
    for (const query of [
      '',
      `receiver=${random(16)}&low=1`,
      `receiver=${random(16)}&low=01&poll=0`,
      'receiver=x&low=1&poll=0',
    ]) {
      expect((await get(query)).status).toBe(400);
    }
    expect((await fetch(`${relay.url}/v1/rendezvous/short?receiver=${random(16)}&low=1&poll=0`)).status).toBe(400);
    expect((await fetch(url, { method: 'POST', body: 'x', headers: { 'content-type': 'text/plain' } })).status).toBe(
      400,
    );
  });

  test('16 KiB are the longest message', async () => {
    const { post } = await openRendezvous();
    expect((await post({ sender: random(16), seqno: 1, msg: random(16 * 1024) })).status).toBe(201);
    const over = await post({ sender: random(16), seqno: 1, msg: random(16 * 1024 + 1) });
    expect([over.status, over.body.error]).toEqual([413, 'too-large']);
    const far = await post({ sender: random(16), seqno: 1, msg: random(100_000) });
    expect([far.status, far.body.error]).toEqual([413, 'too-large']);
  });

  test('16 senders are the most', async () => {
    const { post } = await openRendezvous();
    for (let i = 0; i < 16; i++) expect((await post({ sender: random(16), seqno: 1, msg: '' })).status).toBe(201);
    const over = await post({ sender: random(16), seqno: 1, msg: '' });
    expect([over.status, over.body.error]).toEqual([507, 'rendezvous-full']);
  });

  test('240 posts a minute are the most from one address', async () => {
    const { post } = await openRendezvous();
    const message = { sender: random(16), seqno: 1, msg: '' };
    for (let i = 0; i < 240; i++) expect((await post(message)).status).toBeLessThan(300);
    const over = await post(message);
    expect([over.status, over.body.error]).toEqual([429, 'rate-limited']);
    expect(over.body.retryAfterMs).toBeGreaterThan(0);
  });

  test('a rendezvous that is not open is not there', async () => {
    const { relay } = await openRendezvous();
    const response = await fetch(`${relay.url}/v1/rendezvous/${random(32)}?receiver=${random(16)}&low=1&poll=0`);
    expect([response.status, await response.json()]).toMatchObject([404, { error: 'no-rendezvous' }]);
  });

  test('an app of another origin may ask, without credentials', async () => {
    const { url } = await openRendezvous();
    const preflight = await fetch(url, { method: 'OPTIONS', headers: { origin: 'https://app.example.org' } });
    expect(preflight.status).toBe(204);
    expect(preflight.headers.get('access-control-allow-origin')).toBe('*');
    expect(preflight.headers.get('access-control-allow-headers')).toBe('content-type');
    expect(preflight.headers.get('access-control-allow-credentials')).toBeNull();
    const refused = await fetch(url);
    expect(refused.headers.get('access-control-allow-origin')).toBe('*');
  });
});

describe('what a relay says of itself', () => {
  test.each([
    ['members', ['invitation']],
    ['open', ['open', 'invitation']],
  ] as const)('is how it admits where it is for %s, to an app of any origin', async (admission, ways) => {
    const relay = await testRelay({ admission });
    onTestFinished(() => relay.close());
    const response = await fetch(`${relay.url}/v1/relay`, { headers: { origin: 'https://app.example.org' } });
    expect(response.headers.get('access-control-allow-origin')).toBe('*');
    expect(await response.json()).toEqual({
      version: expect.any(String) as string,
      protocol: 2,
      admission: ways,
      own: false,
      push: null,
    });
  });

  test('is that it is the relay of one computer, where it is', async () => {
    const relay = await testRelay({ own: true });
    onTestFinished(() => relay.close());
    expect(await (await fetch(`${relay.url}/v1/relay`)).json()).toMatchObject({ admission: ['invitation'], own: true });
  });

  test('is the key that it pushes with, where it does', async () => {
    const relay = await testRelay({ push: { contact: 'mailto:ops@example.org', services: [] } });
    onTestFinished(() => relay.close());
    const facts = (await (await fetch(`${relay.url}/v1/relay`)).json()) as { push: { key: string } };
    expect(Buffer.from(facts.push.key, 'base64url')).toHaveLength(65);
  });
});

describe('the app', () => {
  async function relayWithApp() {
    const appDir = await mkdtemp(join(tmpdir(), 'palmkey-app-'));
    await mkdir(join(appDir, 'assets'));
    await writeFile(join(appDir, 'index.html'), '<!doctype html><title>Palmkey</title>');
    await writeFile(join(appDir, 'service-worker.js'), '//');
    for (const name of ['index-1a2b3c4d.js', 'scrypt-worker-1a2b3c4d.js', 'my-scrypt-worker-1a2b3c4d.js'])
      await writeFile(join(appDir, 'assets', name), '//');
    await writeFile(join(appDir, 'scrypt-worker-1a2b3c4d.js'), '//');
    const relay = await testRelay({ appDir });
    onTestFinished(async () => {
      await relay.close();
      await rm(appDir, { recursive: true });
    });
    return relay.url;
  }

  test('index.html and the service worker are asked for again, hashed files never', async () => {
    const url = await relayWithApp();
    const cachingOf = async (path: string) => (await fetch(url + path)).headers.get('cache-control');
    expect(await cachingOf('/')).toBe('no-cache');
    expect(await cachingOf('/service-worker.js')).toBe('no-cache');
    expect(await cachingOf('/assets/index-1a2b3c4d.js')).toBe('public, max-age=31536000, immutable');
  });

  test('a browser that navigates gets the app, anything else 404', async () => {
    const url = await relayWithApp();
    const page = await fetch(`${url}/pair`, { headers: { accept: 'text/html,*/*' } });
    expect([page.status, page.headers.get('cache-control')]).toEqual([200, 'no-cache']);
    expect(await page.text()).toContain('Palmkey');
    expect((await fetch(`${url}/missing.js`)).status).toBe(404);
    expect((await fetch(`${url}/v1/other`, { headers: { accept: 'text/html' } })).status).toBe(404);
    expect((await fetch(`${url}/%2e%2e%2f%2e%2e%2fetc/passwd`)).status).not.toBe(200);
  });

  test('every answer is fenced in', async () => {
    const url = await relayWithApp();
    for (const path of ['/', '/health', '/nothing']) {
      const { headers } = await fetch(url + path);
      const policy = headers.get('content-security-policy');
      expect(policy).toContain("script-src 'self';");
      expect(policy).toContain("frame-ancestors 'none'");
      expect(policy).not.toContain('unsafe');
      expect(headers.get('permissions-policy')).toContain('camera=(self)');
      expect(headers.get('x-content-type-options')).toBe('nosniff');
    }
  });

  test('the scrypt worker alone may compile WebAssembly, and reaches nothing', async () => {
    const url = await relayWithApp();
    const policyOf = async (path: string) => (await fetch(url + path)).headers.get('content-security-policy');
    expect(await policyOf('/assets/scrypt-worker-1a2b3c4d.js')).toBe(
      "default-src 'none';script-src 'self' 'wasm-unsafe-eval';frame-ancestors 'none'",
    );
    const page = await policyOf('/');
    for (const path of ['/assets/my-scrypt-worker-1a2b3c4d.js', '/scrypt-worker-1a2b3c4d.js', '/assets/scrypt-worker-'])
      expect(await policyOf(path), path).toBe(page);
  });

  test('health tells the version of the package', async () => {
    const url = await relayWithApp();
    expect(await (await fetch(`${url}/health`)).json()).toEqual({ ok: true, version });
    expect(version).toBe(manifest.version);
  });
});

test('a nameplate leads to its rendezvous once, and ten are tried in a minute', async () => {
  const host = new TestDevice();
  const relay = await testRelay();
  onTestFinished(() => relay.close());
  await relay.admit(host);
  const socket = await host.enter(relay.url);
  const id = parseRendezvousId(new Uint8Array(randomBytes(32)));
  socket.control(FrameType.rendezvousOpen, 1, id);
  expect((await socket.next()).type).toBe(FrameType.done);
  socket.control(FrameType.nameplateAllocate, 2, id);
  const nameplate = parseNameplate((await socket.next()).body);
  const claim = async (number: string) => {
    const answer = await fetch(`${relay.url}/v1/nameplates/${number}`, { method: 'POST' });
    const body: unknown = await answer.json();
    return [answer.status, body];
  };
  expect(await claim(String(nameplate))).toEqual([200, { id: toBase64Url(id) }]);
  const gone = [404, { error: 'no-nameplate', message: 'relay: no-nameplate' }];
  expect(await claim(String(nameplate))).toEqual(gone);
  for (const number of ['0', '4294967295']) expect(await claim(number)).toEqual(gone);
  for (const number of ['-1', '1e3', '4294967296', '01']) expect((await claim(number))[0]).toBe(400);
  for (const number of ['1', '2']) await claim(number);
  expect((await claim('3'))[0]).toBe(429);
});
