/** A computer leaves its account over a connection that breaks: it signs one link for that place, and posts that one again. */
import { toHex, FrameType, parseChainPost, parseDeviceId, parseFrame, fromHex, type DeviceId } from '@palmkey/envelope';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { openAt } from '../lib/account-pages.ts';
import { printed } from '../lib/account-scene.ts';
import type { Child } from '../lib/child.ts';
import type { Attack, Seat } from '../lib/hostile/attack.ts';
import { typeOf } from '../lib/hostile/chain-attacks.ts';
import { HostileRelay } from '../lib/hostile/hostile-relay.ts';
import { type Daemon, palmkey, startPalmkey, startUp } from '../lib/palmkey.ts';
import { pairFresh, type Paired } from '../lib/phone.ts';
import { freePort, type TempFolder, tempFolder } from '../lib/temp.ts';

let folder: TempFolder;
let home: string;
let relay: Child;
let between: HostileRelay;
let daemon: Daemon;
let phone: Paired;
let computer: DeviceId;

beforeEach(async () => {
  folder = tempFolder();
  home = join(folder.path, 'home');
  const port = await freePort();
  const origin = `http://localhost:${port}`;
  between = await HostileRelay.start();
  between.target = port;
  const wire = `http://localhost:${between.port}`;
  relay = startPalmkey(
    join(folder.path, 'relay'),
    ...['relay', '--port', String(port), '--public-url', origin, '--public-url', wire],
  );
  await relay.prints(/palmkey up --relay/);
  const start = (at: string, ...more: readonly string[]) =>
    startUp({ home, port: port + 1, args: ['--relay', at, ...more] });
  daemon = start(origin);
  phone = await pairFresh(daemon, join(folder.path, 'phone'), { device: 'Pixel' });
  await printed(home, 'account', (text) => text.includes('Pixel') && !text.includes('not checked'));
  const { device } = JSON.parse((await palmkey(home, 'status', '--json')).stdout) as { device: { id: string } };
  computer = parseDeviceId(fromHex(device.id));
  // From here on its way to the relay is the one that breaks.
  await daemon[Symbol.asyncDispose]();
  daemon = start(wire, '--no-pair');
  await daemon.child.prints(/Ctrl-C stops/);
  await printed(home, 'account', (text) => text.includes('Pixel') && !text.includes('not checked'));
});
afterEach(async () => {
  await phone[Symbol.asyncDispose]();
  await daemon[Symbol.asyncDispose]();
  await between[Symbol.asyncDispose]();
  await relay[Symbol.asyncDispose]();
  folder[Symbol.dispose]();
});

/** What the computer's posts are, as they pass; `lost`: none of them arrives. */
function watch(posts: string[], lost: boolean): Attack {
  return {
    fromDevice: (frame, seat) => {
      const isPost = typeOf(frame) === FrameType.chainPost && seat.device !== null;
      if (!isPost || toHex(seat.device) !== toHex(computer)) return [frame];
      posts.push(toHex(parseChainPost(parseFrame(frame).body).links));
      if (!lost) return [frame];
      seat.cut();
      return [];
    },
  };
}

/** The relay gets the post, and the computer not a word after it on that connection. */
function cutBehind(watching: Attack): Attack {
  const posted = new Set<Seat>();
  return {
    fromDevice: (frame, seat) => {
      if (typeOf(frame) === FrameType.chainPost && seat.device !== null) posted.add(seat);
      return watching.fromDevice?.(frame, seat) ?? [frame];
    },
    toDevice: (frame, seat) => {
      if (!posted.has(seat)) return [frame];
      seat.cut();
      return [];
    },
  };
}

const leave = () => palmkey(home, 'account', 'leave', '--yes');

test('whose post is lost says so, is in the account still, and leaves by the same link after a restart', async () => {
  const posts: string[] = [];
  const losing = between.use(watch(posts, true));
  const failed = await leave();
  expect(failed.exitCode, failed.output).not.toBe(0);
  expect(failed.output).toMatch(/is out of reach/);
  losing[Symbol.dispose]();
  await printed(home, 'account', (text) => text.includes('this computer') && !text.includes('not checked'));

  const args = ['--relay', `http://localhost:${between.port}`, '--no-pair'];
  const { port } = daemon;
  await daemon[Symbol.asyncDispose]();
  daemon = startUp({ home, port, args });
  await daemon.child.prints(/Ctrl-C stops/);
  await printed(home, 'account', (text) => text.includes('Pixel') && !text.includes('not checked'));
  using _ = between.use(watch(posts, false));
  const left = await leave();
  expect(left.exitCode, left.output).toBe(0);
  expect(left.output).toContain('This computer is out of your account');
  expect(posts.length).toBeGreaterThan(1);
  expect(new Set(posts).size).toBe(1);
  await isOut();
});

test('whose post is taken and the answer lost is out, and says so', async () => {
  const posts: string[] = [];
  using _ = between.use(cutBehind(watch(posts, false)));
  const left = await leave();
  expect(left.exitCode, left.output).toBe(0);
  expect(left.output).toContain('This computer is out of your account');
  expect(posts.length).toBeGreaterThan(0);
  await isOut();
});

/** The phone has heard of it. */
async function isOut(): Promise<void> {
  await openAt(phone.page, '/devices');
  await phone.page.getByRole('link', { name: /^Pixel/ }).waitFor();
  await phone.page.getByRole('button', { name: /^Removed · 1/ }).waitFor();
  expect(await phone.page.getByRole('heading', { name: 'Computers that ask' }).count()).toBe(0);
}
