/** Meeting over a relay that lies, on real screens: pairing with a computer, and joining an account. */
import { join } from 'node:path';
import { webAgreement, webPrimitives } from '@palmkey/core/crypto';
import { parseDeviceName } from '@palmkey/core/devices';
import { pairingUrl, startHostPairing } from '@palmkey/core/pairing';
import { type AccountId, fromHex, parseAccountId, parseRendezvousSender } from '@palmkey/envelope';
import { HttpRendezvous, systemTimers } from '@palmkey/relay-client';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { webClock as clock } from '../../apps/phone/src/engine/web-clock.ts';
import { addDevice, beginJoining, typeJoining } from '../lib/account-pages.ts';
import { openBrowser, type PhoneBrowser } from '../lib/browser.ts';
import { rewriteLinks } from '../lib/hostile/chain-attacks.ts';
import { RealStage } from '../lib/hostile/real-stage.ts';
import { startPalmkey } from '../lib/palmkey.ts';
import { confirmLink, readCode } from '../lib/phone.ts';
import { connectDevice, makeDevice, squat } from '../lib/scripted-device.ts';

const random = (length: number) => webPrimitives.randomBytes(length);

let stage: RealStage;
let account: AccountId;
let newcomer: PhoneBrowser;
beforeAll(async () => {
  stage = await RealStage.open(1);
  account = parseAccountId(fromHex((await stage.status()).account?.id ?? expect.unreachable()));
  newcomer = await openBrowser(join(stage.folder, 'newcomer'));
});
afterAll(async () => {
  await newcomer[Symbol.asyncDispose]();
  await stage[Symbol.asyncDispose]();
});

const titled = (page: Page, title: string) => page.getByRole('heading', { name: title }).waitFor({ timeout: 60_000 });

describe('one in the middle of a pairing (sas-grind)', () => {
  test('who stands between has two codes: the person’s is wrong in the terminal, and nothing is paired', async () => {
    const device = await makeDevice();
    const { client } = connectDevice(stage.origin, device);
    await client.connected(AbortSignal.timeout(10_000));
    const before = (await stage.status()).phones.length;
    await using terminal = startPalmkey(stage.home, 'pair');
    const [link] = await terminal.prints(/https?:\/\/\S+\/pair#[A-Za-z0-9_-]+/);
    const squatter = squat(link, await makeDevice(), 'Pixel');
    await terminal.prints(/Type the six digits that Pixel shows/);

    // What the person opens is the middle's own link, which says that it is the same computer.
    const name = parseDeviceName((await stage.status()).device.name);
    const session = await webAgreement(await crypto.subtle.generateKey({ name: 'X25519' }, false, ['deriveBits']));
    const own = { relay: stage.origin, sessionKey: session.publicKey, hostName: name };
    const pairing = startHostPairing({ primitives: webPrimitives, device, name, clock }, session, own);
    await client.openRendezvous(pairing.rendezvousId);
    const channel = new HttpRendezvous({
      relay: stage.origin,
      id: pairing.rendezvousId,
      sender: parseRendezvousSender(random(16)),
      fetch,
      timers: systemTimers,
      random,
    });
    const page = stage.page('First phone');
    const guesses = ['000001', '000002', '000003'];
    let finishTyping: () => void = () => undefined;
    const typed = new Promise<void>((resolve) => (finishTyping = resolve));
    const middle = pairing.run(
      channel,
      { onCode: async () => (await typed, guesses.shift() ?? '') },
      new AbortController().signal,
    );
    middle.catch(() => undefined);
    await page.goto(pairingUrl(stage.origin, own));
    await confirmLink(page);
    const code = await readCode(page);
    for (const tries of ['2 more tries', 'One more try']) {
      terminal.write(`${code}\n`);
      await terminal.prints(new RegExp(`That is not the code on Pixel\\. ${tries}`));
    }
    terminal.write(`${code}\n`);
    expect(await terminal.ended()).toBe(6);
    expect(terminal.stderr).toContain('palmkey: three wrong codes, so this pairing is over');
    finishTyping();
    await expect(middle).rejects.toMatchObject({ code: 'wrong-code' });
    await titled(page, 'The code was wrong three times');
    await expect(squatter.result).rejects.toMatchObject({ name: 'PairingError' });
    expect((await stage.status()).phones).toHaveLength(before);
    client.close();
    await page.goto(stage.origin);
  });
});

/** The new device in front of what the other shows. */
async function entering(): Promise<{ readonly x: Page; readonly y: Page; readonly words: string }> {
  const [x, y] = [stage.page('First phone'), newcomer.page];
  await beginJoining(y, stage.origin);
  return { x, y, words: (await addDevice(x)).words ?? expect.unreachable() };
}

/** Nothing came of it: the account is as it was, and no name has left. */
async function nothingAdded(links: number): Promise<void> {
  expect((await stage.links()).length).toBe(links);
}

test('another agreement key of the one who lets in: the new device takes nothing, and both say so (swap-dh)', async () => {
  const { x, y, words } = await entering();
  const links = await stage.links();
  const key = /"agreementKey":"([0-9a-f]{64})"/.exec(Buffer.from(links[0]?.json ?? []).toString())?.[1] ?? '';
  using _ = stage.double.use(rewriteLinks(account, (json) => json.replaceAll(key, 'ab'.repeat(32))));
  await typeJoining(y, words);
  await titled(y, 'What the other device gave does not hold');
  await titled(x, 'The new device could not go on');
  await nothingAdded(links.length);
});
