/** A daemon whose account's relay shows another chain than it should, or none. */
import { ChainState, parseLinkHash } from '@palmkey/chain';
import { afterAll, afterEach, beforeEach, describe, expect, test } from 'vitest';
import { codeOf } from '../testing/code-of.ts';
import { HomeStage, phonesOf } from '../testing/home-stage.ts';
import { TestPhone } from '../testing/test-phone.ts';

let stage: HomeStage;
beforeEach(async () => {
  stage = await HomeStage.open();
}, 30_000);
afterEach(() => stage.close());
afterAll(() => HomeStage.drained());

describe('the chain that the relay shows', () => {
  test('is older: nothing is opened before it is there again, nothing is asked, and it is said', async () => {
    const account = await stage.enlisted();
    const old = await stage.stopRelay('old');
    await stage.startAgain();
    await account.add(new TestPhone('Tablet'));
    await stage.until((status) => status.account?.head.seqno === 4);
    const right = await stage.stopRelay('right');
    await stage.startAgain(old);
    const status = await stage.until((status) => status.account?.alarm != null);
    expect(status.account).toMatchObject({ head: { seqno: 4 }, alarm: { code: 'rolled-back', seqno: 4 } });
    expect((await stage.log())[0]).toEqual(['account-refused', null, null]);
    expect(await codeOf(stage.client.call('account-leave', {}))).toBe('account-refused');
    await stage.phone.say(stage.host, stage.phone.here({ name: 'Pocket' }));
    await stage.client.call('account', {});
    expect((await stage.client.call('status', {})).phones[0]?.name).toBe('Pixel');
    await stage.stopRelay('wrong');
    await stage.startAgain(right);
    await stage.until(({ account, phones }) => account?.alarm === null && phones[0]?.name === 'Pocket');
  });

  test('is another history: nothing is opened, and it is said', async () => {
    const account = await stage.enlisted();
    const before = account.state;
    const old = await stage.stopRelay('old');
    await stage.startAgain();
    await account.add(new TestPhone('Tablet'));
    await stage.until((status) => status.account?.head.seqno === 4);
    await stage.stopRelay('right');
    await stage.startAgain(old);
    account.state = before;
    await account.add(new TestPhone('Other'));
    const status = await stage.until((status) => status.account?.alarm?.code === 'forked');
    expect(status.account).toMatchObject({ head: { seqno: 4 }, current: false, alarm: { seqno: 4 } });
    expect(status.phones.some(({ name }) => name === 'Other')).toBe(false);
  });

  test.each([
    ['of another history is told by a phone: it is an alarm', 0, 'forked'],
    ['is newer at a phone, and kept from this computer: nothing is decided', 1, 'withheld'],
  ])('%s', async (_, further, code) => {
    const { state } = await stage.enlisted();
    const { seqno } = state.head;
    const head = { seqno: seqno + further, hash: parseLinkHash(new Uint8Array(32).fill(9)) };
    stage.phone.chain = new ChainState({ ...state.parts, head });
    await stage.phone.say(stage.host, stage.phone.here({ name: 'Pocket' }));
    const status = await stage.until(({ account }) => account?.alarm != null);
    expect([status.account?.alarm?.code, status.phones[0]?.name]).toEqual([code, 'Pixel']);
    // No answer of the relay takes a phone's word back. Who wants to leave may.
    expect(await stage.client.call('account', {})).toMatchObject({ current: false, alarm: { code } });
    expect(await codeOf(stage.client.call('account-leave', {}))).toBe('done');
  });

  test('is not there: mail waits until it is, and nobody is asked before', async () => {
    await stage.enlisted();
    const { port } = stage.relay;
    await stage.relay.close();
    await stage.until((status) => status.account?.current === false);
    await stage.openRelay(port);
    expect((await stage.until((status) => status.account?.current === true)).account?.alarm).toBeNull();
  });

  test('is not there: this computer cannot leave, and its only phone stays', async () => {
    await stage.enlisted();
    const { port } = stage.relay;
    await stage.relay.close();
    await stage.until((status) => status.account?.current === false);
    for (const call of [stage.client.call('unpair', { phone: 'Pixel' }), stage.client.call('account-leave', {})]) {
      await expect(call).rejects.toMatchObject({ code: 'account-relay-away', detail: { relay: stage.relay.url } });
    }
    expect(phonesOf(await stage.client.call('status', {}))).toEqual([['Pixel', true]]);
    await stage.openRelay(port);
  });
});
