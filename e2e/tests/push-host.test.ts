/** A computer wakes a phone that is away: through its relay, with Web Push, at a push service on loopback. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import type { LogFact, StatusFact } from '@palmkey/host/control';
import { fromBase64Url } from '@palmkey/envelope';
import { encodeRequest, requestHash } from '@palmkey/core/requests';
import { PushService } from '../../packages/relay/src/testing/push-service.ts';
import type { Child } from '../lib/child.ts';
import { type Daemon, palmkey, startPalmkey, startUp } from '../lib/palmkey.ts';
import { pairScriptedPhone, type ScriptedPhone } from '../lib/scripted-phone.ts';
import { type SshClient, sshClient } from '../lib/ssh.ts';
import { type Sshd, startSshd } from '../lib/sshd.ts';
import { freePort, tempFolder } from '../lib/temp.ts';

const folder = tempFolder();
const home = join(folder.path, 'home');
let origin: string;
let service: PushService;
let relay: Child;
let daemon: Daemon;
let sshd: Sshd;
let ssh: SshClient;
let phone: ScriptedPhone;

beforeAll(async () => {
  service = await PushService.start();
  const ca = join(folder.path, 'push-ca.pem');
  writeFileSync(ca, service.ca);
  const port = await freePort();
  const push = ['--push-contact', 'mailto:operator@relay.example', '--push-services', service.host];
  const flags = ['--port', String(port), ...push, '--push-ca-file', ca];
  relay = startPalmkey(join(folder.path, 'relay'), 'relay', ...flags);
  await relay.prints(/palmkey up --relay/);
  origin = `http://localhost:${port}`;
  const args = ['--no-pair', '--relay', origin];
  daemon = startUp({ home, port: await freePort(), args });
  await daemon.child.prints(/Ctrl-C stops/);
  phone = await pairScriptedPhone(home, { name: 'Pixel', speaks: { from: 1, to: 3 } });
  sshd = await startSshd(join(folder.path, 'sshd'));
  sshd.authorize([phone.keyLine]);
  ssh = sshClient(folder.path, home, sshd);
  expect(await ssh.start('true').ended()).toBe(0);
});
afterAll(async () => {
  phone[Symbol.dispose]();
  for (const part of [sshd, daemon, relay, service]) await part[Symbol.asyncDispose]();
  folder[Symbol.dispose]();
});
beforeEach(async () => {
  service.answer = { status: 201 };
  await phone.connect();
  await phone.wakeMeAt(service.subscribe());
  phone.leave();
});

const newestLogin = async () =>
  (JSON.parse((await palmkey(home, 'log', '--json')).stdout) as LogFact[])
    .filter(({ kind }) => kind === 'login')
    .toSorted((a, b) => b.at - a.at)[0];

test('the push carries a preview that the phone opens; it comes, is asked, and the login goes on', async () => {
  const before = phone.asked.length;
  const login = ssh.startInTerminal('echo', 'logged-in');
  const push = await service.next();
  expect(push).toMatchObject({ urgency: 'high', vapid: { sub: 'mailto:operator@relay.example' } });
  expect(push.ttlS).toBeGreaterThan(60);
  const content = await phone.open(fromBase64Url(push.payload.toString()));
  const server = { name: 'prod-3.example.org', port: 22 };
  expect(content).toMatchObject({ kind: 'preview', of: { what: 'login', user: sshd.user, server } });
  await login.prints(/Palmkey ▶ waking Pixel by push…/);
  await phone.connect();
  expect(await login.ended()).toBe(0);
  expect(login.output).toContain('logged-in');
  const request = phone.asked[before];
  if (content.kind !== 'preview' || request === undefined) throw new Error('nothing was asked');
  expect(content.hash).toEqual(requestHash(encodeRequest(request)));
  expect(await newestLogin()).toMatchObject({ outcome: 'approved', woken: 'handed' });
  const { phones } = JSON.parse((await palmkey(home, 'status', '--json')).stdout) as StatusFact;
  expect(phones).toMatchObject([{ push: { woken: 'handed' } }]);
});

test('a registration that its push service calls gone is told as one that is not there', async () => {
  service.answer = { status: 410 };
  const login = ssh.startInTerminal('true');
  await login.prints(/Palmkey ▶ Pixel does not answer and has no push set up: open the app there…/);
  await phone.connect();
  expect(await login.ended()).toBe(0);
  const doctor = await palmkey(home, 'doctor');
  expect(doctor.stdout).toContain('Pixel has no push set up');
  expect(doctor.stdout).toContain(`phones that are away are woken through ${origin}`);
});

test('a push service that refuses is told, and the phone may still come by itself', async () => {
  service.answer = { status: 403 };
  const login = ssh.startInTerminal('true');
  await login.prints(/Palmkey ▶ the push service refused to wake Pixel: open the app there…/);
  await phone.connect();
  expect(await login.ended()).toBe(0);
  expect(await newestLogin()).toMatchObject({ outcome: 'approved', woken: 'refused' });
});

test('the relay writes down neither the endpoint nor what was pushed', () => {
  expect(relay.output).toContain('push');
  for (const secret of [service.host, '/push/']) expect(relay.output).not.toContain(secret);
});
