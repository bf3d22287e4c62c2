/** A computer with real ssh at a relay that lies: what it is told of its account, and by whom. */
import { join } from 'node:path';
import { parseDeviceName, type Peer } from '@palmkey/core/devices';
import { type Content, Sealer } from '@palmkey/core/messages';
import { parseRequestHash } from '@palmkey/core/requests';
import { replay } from '@palmkey/chain';
import { sha256, webPrimitives } from '@palmkey/core/crypto';
import { encodeFrame, fromHex, FrameType, type DeviceId } from '@palmkey/envelope';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { keysOf, readDevice } from '../../packages/host/src/keys/device-file.ts';
import { revokeDevice } from '../lib/account-pages.ts';
import { approve } from '../lib/approve.ts';
import { showChain } from '../lib/hostile/chain-attacks.ts';
import { listen } from '../lib/hostile/mail-attacks.ts';
import { RealStage } from '../lib/hostile/real-stage.ts';
import { palmkey, startUp } from '../lib/palmkey.ts';
import { confirmLink, readCode } from '../lib/phone.ts';
import { nothingAsks } from '../lib/slip.ts';
import { freePort } from '../lib/temp.ts';

let stage: RealStage;
beforeAll(async () => {
  stage = await RealStage.open(2);
});
afterAll(() => stage[Symbol.asyncDispose]());

/** A frame as the relay delivers it live. */
const delivered = (from: DeviceId, body: Uint8Array) =>
  encodeFrame({ type: FrameType.unicast, lifetimeS: 0, number: 0, peer: from, coalescingKey: 0, body });

describe('a computer of the account that was broken into (role-confusion)', () => {
  let tower: ReturnType<typeof keysOf>;
  let sealer: Sealer;
  /** Who the tower can seal to. */
  const peers = new Map<string, Peer>();

  beforeAll(async () => {
    const home = join(stage.folder, 'tower');
    const daemon = startUp({ home, port: await freePort(), args: ['--relay', stage.origin] });
    const page = stage.page('First phone');
    await page.goto(await daemon.link());
    await confirmLink(page);
    daemon.child.write(`${await readCode(page)}\n`);
    await page.getByRole('heading', { name: /is paired$/ }).waitFor();
    await page.goto(stage.origin);
    const look = async () => expect((await palmkey(home, 'account')).output).toContain('this computer');
    await vi.waitFor(look, { timeout: 60_000, interval: 500 });
    // Its folder is what somebody has who broke into it.
    await daemon[Symbol.asyncDispose]();
    const stored = readDevice(home);
    tower = keysOf(stored.is === 'plain' ? stored.secrets : expect.unreachable());
    const state = await replay({ ...webPrimitives, sha256 }, await stage.links(), null);
    expect(state.find(tower.id)?.kind).toBe('host');
    sealer = new Sealer({
      primitives: webPrimitives,
      device: tower,
      clock: { now: () => Date.now() },
      chain: () => state,
    });
    for (const { id, signingKey, agreementKey, kind } of state.active) {
      const role = kind === 'host' ? 'asks' : 'decides';
      peers.set(Buffer.from(id).toString('hex'), { id, signingKey, agreementKey, name: parseDeviceName('x'), role });
    }
  });

  async function seal(to: DeviceId, content: Content): Promise<Uint8Array> {
    const peer = peers.get(Buffer.from(to).toString('hex')) ?? expect.unreachable();
    return sealer.seal([peer], content);
  }

  test('decides nothing at another computer, in its own name or in a phone’s', async () => {
    const [host, phone] = [await stage.hostId(), await stage.phoneId('First phone')];
    const before = stage.accepted();
    const ssh = stage.login();
    const page = stage.page('First phone');
    await page.getByRole('button', { name: /approve once/i }).waitFor();
    const [waiting] = (await stage.status()).waiting;
    const hash = parseRequestHash(fromHex(waiting?.hash ?? expect.unreachable()));
    const seat = await stage.double.seatOf(host);
    for (const from of [tower.id, phone]) {
      for (const answer of [{ is: 'reject' }, { is: 'approve', signature: new Uint8Array(83) }] as const) {
        seat.toDevice(delivered(from, await seal(host, { kind: 'decision', hash, answer })));
      }
      seat.toDevice(delivered(from, await seal(host, { kind: 'unpair' })));
    }
    // It is still open, and the phone's own word counts.
    await approve(page);
    expect(await ssh.ended(60_000), ssh.output).toBe(0);
    expect(ssh.output).toContain('approved on First phone');
    expect(stage.accepted()).toBe(before + 1);
    expect((await stage.status()).phones).toHaveLength(2);
  });

  test('adds nothing to the account, and answers nothing at a phone', async () => {
    const phone = await stage.phoneId('First phone');
    const { account } = await stage.status();
    const link = Buffer.from((await stage.links()).at(-1)?.json ?? expect.unreachable());
    const seat = await stage.double.seatOf(phone);
    const contents: Content[] = [
      { kind: 'enlist', account: fromHex(account?.id ?? '') as never, link },
      { kind: 'decision', hash: parseRequestHash(new Uint8Array(32).fill(1)), answer: { is: 'reject' } },
      { kind: 'received', hash: parseRequestHash(new Uint8Array(32).fill(1)) },
    ];
    for (const content of contents) seat.toDevice(delivered(tower.id, await seal(phone, content)));
    const page = stage.page('First phone');
    await page.goto(stage.origin);
    await nothingAsks(page);
    expect((await stage.status()).account?.head).toEqual(account?.head);
  });
});

describe('a removal while the computer was off (hide-revocation)', () => {
  let before: number;
  let now: number;
  let word: Uint8Array;

  test('is hidden by the relay, and told by the phone that did it: the removed one’s approval is worth nothing', async () => {
    const [a, b] = [stage.page('First phone'), stage.page('Second phone')];
    const [host, second] = [await stage.hostId(), await stage.phoneId('Second phone')];
    now = stage.double.target;
    before = await stage.fork();
    await stage.stopHost();
    await a.goto('about:blank');
    await revokeDevice(b, 'First phone');
    const heard = listen({ from: second, to: host });
    using _ = stage.double.use(heard.attack);
    await b.goto(stage.origin);
    word = (await heard.after(0)).delivered;
    await b.goto('about:blank');

    // The relay is the one from before: to the computer nothing has happened, and the removed phone is there.
    stage.switchTo(before);
    await a.goto(stage.origin);
    await stage.resumeHost();
    const ssh = stage.login();
    await a.getByRole('button', { name: /approve once/i }).waitFor();
    const accepted = stage.accepted();
    (await stage.double.seatOf(host)).toDevice(word);
    const status = await stage.statusWhere('the alarm', ({ account }) => account?.alarm != null);
    expect(status.account).toMatchObject({ current: false, alarm: { code: 'withheld' } });
    const decisions = listen({ from: await stage.phoneId('First phone'), to: host });
    using _decisions = stage.double.use(decisions.attack);
    await approve(a);
    await decisions.after(0);

    expect(await stage.statusText()).toContain(
      'its relay does not show a change that another of your devices has seen',
    );
    const account = await palmkey(stage.home, 'account');
    expect(account.output).toContain('its relay does not show a change that another of your devices has seen');
    const next = stage.login();
    expect(await next.ended(60_000)).toBe(255);
    expect(next.output).toContain('Palmkey ▶');
    // However the relay has it ask again: nothing takes the phone's word back.
    stage.double.cut();
    await stage.statusWhere('a new connection', ({ relays }) => relays.every(({ state }) => state === 'connected'));
    expect((await stage.status()).account?.alarm?.code).toBe('withheld');
    expect(stage.accepted()).toBe(accepted);
    expect(ssh.exitCode).toBeNull();
    await ssh[Symbol.asyncDispose]();
  });

  test('is heard as soon as the relay shows it: the other phone decides, and the removed one does not', async () => {
    stage.switchTo(now);
    const status = await stage.statusWhere('the chain', ({ account }) => account?.alarm === null && account.current);
    expect(status.phones.map(({ name }) => name)).toEqual(['Second phone']);
    await stage.page('First phone').goto(stage.origin);
    await stage.authorize('Second phone');
    const b = stage.page('Second phone');
    await b.goto(stage.origin);
    const ssh = stage.login();
    await approve(b);
    expect(await ssh.ended(60_000), ssh.output).toBe(0);
    expect(ssh.output).toContain('approved on Second phone');
    await stage.page('First phone').getByText('This device was removed from your account').waitFor();
  });

  test('is not forgotten: an older chain is rolled back, and nobody is asked', async () => {
    const links = await stage.links();
    const [host, account] = [await stage.hostId(), (await stage.status()).account?.id ?? expect.unreachable()];
    using _ = stage.double.use(showChain(fromHex(account) as never, () => links.slice(0, -2), host));
    stage.double.cut();
    const status = await stage.statusWhere('the alarm', (each) => each.account?.alarm != null);
    expect(status.account?.alarm).toMatchObject({ code: 'rolled-back', seqno: links.length });
    expect(await stage.statusText()).toContain('its relay shows an older state than this computer has seen');
    const ssh = stage.login();
    expect(await ssh.ended(60_000)).toBe(255);
  });
});
