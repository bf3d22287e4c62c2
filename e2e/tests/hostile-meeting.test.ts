/** Meeting over a relay that lies, on real screens: pairing with a computer, and joining an account. */
import { join } from 'node:path';
import type { SignedLink } from '@palmkey/chain';
import { webAgreement, webPrimitives } from '@palmkey/core/crypto';
import { parseDeviceName } from '@palmkey/core/devices';
import { pairingUrl, startHostPairing } from '@palmkey/core/pairing';
import { confirmKex3, OneUse } from '@palmkey/core/provisioning';
import {
  type AccountId,
  fromBase64Url,
  FrameType,
  fromHex,
  parseAccountId,
  parseRendezvousId,
  parseRendezvousSender,
  type RendezvousId,
} from '@palmkey/envelope';
import { HttpRendezvous, HttpRouter, systemTimers } from '@palmkey/relay-client';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { webClock as clock } from '../../apps/phone/src/engine/web-clock.ts';
import {
  addDevice,
  beginJoining,
  hold,
  makeWords,
  nameDevice,
  readNewcomer,
  typeJoining,
} from '../lib/account-pages.ts';
import { openBrowser, type PhoneBrowser } from '../lib/browser.ts';
import { findForms } from '../lib/canary.ts';
import type { Attack } from '../lib/hostile/attack.ts';
import { rewriteDone, rewriteLinks, showLinks } from '../lib/hostile/chain-attacks.ts';
import { RealStage } from '../lib/hostile/real-stage.ts';
import { record } from '../lib/hostile/recording.ts';
import { misleadNumber, postedIn } from '../lib/hostile/rendezvous-attacks.ts';
import { startPalmkey } from '../lib/palmkey.ts';
import { confirmLink, readCode } from '../lib/phone.ts';
import { connectDevice, makeDevice, squat } from '../lib/scripted-device.ts';

/** What the new device would be called. */
const NAME = 'Never there';
const random = (length: number) => webPrimitives.randomBytes(length);

let stage: RealStage;
let account: AccountId;
let newcomer: PhoneBrowser;
const passed = record();
beforeAll(async () => {
  stage = await RealStage.open(1);
  account = parseAccountId(fromHex((await stage.status()).account?.id ?? expect.unreachable()));
  newcomer = await openBrowser(join(stage.folder, 'newcomer'));
  // Words that are replaced make a second generation of the account's key, so that there are previous seeds.
  for (let times = 0; times < 2; times += 1) await makeWords(stage.page('First phone'));
  stage.double.use(passed.attack);
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
  expect([NAME, 'First phone'].flatMap((name) => findForms(name, passed.bytes()))).toEqual([]);
}

describe('joining, while the relay does with the chain what it likes', () => {
  interface Case {
    readonly is: string;
    readonly attack: (links: readonly SignedLink[]) => Attack;
    /** What the new device says. */
    readonly says: string;
  }
  const cases: readonly Case[] = [
    {
      is: 'gives the one who lets in another agreement key (swap-dh)',
      attack: ([eldest]) => {
        const key = /"agreementKey":"([0-9a-f]{64})"/.exec(Buffer.from(eldest?.json ?? []).toString())?.[1] ?? '';
        return rewriteLinks(account, (json) => json.replaceAll(key, 'ab'.repeat(32)));
      },
      says: 'What the other device gave does not hold',
    },
    {
      is: 'shows an older chain (hide-revocation)',
      attack: (links) => showLinks(account, () => links.slice(0, -1)),
      says: 'The account changed just now',
    },
  ];

  test.each(cases.map((each) => [each.is, each] as const))('%s: it takes nothing', async (_, { attack, says }) => {
    const { x, y, words } = await entering();
    const links = await stage.links();
    using _off = stage.double.use(attack(links));
    await typeJoining(y, words);
    await titled(y, says);
    await titled(x, 'The new device could not go on');
    await nothingAdded(links.length);
  });
});

describe('joining, while the relay does with the messages what it likes', () => {
  test('ends the stream in the middle: both say that it was ended (ack-and-drop)', async () => {
    const { x, y, words } = await entering();
    const { length } = await stage.links();
    await typeJoining(y, words);
    await y.getByRole('heading', { name: 'Name this device' }).waitFor();
    using _ = stage.double.use({
      asked: (asked) => {
        if (postedIn(asked) === null) return asked;
        const body = JSON.parse(Buffer.from(asked.body).toString()) as object;
        return { ...asked, body: Buffer.from(JSON.stringify({ ...body, msg: '' })) };
      },
    });
    await y.getByLabel('This device').fill(NAME);
    await y.getByRole('button', { name: 'Continue' }).click();
    await titled(x, 'The new device seems to have left');
    await y.getByRole('button', { name: 'Begin again' }).waitFor({ timeout: 60_000 });
    await nothingAdded(length);
  });

  test('leads the number to somebody who guesses at both ends: both say that the codes differ (challenge-forward)', async () => {
    const { x, y, words } = await entering();
    const { length } = await stage.links();
    const evil = await makeDevice();
    const { client } = connectDevice(stage.origin, evil);
    await client.connected(AbortSignal.timeout(10_000));
    const ofEvil = parseRendezvousId(random(32));
    await client.openRendezvous(ofEvil);
    const guesses: Promise<unknown>[] = [];
    const guess = (side: 'x' | 'y', rendezvous: RendezvousId) => {
      const router = new HttpRouter({ relay: stage.origin, fetch, timers: systemTimers, random });
      const guessing = confirmKex3(
        { router, clock, randomBytes: random },
        {
          secret: new OneUse({ how: 'words', words: 'zoo zone zero' }),
          rendezvous,
          identity: { side, device: evil.id, account: side === 'x' ? account : null },
          meetMs: 30_000,
          signal: new AbortController().signal,
          onPassedOver: () => undefined,
        },
      );
      guesses.push(expect(guessing).rejects.toMatchObject({ code: 'wrong-secret' }));
    };
    const misled = misleadNumber(ofEvil);
    using _ = stage.double.use({
      answered: (asked, answer) => {
        if (asked.url.startsWith('/v1/nameplates/') && answer.status === 200) {
          const { id } = JSON.parse(Buffer.from(answer.body).toString()) as { id: string };
          guess('y', parseRendezvousId(fromBase64Url(id)));
          guess('x', ofEvil);
        }
        return misled.answered?.(asked, answer) ?? answer;
      },
    });
    await typeJoining(y, words);
    await titled(y, 'The two codes differ');
    await titled(x, 'The two codes differ');
    expect(guesses).toHaveLength(2);
    await Promise.all(guesses);
    client.close();
    await nothingAdded(length);
  });

  // The last: the member has signed for a place on the chain, which is the new device's until its grant is over.
  test('gives other previous seeds: the new device takes none, and is not in the account (swap-dh)', async () => {
    const { x, y, words } = await entering();
    const { length } = await stage.links();
    using _ = stage.double.use(rewriteDone(FrameType.chainBoxes, (body) => body.with(-1, (body.at(-1) ?? 0) ^ 1)));
    await typeJoining(y, words);
    const code = await nameDevice(y, NAME);
    expect((await readNewcomer(x)).code).toBe(code);
    await hold(x, /Hold to let it in/);
    await titled(y, 'What the other device gave does not hold');
    await titled(x, 'The new device could not go on');
    await nothingAdded(length);
  });
});
