/** A daemon, a real relay, and a phone that wants the computer in its account. */
import { parseChainFile } from '@palmkey/chain';
import { toHex } from '@palmkey/envelope';
import { afterAll, afterEach, beforeEach, describe, expect, test } from 'vitest';
import { HomeStage, phonesOf } from '../testing/home-stage.ts';
import { TestAccount } from '../testing/test-account.ts';
import { peerOf, TestPhone } from '../testing/test-phone.ts';
import { accountLog, exportedChain } from './chain-log.ts';

let stage: HomeStage;
beforeEach(async () => {
  stage = await HomeStage.open();
}, 30_000);
afterEach(() => stage.close());
afterAll(() => HomeStage.drained());

describe('a phone that wants this computer in its account', () => {
  test('gets its consent; once the link is there the computer follows the chain', async () => {
    const account = await stage.enlisted();
    const fact = await stage.client.call('account', {});
    expect(fact).toMatchObject({
      id: toHex(account.state.account),
      relay: stage.relay.url,
      head: { seqno: 2 },
      current: true,
      alarm: null,
      removed: null,
      devices: [
        { name: 'Pixel', kind: 'phone', self: false, addedBy: null },
        { name: 'laptop', kind: 'computer', self: true, addedBy: 'Pixel' },
      ],
    });
    expect(phonesOf(await stage.client.call('status', {}))).toEqual([['Pixel', true]]);
    expect((await stage.log())[0]).toEqual(['enlisted', null, 'Pixel']);
  });

  test('is followed over a restart, and its log can be read without a daemon', async () => {
    await stage.enlisted();
    await stage.restart();
    await stage.until((status) => status.account?.current === true);
    expect(accountLog(stage.at.home, 'laptop')).toMatchObject([
      { seqno: 1, type: 'eldest', by: { name: 'Pixel' }, generation: 1 },
      { seqno: 2, type: 'host', by: { name: 'Pixel' }, devices: [{ name: 'laptop' }] },
    ]);
    expect(parseChainFile(exportedChain(stage.at.home)?.text ?? '')).toHaveLength(2);
  });

  test('is answered while its relay has none of its links', async () => {
    const account = await TestAccount.local(stage.phone);
    const offer = account.offer(stage.host);
    await stage.phone.say(stage.host, { kind: 'enlist', account: offer.account, link: offer.link });
    expect((await stage.phone.told('consent')).reverseSig).not.toBeNull();
  });

  test('that speaks version 3 is not answered, and goes on as before', async () => {
    await stage.arrive(stage.phone, 3);
    const account = await TestAccount.begin(stage.phone);
    const offer = account.offer(stage.host);
    await stage.phone.say(stage.host, { kind: 'enlist', account: offer.account, link: offer.link });
    await stage.phone.say(stage.host, stage.phone.here({ name: 'Pocket' }));
    await stage.until(({ phones }) => phones[0]?.name === 'Pocket');
    expect(stage.phone.heard.some(({ kind }) => kind === 'consent')).toBe(false);
  });

  test('with a link that adds another computer, or is another’s, gets a no', async () => {
    const account = await TestAccount.begin(stage.phone);
    const other = peerOf(new TestPhone().device, 'desktop', 'asks');
    const { link } = account.offer(other);
    await stage.phone.say(stage.host, { kind: 'enlist', account: account.state.account, link });
    expect((await stage.phone.told('consent')).reverseSig).toBeNull();
  });

  test('of another account gets a no while this one stands', async () => {
    await stage.enlisted();
    const other = new TestPhone('Tablet');
    await stage.welcome(other);
    const offer = (await TestAccount.local(other)).offer(stage.host);
    await other.say(stage.host, { kind: 'enlist', account: offer.account, link: offer.link });
    expect((await other.told('consent')).reverseSig).toBeNull();
  });
});
