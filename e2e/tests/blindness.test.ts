/** What passes a relay, what it stores and what it logs, searched for words that only the two ends may know. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { toHex } from '@palmkey/envelope';
import { paths } from '@palmkey/host/control';
import { startTryServer } from '../../packages/cli/src/try-server/try-server.ts';
import { approve } from '../lib/approve.ts';
import { openBrowser, type PhoneBrowser } from '../lib/browser.ts';
import { findForms, formsOf } from '../lib/canary.ts';
import { Child } from '../lib/child.ts';
import { palmkey, startPalmkey } from '../lib/palmkey.ts';
import { makeKey, readCode } from '../lib/phone.ts';
import { startTap, type Tap } from '../lib/tap.ts';
import { freePort, tempFolder } from '../lib/temp.ts';

const canaries = {
  user: 'canary-user-x7Qp2',
  // ssh makes host names lower case.
  host: 'canary-host-m4zt9.example.org',
  key: 'canary-key-w8Lr5',
  phone: 'canary-phone-b3Ny6',
};

const folder = tempFolder();
const home = join(folder.path, 'host');
const relayHome = join(folder.path, 'relay');
let tap: Tap;
let relay: Child;
let host: Child;
let browser: PhoneBrowser;
let status: { device: { id: string }; phones: { keys: { line: string }[] }[] };

beforeAll(async () => {
  const port = await freePort();
  tap = await startTap(port);
  const seen = `http://localhost:${tap.port}`;
  relay = startPalmkey(relayHome, 'relay', '--port', String(port), '--public-url', seen);
  await relay.prints(/palmkey up --relay/);
  host = startPalmkey(home, 'up', '--relay', seen);
  const [link] = await host.prints(/https?:\/\/\S+\/pair#[A-Za-z0-9_-]+/);
  browser = await openBrowser(join(folder.path, 'profile'));
  const { page } = browser;
  await page.goto(link);
  await makeKey(page, { key: canaries.key, device: canaries.phone });
  host.write(`${await readCode(page)}\n`);
  await page.getByRole('button', { name: 'Go to the inbox' }).click();
  status = JSON.parse((await palmkey(home, 'status', '--json')).stdout) as typeof status;

  const at = paths(home);
  await using server = await startTryServer({
    folder: join(folder.path, 'server'),
    port: await freePort(),
    keys: () => status.phones.flatMap(({ keys }) => keys) as never,
    agentSocket: at.agentSocket,
    knownHostsCommand: at.knownHostsCommand,
  });
  const options = ['-o', `User=${canaries.user}`, '-o', `HostKeyAlias=${canaries.host}`];
  const ssh = new Child('ssh', ['-F', server.sshConfig, ...options, 'try', 'echo', 'in']);
  await page.getByRole('heading', { name: new RegExp(canaries.host) }).waitFor();
  await approve(page);
  expect(await ssh.ended()).toBe(0);
  await page.getByText(/confirmed/).waitFor();
});

afterAll(async () => {
  await browser[Symbol.asyncDispose]();
  await host[Symbol.asyncDispose]();
  await relay[Symbol.asyncDispose]();
  await tap[Symbol.asyncDispose]();
  folder[Symbol.dispose]();
});

/** Every file of the relay's folder, its database and write-ahead log among them. */
function stored(path = relayHome): Buffer {
  return Buffer.concat(
    readdirSync(path, { withFileTypes: true }).map((entry) => {
      const full = join(path, entry.name);
      return entry.isDirectory() ? stored(full) : entry.isFile() ? readFileSync(full) : Buffer.alloc(0);
    }),
  );
}

const places = {
  'its sockets': () => tap.heard(),
  'its store': () => stored(),
  'its log': () => Buffer.from(relay.output),
};

describe.each(Object.keys(places) as (keyof typeof places)[])('the relay: %s', (place) => {
  test.each(Object.entries(canaries))('do not show the %s', (_what, word) => {
    expect(findForms(word, places[place]())).toEqual([]);
  });
});

describe('the search itself', () => {
  test('looked at a login: the sockets carried the device ids and the store has them', () => {
    const id = status.device.id;
    expect(tap.heard().includes(Buffer.from(id, 'hex'))).toBe(true);
    expect(tap.heard().length).toBeGreaterThan(5_000);
    expect(relay.output.length).toBeGreaterThan(100);
    expect(stored().length).toBeGreaterThan(4_000);
  });

  test('finds a word that a client sends in the clear, through the tap and unmasked', async () => {
    const word = 'canary-control-k9Vd1';
    const socket = new (await import('ws')).WebSocket(`ws://localhost:${tap.port}/v1/socket`);
    const closed = new Promise((resolve) => socket.once('close', resolve));
    socket.once('open', () => socket.send(Buffer.from(`${'x'.repeat(40)}${word}`)));
    await closed;
    expect(findForms(word, tap.heard())).toContain('raw');
    await fetch(`http://localhost:${tap.port}/v1/rendezvous/${Buffer.from(word).toString('base64url')}`);
    expect(findForms(word, tap.heard())).toEqual(expect.arrayContaining(['raw', 'base64url at 0']));
  });

  test.each(Object.keys(formsOf('x')))('finds a word as %s among other bytes', (form) => {
    const word = canaries.host;
    const encoded = formsOf(word)[form] ?? Buffer.alloc(0);
    expect(findForms(word, Buffer.concat([tap.heard(), encoded, Buffer.from(toHex(encoded))]))).toContain(form);
  });

  test.each([0, 1, 2])('knows base64 with %i bytes before the word', (offset) => {
    const text = Buffer.from(`${'abc'.slice(0, offset)}${canaries.user}!`).toString('base64');
    expect(findForms(canaries.user, Buffer.from(text))).toContain(`base64 at ${offset}`);
  });
});
