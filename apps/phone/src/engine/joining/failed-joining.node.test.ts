/** `.node.test.ts`: with a relay that runs in this process. */
import { codeRendezvous, joinUrl, parseJoinUrl } from '@palmkey/core/provisioning';
import { parseRendezvousSender } from '@palmkey/envelope';
import { type Fetch, HttpRouter, systemTimers } from '@palmkey/relay-client';
import { describe, expect, onTestFinished, test } from 'vitest';
import { testRelay } from '../../../../../packages/relay/src/testing/test-relay.ts';
import { agree, expectFailed, expectJoined, joining, lettingIn, stageAt } from '../testing/joining-stage.ts';
import { LossyNetwork } from '../testing/lossy-network.ts';

/** X, with an account and no computer, and Y, without anything, at a relay that runs in this process. */
async function stage(meetXBy?: Fetch) {
  const relay = await testRelay({ admission: 'open', rates: { postsPerMinute: 2_000 } });
  onTestFinished(() => relay.close());
  return stageAt(relay.url, meetXBy);
}

// The first of them also waits for the flows' own files.
describe('a joining that comes to nothing', { timeout: 60_000 }, () => {
  test('by wrong words fails clearly at both, ten times with ten secrets, and then the relay says later', async () => {
    const { x, y } = await stage();
    const shown = new Set<string>();
    for (let tries = 0; tries < 10; tries++) {
      x.joining.letDeviceIn('kex3');
      const { words } = await lettingIn(x, 'showing');
      shown.add(words ?? '');
      const [number, ...right] = (words ?? '').split(' ');
      y.joining.join([number, ...right.slice(1), right[0] === 'zoo' ? 'zone' : 'zoo'].join(' '));
      await expectFailed(x, y, 'wrong-secret @ meeting', 'wrong-secret @ meeting');
      x.joining.dismissLetIn();
      y.joining.dismissJoin();
    }
    expect(shown.size).toBe(10);
    x.joining.letDeviceIn('kex3');
    const { words, link } = await lettingIn(x, 'showing');
    y.joining.join(words ?? '');
    expect(await joining(y, 'failed')).toMatchObject({ code: 'rate-limited', step: null });
    // The QR code needs no number to be found by.
    y.joining.join(link);
    await agree(x, y);
    await expectJoined(x, y);
  });

  test('by a no says so at both', async () => {
    const { x, y } = await stage();
    x.joining.letDeviceIn('kex3');
    y.joining.join((await lettingIn(x, 'showing')).link);
    await joining(y, 'naming');
    y.joining.nameDevice('Second phone');
    await lettingIn(x, 'asking');
    x.joining.answerNewcomer(false);
    await expectFailed(x, y, 'refused @ asking', 'peer-left @ asking');
    expect(x.getSnapshot().account?.head.seqno).toBe(1);
  });

  test.each([
    ['x', 'meeting', 'peer-left @ offering'],
    ['x', 'asking', 'peer-left @ asking'],
    ['y', 'meeting', 'peer-left @ offering'],
    ['y', 'asking', 'peer-left @ asking'],
  ] as const)('since %s leaves at %s leaves nothing, and the next one succeeds', async (who, where, atOther) => {
    const { x, y } = await stage();
    x.joining.letDeviceIn('kex3');
    y.joining.join((await lettingIn(x, 'showing')).link);
    await joining(y, 'naming');
    await lettingIn(x, 'meeting');
    if (where === 'asking') {
      y.joining.nameDevice('Second phone');
      await lettingIn(x, 'asking');
    }
    if (who === 'x') x.joining.cancelLetIn();
    else y.joining.cancelJoin();
    const left = who === 'x' ? x.getSnapshot().lettingIn : y.getSnapshot().joining;
    expect(left).toEqual({ is: 'none' });
    const other = await (who === 'x' ? joining(y, 'failed') : lettingIn(x, 'failed'));
    expect(`${other.code} @ ${other.step}`).toBe(atOther);
    expect(x.getSnapshot().account?.head.seqno).toBe(1);
    x.joining.letDeviceIn('kex2-v1');
    y.joining.join((await lettingIn(x, 'showing')).link);
    await agree(x, y);
    await expectJoined(x, y);
  });

  test('while the other one says nothing shows that it looks for it, and can be stopped', async () => {
    const network = new LossyNetwork();
    const { x, y } = await stage(network.fetch);
    x.joining.letDeviceIn('kex3');
    const { words } = await lettingIn(x, 'showing');
    const lost = network.lose(Number.POSITIVE_INFINITY);
    y.joining.join(words ?? '');
    await joining(y, 'meeting');
    expect(x.getSnapshot().lettingIn.is).toBe('showing');
    y.joining.cancelJoin();
    expect(y.getSnapshot().joining).toEqual({ is: 'none' });
    void lost;
  });

  test('since its secret was taken back is found by nobody', async () => {
    const { x, y, relay } = await stage();
    x.joining.letDeviceIn('kex3');
    const { link, words } = await lettingIn(x, 'showing');
    x.joining.cancelLetIn();
    expect(x.getSnapshot().lettingIn).toEqual({ is: 'none' });
    const { secret } = parseJoinUrl(link);
    const rendezvous = codeRendezvous('bytes' in secret ? secret.bytes : expect.unreachable());
    const router = new HttpRouter({ relay: relay, fetch, timers: systemTimers, random: (n) => new Uint8Array(n) });
    const self = parseRendezvousSender(new Uint8Array(16));
    const look = () => router.get(rendezvous, self, 99, 1_000, new AbortController().signal);
    await expect(look().then(look).then(look).then(look).then(look)).rejects.toMatchObject({ code: 'no-rendezvous' });
    y.joining.join(link);
    expect(await joining(y, 'failed')).toMatchObject({ code: 'no-rendezvous', step: null });
    y.joining.dismissJoin();
    y.joining.join(words ?? '');
    expect(await joining(y, 'failed')).toMatchObject({ code: 'no-nameplate', step: null });
    y.joining.showSecret();
    await joining(y, 'showing');
    y.joining.cancelJoin();
    expect(y.getSnapshot().joining).toEqual({ is: 'none' });
  });

  test('where another member has opened the words that are entered says that they are no new device’s', async () => {
    const { x, y } = await stage();
    await y.createAccountKey({ deviceName: 'Another account', keyName: 'Another account' });
    y.joining.letDeviceIn('kex2-v1');
    const { words } = await lettingIn(y, 'showing');
    x.joining.enterSecret(words ?? '');
    expect(await lettingIn(x, 'failed')).toMatchObject({ code: 'entered-elsewhere', step: null });
    expect(y.getSnapshot().lettingIn.is).toBe('showing');
  });

  test('before anything was asked of a relay names what is wrong with the secret', async () => {
    const { x, y } = await stage();
    x.joining.enterSecret('zoo zoo');
    expect(await lettingIn(x, 'failed')).toMatchObject({ code: 'wrong-word-count', step: null });
    x.joining.dismissLetIn();
    y.joining.join('zoo zoo');
    expect(await joining(y, 'failed')).toMatchObject({ code: 'wrong-word-count', step: null });
    const elsewhere = { relay: 'https://relay.example', shownBy: { side: 'y' } } as const;
    x.joining.enterSecret(
      joinUrl('https://app.example', { ...elsewhere, secret: { suite: 'kex3', bytes: new Uint8Array(32) } }),
    );
    expect(await lettingIn(x, 'failed')).toMatchObject({ code: 'other-relay', step: null });
    // There is a device already: nobody joins with it.
    x.joining.join('12 zoo zone zero');
    expect(x.getSnapshot().joining).toEqual({ is: 'none' });
  });

  test('since the page went away is said to be interrupted, and told to the other', async () => {
    const { x, y, tabX } = await stage();
    x.joining.letDeviceIn('kex3');
    y.joining.join((await lettingIn(x, 'showing')).link);
    await joining(y, 'naming');
    tabX.leave();
    expect(x.getSnapshot().lettingIn).toMatchObject({ is: 'failed', code: 'interrupted' });
    expect(await joining(y, 'failed')).toMatchObject({ code: 'peer-left', step: 'offering' });
  });
});
