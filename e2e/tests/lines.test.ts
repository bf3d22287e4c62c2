/** A login where the network breaks WebSockets, on both sides: all of it goes over lines (spec/relay.md, "lines"). */
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { approve } from '../lib/approve.ts';
import type { Child } from '../lib/child.ts';
import { type Daemon, startPalmkey, startUp } from '../lib/palmkey.ts';
import { pairFresh, type Paired } from '../lib/phone.ts';
import { type SshClient, sshClient } from '../lib/ssh.ts';
import { type Sshd, startSshd } from '../lib/sshd.ts';
import { freePort, tempFolder } from '../lib/temp.ts';
import { type Breakage, startWebSocketBreaker, type WebSocketBreaker } from '../lib/websocket-breaker.ts';

describe.each(['refused', 'silent'] as const)('with upgrades %s', (breakage: Breakage) => {
  const folder = tempFolder();
  let relay: Child;
  let proxy: WebSocketBreaker;
  let daemon: Daemon;
  let phone: Paired;
  let sshd: Sshd;
  let ssh: SshClient;

  beforeAll(async () => {
    const port = await freePort();
    proxy = await startWebSocketBreaker(port, breakage);
    const origins = `${proxy.origin},http://localhost:${port}`;
    relay = startPalmkey(join(folder.path, 'relay'), 'relay', '--port', String(port), '--public-url', origins);
    await relay.prints(/palmkey up --relay/);
    const home = join(folder.path, 'home');
    daemon = startUp({ home, port: await freePort(), args: ['--relay', proxy.origin] });
    phone = await pairFresh(daemon, join(folder.path, 'phone'));
    sshd = await startSshd(join(folder.path, 'sshd'));
    sshd.authorize([phone.keyLine]);
    ssh = sshClient(folder.path, home, sshd);
  });

  afterAll(async () => {
    for (const part of [phone, sshd, daemon, proxy, relay]) await part[Symbol.asyncDispose]();
    folder[Symbol.dispose]();
  });

  async function login(): Promise<void> {
    const child = ssh.startInTerminal('echo', 'logged-in');
    await approve(phone.page);
    expect(await child.ended()).toBe(0);
    expect(child.output).toContain('logged-in');
  }

  test('a phone is paired and a login goes through', async () => {
    await login();
    expect(proxy.seen.upgrades).toBeGreaterThan(0);
    expect(proxy.seen.lineRequests).toBeGreaterThan(4);
  });

  test('an app that was closed has the request when it is opened', async () => {
    await phone.page.goto('about:blank');
    const child = ssh.startInTerminal('echo', 'logged-in');
    await child.prints(/asking/);
    await phone.page.goto(proxy.origin);
    await approve(phone.page);
    expect(await child.ended()).toBe(0);
  });

  test('with upgrades working again, a new visit is on a WebSocket', async () => {
    proxy.mend();
    const before = proxy.seen.upgrades;
    await phone.page.reload();
    await login();
    expect(proxy.seen.upgrades).toBeGreaterThan(before);
  });
});
