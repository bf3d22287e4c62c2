/** `.node.test.ts`: with a relay that runs in this process. */
import { parseJoinUrl } from '@palmkey/core/provisioning';
import type { Fetch } from '@palmkey/relay-client';
import { describe, expect, onTestFinished, test } from 'vitest';
import { testRelay } from '../../../../../packages/relay/src/testing/test-relay.ts';
import { everythingIn, shows } from '../../store/testing/everything-in.ts';
import {
  agree,
  browserAt,
  expectJoined,
  joining,
  lettingIn,
  opened,
  phase,
  stageAt,
  when,
} from '../testing/joining-stage.ts';
import { LossyNetwork } from '../testing/lossy-network.ts';

const passphrase = 'apple river stone cloud';

/** X, with an account and no computer, and Y, without anything, at a relay that runs in this process. */
async function stage(meetXBy?: Fetch) {
  const relay = await testRelay({ admission: 'open', rates: { postsPerMinute: 2_000 } });
  onTestFinished(() => relay.close());
  return stageAt(relay.url, meetXBy);
}

// The first of them also waits for the flows' own files.
describe('a new device joins', { timeout: 60_000 }, () => {
  test.each([
    ['a number and three words', 'kex3', 'words'],
    ['the QR code beside them', 'kex3', 'link'],
    ['eight words', 'kex2-v1', 'words'],
    ['the QR code of eight words', 'kex2-v1', 'link'],
    ['the QR code of nine words', 'kex2-v2', 'link'],
  ] as const)('by %s, shown by the device that it had', async (_what, suite, entered) => {
    const { x, y } = await stage();
    x.joining.letDeviceIn(suite);
    const shown = await lettingIn(x, 'showing');
    expect(shown.suite).toBe(suite);
    y.joining.join(shown[entered] ?? '');
    await agree(x, y);
    await expectJoined(x, y);
  });

  test.each(['words', 'link'] as const)('by the %s that it shows itself', async (entered) => {
    const { x, y } = await stage();
    y.joining.showSecret();
    const shown = await joining(y, 'showing');
    expect(parseJoinUrl(shown.link).shownBy).toEqual({ side: 'y' });
    x.joining.enterSecret(shown[entered]);
    await agree(x, y);
    await expectJoined(x, y);
  });

  test.each(['words', 'link'] as const)(
    'by the %s of one that was without a network since it showed them',
    async (by) => {
      const network = new LossyNetwork();
      const { x, y } = await stage(network.fetch);
      x.joining.letDeviceIn('kex3');
      const shown = await lettingIn(x, 'showing');
      await network.lose(4);
      expect(x.getSnapshot().lettingIn).toEqual(shown);
      y.joining.join(shown[by] ?? '');
      await agree(x, y);
      await expectJoined(x, y);
    },
  );

  test('and then lets another one in', async () => {
    const { relay, x, y } = await stage();
    x.joining.letDeviceIn('kex3');
    y.joining.join((await lettingIn(x, 'showing')).link);
    await agree(x, y);
    await expectJoined(x, y);
    const z = opened(browserAt(relay)).engine;
    await phase(z, 'first-run');
    y.joining.letDeviceIn('kex3');
    z.joining.join((await lettingIn(y, 'showing')).words ?? '');
    await agree(y, z, 'Third phone');
    expect(await lettingIn(y, 'done')).toEqual({ is: 'done', name: 'Third phone' });
    await phase(z, 'ready');
    const all = await when(x, ({ account }) => (account?.devices.length === 3 ? account : null));
    expect(all.head).toEqual(z.getSnapshot().account?.head);
  });

  test('while the app of the one that it had is locked for a moment, which shows nothing of it then', async () => {
    const { x, y } = await stage();
    await x.setLock({ code: '493817', afterMinutes: 5, biometric: false });
    x.joining.letDeviceIn('kex3');
    const { link } = await lettingIn(x, 'showing');
    x.lockNow();
    expect(x.getSnapshot().lettingIn).toEqual({ is: 'none' });
    y.joining.join(link);
    await joining(y, 'naming');
    y.joining.nameDevice('Second phone');
    await joining(y, 'code');
    x.joining.answerNewcomer(true);
    expect(await x.unlock('493817')).toBe(true);
    await lettingIn(x, 'asking');
    x.joining.answerNewcomer(true);
    await expectJoined(x, y);
    expect(x.getSnapshot().account?.devices.map(({ name }) => name)).toEqual(['First phone', 'Second phone']);
  });

  test('and opens with the passphrase of the one that it had, which nobody has typed on it', async () => {
    const { x, y, atY, tabY } = await stage();
    await x.passphrase.set(passphrase);
    x.joining.letDeviceIn('kex3');
    y.joining.join((await lettingIn(x, 'showing')).link);
    await agree(x, y);
    await expectJoined(x, y);
    expect(y.getSnapshot().passphrase).toEqual({ is: 'on', generation: 1, bare: { device: false, keys: [] } });
    const kept = everythingIn(atY.tables);
    expect([kept.handles, shows(kept, 'Second phone'), shows(kept, 'http://')]).toEqual([[], false, false]);
    // From here on each has its own.
    expect(await x.passphrase.change(passphrase, 'four other words here')).toBe(true);
    tabY.close();
    const again = opened(atY).engine;
    await phase(again, 'passphrase');
    expect(await again.passphrase.open('four other words here')).toBe(false);
    expect(await again.passphrase.open(passphrase)).toBe(true);
    await when(again, ({ account }) => account?.head.hash === x.getSnapshot().account?.head.hash);
    expect(again.getSnapshot().deviceName).toBe('Second phone');
  });

  test('without a passphrase where the one that it had has none', async () => {
    const { x, y, atY } = await stage();
    x.joining.letDeviceIn('kex3');
    y.joining.join((await lettingIn(x, 'showing')).link);
    await agree(x, y);
    await expectJoined(x, y);
    expect(y.getSnapshot().passphrase).toEqual({ is: 'off' });
    expect(everythingIn(atY.tables).handles).toHaveLength(3);
  });

  test('and is named again as long as its name is none, or taken', async () => {
    const { x, y } = await stage();
    x.joining.letDeviceIn('kex3');
    y.joining.join((await lettingIn(x, 'showing')).link);
    for (const [name, problem] of [
      ['?', null],
      ['first-PHONE', 'bad-account-name'],
      ['Second phone', 'name-taken'],
    ] as const) {
      await when(y, ({ joining: view }) => view.is === 'naming' && view.problem === problem);
      y.joining.nameDevice(name);
    }
    await lettingIn(x, 'asking');
    x.joining.answerNewcomer(true);
    await expectJoined(x, y);
  });
});
