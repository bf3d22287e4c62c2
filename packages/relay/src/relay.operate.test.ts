import { FrameType, NOBODY, parseRendezvousId, toBase64Url } from '@palmkey/envelope';
import { readFile } from 'node:fs/promises';
import { request } from 'node:http';
import { connect } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { Readiness } from './readiness.ts';
import { openDatabase } from './store/database.ts';
import { TestClock } from './testing/test-clock.ts';
import { TestDevice } from './testing/test-device.ts';
import { codeOf, testRelay } from './testing/test-relay.ts';

type Started = Awaited<ReturnType<typeof testRelay>>;

async function started(options: Parameters<typeof testRelay>[0] = {}): Promise<Started> {
  const relay = await testRelay(options);
  onTestFinished(() => relay.close());
  return relay;
}

/** One metric's value, with its label if it has one. */
async function metric(relay: Started, name: string, label = ''): Promise<number> {
  const text = await (await fetch(`${relay.url}/metrics`)).text();
  const line = text.split('\n').find((found) => found.startsWith(`${name}${label} `));
  return Number(line?.split(' ').at(-1));
}

test('metrics tell what was let in, what passed and what was refused', async () => {
  const relay = await started();
  const [ada, bob] = [new TestDevice(), new TestDevice()];
  for (const device of [ada, bob]) await relay.admit(device);
  const [from, to] = [await ada.enter(relay.url), await bob.enter(relay.url)];
  from.unicast(bob.id, 1, new Uint8Array(100));
  await to.next();
  from.unicast(new TestDevice().id, 2, new Uint8Array(1));
  expect(codeOf(await from.next())).toBe('absent');
  expect(codeOf(await (await new TestDevice().connect(relay.url)).next())).toBe('not-admitted');
  expect(await metric(relay, 'palmkey_devices_connected')).toBe(2);
  expect(await metric(relay, 'palmkey_admissions_total', '{outcome="admitted"}')).toBe(2);
  expect(await metric(relay, 'palmkey_admissions_total', '{outcome="not-admitted"}')).toBe(1);
  expect(await metric(relay, 'palmkey_frames_received_total', '{type="unicast"}')).toBe(2);
  expect(await metric(relay, 'palmkey_frames_sent_total', '{type="unicast"}')).toBe(1);
  expect(await metric(relay, 'palmkey_errors_total', '{code="absent"}')).toBe(1);
  expect(await metric(relay, 'palmkey_errors_total', '{code="not-admitted"}')).toBe(1);
  expect(await metric(relay, 'palmkey_received_bytes_total')).toBeGreaterThan(240);
  // A second scrape says the same, and no more.
  expect(await metric(relay, 'palmkey_errors_total', '{code="absent"}')).toBe(1);
  expect(await metric(relay, 'process_resident_memory_bytes')).toBeGreaterThan(1);
  expect(await metric(relay, 'nodejs_eventloop_lag_p99_seconds')).toBeGreaterThanOrEqual(0);
});

test('metrics count mail and the commits of what is durable', async () => {
  const relay = await started();
  const [ada, bob] = [new TestDevice(), new TestDevice()];
  for (const device of [ada, bob]) await relay.admit(device);
  const from = await ada.read(relay.url);
  from.mail(bob.id, 1, new Uint8Array(10), { lifetimeS: 60, durable: true });
  expect((await from.next()).type).toBe(FrameType.stored);
  const to = await bob.read(relay.url);
  expect((await to.next()).number).toBe(1);
  expect(await metric(relay, 'palmkey_mail_taken_total')).toBe(1);
  expect(await metric(relay, 'palmkey_mail_delivered_total')).toBe(1);
  expect(await metric(relay, 'palmkey_journal_commits_total')).toBe(1);
  expect(await metric(relay, 'palmkey_journal_messages_total')).toBe(1);
  expect(await metric(relay, 'palmkey_mailbox_bytes')).toBeGreaterThan(0);
});

test('metrics have no label that tells devices apart, and no id', async () => {
  const relay = await started();
  const ada = new TestDevice();
  await relay.admit(ada);
  (await ada.enter(relay.url)).unicast(NOBODY, 1, new Uint8Array(1));
  const text = await (await fetch(`${relay.url}/metrics`)).text();
  const labels = new Set([...text.matchAll(/^palmkey_[^{\n]+\{([a-z]+)=/gm)].map(([, label]) => label));
  expect([...labels].sort()).toEqual(['code', 'outcome', 'type']);
  expect(text).not.toContain(Buffer.from(ada.id).toString('hex').slice(0, 8));
});

test('metrics are those that the operators’ page explains, and no others', async () => {
  const relay = await started();
  const text = await (await fetch(`${relay.url}/metrics`)).text();
  const page = await readFile(new URL('../../../docs/operators.md', import.meta.url), 'utf8');
  const explained = new Set(page.match(/(?:palmkey|nodejs|process)_[a-z0-9_]*[a-z]/g));
  explained.delete('palmkey_bus_connected');
  for (const name of explained) expect(text).toContain(`\n${name}`);
  for (const [, name = ''] of text.matchAll(/^# TYPE (palmkey_[a-z_]+)/gm)) expect(explained).toContain(name);
});

/** A request from this computer, as a proxy on it or somebody with a token would send it. */
function statusOf(url: string, headers: Record<string, string>): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    const asked = request(url, { headers }, (answer) => {
      answer.resume();
      resolve(answer.statusCode);
    });
    asked.on('error', reject);
    asked.end();
  });
}

test('metrics are for this computer, not for whom a proxy on it serves, and for the token', async () => {
  const relay = await started({ metricsToken: 'scraper' });
  const url = `${relay.url}/metrics`;
  expect(await statusOf(url, {})).toBe(200);
  expect(await statusOf(url, { 'x-forwarded-for': '203.0.113.9' })).toBe(401);
  expect(await statusOf(url, { forwarded: 'for=203.0.113.9' })).toBe(401);
  const proxied = { 'x-forwarded-for': '203.0.113.9' };
  expect(await statusOf(url, { ...proxied, authorization: 'Bearer scraper' })).toBe(200);
  for (const authorization of ['Bearer scrapes', 'Bearer ', 'scraper', '']) {
    expect(await statusOf(url, { ...proxied, authorization })).toBe(401);
  }
  const without = await started();
  expect(await statusOf(`${without.url}/metrics`, { ...proxied, authorization: 'Bearer undefined' })).toBe(401);
});

test('a relay is ready, and while it drains says so and lets nobody in', async () => {
  const clock = new TestClock();
  const relay = await testRelay({ clock, drainMs: 10_000 });
  const devices = Array.from({ length: 60 }, () => new TestDevice());
  for (const device of devices) await relay.admit(device);
  const sockets = await Promise.all(devices.map((device) => device.enter(relay.url)));
  expect(await (await fetch(`${relay.url}/ready`)).json()).toMatchObject({ ok: true });
  const closed = relay.close();
  const answer = await fetch(`${relay.url}/ready`);
  expect([answer.status, await answer.json()]).toEqual([503, { ok: false, waitsFor: ['draining'] }]);
  expect((await fetch(`${relay.url}/health`)).status).toBe(200);
  const upgrade = { connection: 'Upgrade', upgrade: 'websocket', 'sec-websocket-version': '13' };
  expect(
    await statusOf(`${relay.url}/v1/socket`, { ...upgrade, 'sec-websocket-key': 'AAAAAAAAAAAAAAAAAAAAAA==' }),
  ).toBe(503);
  // 60 devices are sent away over 120 ms: half of them at once, the others at the second tick.
  expect(codeOf(await sockets[0]!.next())).toBe('draining');
  expect(relay.connections()).toBe(30);
  clock.advance(50);
  await sockets[59]!.next();
  clock.advance(50);
  for (const socket of sockets) expect(await socket.closed).toBe(1001);
  await closed;
  await expect(fetch(`${relay.url}/ready`)).rejects.toThrow();
});

test('a relay that goes down waits for no connection that never asked for anything', async () => {
  // Nothing but the end of a wait moves this clock: who waits for its time waits for ever.
  const relay = await testRelay({ clock: new TestClock() });
  const silent = connect(relay.port, '127.0.0.1');
  const ended = new Promise((resolve) => silent.once('close', resolve));
  await new Promise((resolve) => silent.once('connect', resolve));
  // One that has asked keeps its connection, and the relay has taken the other by then.
  await (await fetch(`${relay.url}/health`)).json();
  await relay.close();
  await ended;
});

test('a relay that goes down answers a poll that waits, and waits for no further request on its connection', async () => {
  const relay = await testRelay({ clock: new TestClock(), admission: 'open' });
  const socket = await new TestDevice().enter(relay.url);
  const id = parseRendezvousId(new Uint8Array(32).fill(1));
  socket.control(FrameType.rendezvousOpen, 1, id);
  await socket.next();
  const query = `receiver=${toBase64Url(new Uint8Array(16))}&low=1&poll=30000`;
  const polled = fetch(`${relay.url}/v1/rendezvous/${toBase64Url(id)}?${query}`);
  // The poll has to be there first.
  await (await fetch(`${relay.url}/health`)).json();
  const closed = relay.close();
  expect(await (await polled).json()).toEqual({ messages: [] });
  await closed;
});

test('few devices are sent away at once, whatever the drain time', async () => {
  const relay = await testRelay({ clock: new TestClock(), drainMs: 60_000 });
  const ada = new TestDevice();
  await relay.admit(ada);
  const socket = await ada.enter(relay.url);
  const closed = relay.close();
  expect(codeOf(await socket.next())).toBe('draining');
  await closed;
});

test('a relay waits for a store that does not answer, and for a bus that it does not hear', async () => {
  const clock = new TestClock();
  const database = await openDatabase(':memory:');
  const [post, bus] = [{ waitsFor: () => null }, { connected: false }];
  const readiness = new Readiness({ clock, database, post, bus });
  expect(await readiness.waitsFor()).toEqual(['bus']);
  await database.close();
  expect(await readiness.waitsFor()).toEqual(['store', 'bus']);
  readiness.drain();
  expect(await readiness.waitsFor()).toEqual(['store', 'bus', 'draining']);
});
