/**
 * A daemon and a real relay at the moments between hearing of a change and acting on it: nothing slips through there.
 */
import { type Relay, startRelay } from '@palmkey/relay';
import { pino } from 'pino';
import { afterAll, afterEach, beforeEach, expect, test } from 'vitest';
import { Daemon } from '../daemon.ts';
import { type Disk, systemDisk } from '../state/disk.ts';
import { AccountStage } from '../testing/account-stage.ts';
import { TestAccount } from '../testing/test-account.ts';
import { TestPhone } from '../testing/test-phone.ts';

/** A disk on which what has this text in it finds no room. */
class PickyDisk implements Disk {
  refused: string | null = null;

  write(file: number, bytes: Uint8Array): void {
    if (this.refused !== null && Buffer.from(bytes).includes(this.refused))
      throw Object.assign(new Error('no space left on device'), { code: 'ENOSPC' });
    systemDisk.write(file, bytes);
  }

  sync(file: number): void {
    systemDisk.sync(file);
  }
}

let stage: AccountStage;
let relay: Relay;
let phone: TestPhone;
let tablet: TestPhone;
let account: TestAccount;
let disk: PickyDisk;
const drained: Promise<void>[] = [];
afterAll(() => Promise.all(drained));

beforeEach(async () => {
  stage = new AccountStage();
  [phone, tablet, disk] = [new TestPhone(), new TestPhone('Tablet'), new PickyDisk()];
  const [store, logger] = [stage.folder.at('relay.sqlite'), pino({ level: 'silent' })];
  relay = await startRelay({ host: '127.0.0.1', port: 0, origins: [], admission: 'open', store, logger });
  await stage.begin(relay.url);
  await stage.daemon.close();
  stage.options = { ...stage.options, disk };
  await stage.start();
  await stage.pair(phone);
  await stage.connect(phone, relay.url);
  await stage.greet(phone, 4);
  account = await TestAccount.begin(phone);
  await account.enlist(stage.host);
  await stage.until((status) => status.account?.current === true);
  await account.add(tablet);
  await stage.until(({ phones }) => phones.length === 2);
  await stage.connect(tablet, relay.url);
  await stage.greet(tablet, 4);
}, 30_000);
afterEach(async () => {
  await stage.close();
  drained.push(relay.close());
  stage.folder[Symbol.dispose]();
});

function daemon(): Daemon {
  if (!(stage.daemon instanceof Daemon)) throw new Error('its keys are locked');
  return stage.daemon;
}

test('a phone that was taken out decides nothing, though that it is out could not be written down', async () => {
  disk.refused = '"userKeys"';
  await account.revoke(tablet.device.id);
  await stage.until((status) => status.account?.head.seqno === account.state.head.seqno);
  disk.refused = null;
  await stage.client.call('account', {});
  // An open relay lets it in again, as a stranger.
  tablet.leave();
  await stage.connect(tablet, relay.url);
  await tablet.say(stage.host, { kind: 'speaks', from: 1, to: 4 });
  await tablet.say(stage.host, tablet.here({ name: 'Thief' }));
  await phone.say(stage.host, phone.here({ name: 'Pocket' }));
  const status = await stage.until(({ phones }) => phones.some(({ name }) => name === 'Pocket'));
  expect(status.phones.map(({ name }) => name)).not.toContain('Thief');
  expect(await daemon().account.meet(tablet.device.id, null)).toBe(false);
  // What could not be written is at the next start.
  await stage.restart();
  const after = await stage.until((now) => now.account?.current === true);
  expect(after.phones.map(({ name }) => name)).toEqual(['Pocket']);
});

test('a message that was in hand when the relay went does not stand for the relay', async () => {
  const { head } = account.state;
  await stage.until((status) => status.account?.head.seqno === head.seqno && status.account.current);
  await relay.close();
  await stage.until((status) => status.account?.current === false);
  expect(await daemon().account.meet(tablet.device.id, head)).toBe(false);
  expect(await daemon().account.meet(tablet.device.id, null)).toBe(false);
  expect((await stage.client.call('status', {})).account?.current).toBe(false);
});

test('a phone that was taken out is not paired anew with the same keys', async () => {
  await account.revoke(tablet.device.id);
  await stage.until(({ phones }) => phones.length === 1);
  await expect(stage.pair(tablet)).rejects.toMatchObject({ code: 'phone-removed', detail: { phone: 'Tablet' } });
  expect((await stage.client.call('status', {})).phones.map(({ name }) => name)).toEqual(['Pixel']);
});
