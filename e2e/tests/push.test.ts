/** A phone whose app is not open: woken by push, its service worker opens the request, answers it, or asks the person. */
import { PushService } from '@palmkey/relay/testing/push-service';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { answer } from '../lib/slip.ts';
import { Stage } from '../lib/stage.ts';
import { WokenPhone } from '../lib/woken-phone.ts';

const code = '271828';
let service: PushService;
let stage: Stage;
let phone: WokenPhone;

beforeAll(async () => {
  service = await PushService.start();
  const relayEnv = {
    PALMKEY_RELAY_PUSH_CONTACT: 'mailto:ops@example.org',
    PALMKEY_RELAY_PUSH_SERVICES: service.host,
    PALMKEY_RELAY_PUSH_CA: service.ca,
  };
  stage = await Stage.open({ ownRelay: true, relayEnv });
  // The first login pins the server.
  const first = stage.login();
  await answer(stage.page);
  expect(await first.ended()).toBe(0);
  phone = await WokenPhone.switchOn(stage.page, stage.origin, service);
});
afterAll(async () => {
  await stage[Symbol.asyncDispose]();
  await service[Symbol.asyncDispose]();
});

/** Every page of the app is closed; the browser goes on. */
async function closeApp(): Promise<void> {
  for (const page of stage.browser.context.pages()) if (page.url().startsWith(stage.origin)) await page.close();
}

async function openApp(): Promise<Page> {
  const page = await stage.browser.context.newPage();
  await page.goto(stage.origin);
  return page;
}

const standing = () => expect.poll(() => phone.notifications(), { timeout: 60_000 });

describe('with every page of the app closed', () => {
  beforeAll(closeApp);

  test('a login is shown with its real question, and can be rejected there', async () => {
    const ssh = stage.login();
    await phone.deliverNext();
    await standing().toMatchObject([
      {
        title: expect.stringMatching(/: log in to \S+ as \S+$/) as string,
        body: expect.stringMatching(/^Key .+ \(Ed25519\) · host key pinned /) as string,
        actions: ['Reject', 'Open'],
      },
    ]);
    const rejected = phone.press('reject');
    await standing().toMatchObject([{ title: 'Rejected' }]);
    await rejected;
    expect(await ssh.ended()).not.toBe(0);
    expect((await stage.outcomes()).at(-1)).toBe('rejected');
    await standing().toEqual([]);
  });

  test('a login under a standing permission is answered by the worker alone', async () => {
    const page = await openApp();
    const given = stage.login();
    await page.getByRole('button', { name: 'This host for 1 h' }).click();
    await page.getByRole('button', { name: 'Approve and allow for 1 h', disabled: false }).click();
    expect(await given.ended()).toBe(0);
    await closeApp();
    const ssh = stage.login();
    await phone.deliverNext();
    expect(await ssh.ended()).toBe(0);
    await standing().toMatchObject([{ title: 'Palmkey answered once', actions: ['Open'] }]);
    expect((await stage.outcomes()).at(-1)).toBe('approved');
  });
});

describe('with a page open', () => {
  test('nothing is shown that the page in sight shows, in one tab or in two', async () => {
    const page = await openApp();
    await page.getByText('Nothing is asking.').waitFor();
    const second = await openApp();
    await second.getByRole('heading', { name: 'Open in another tab' }).waitFor();
    const before = await phone.notifications();
    await phone.deliver('');
    await page.getByRole('button', { name: /^Stop: / }).click();
    const ssh = stage.login();
    await answer(page);
    expect(await ssh.ended()).toBe(0);
    expect(await phone.notifications()).toEqual(before.filter(({ tag }) => !tag.startsWith('request:')));
    await closeApp();
  });
});

describe('with the app lock on', () => {
  test('a notification says no more than that something asks, and can only be opened', async () => {
    const page = await openApp();
    await page.getByRole('link', { name: 'Settings' }).first().click();
    await page.getByRole('link', { name: /App lock/ }).click();
    await page.getByLabel('New code').fill(code);
    await page.getByLabel('The same again').fill(code);
    await page.getByRole('button', { name: 'Switch the lock on' }).click();
    await page.getByRole('button', { name: 'Lock now' }).waitFor();
    await closeApp();
    const ssh = stage.login();
    await phone.deliverNext();
    await expect
      .poll(async () => (await phone.notifications()).filter(({ tag }) => tag === 'locked'), { timeout: 60_000 })
      .toMatchObject([
        {
          title: 'Something asks for your key',
          body: 'Open Palmkey to see what it is.',
          actions: ['Open'],
        },
      ]);
    const opened = await openApp();
    await opened.getByLabel('Code').fill(code);
    await opened.getByRole('button', { name: 'Unlock' }).click();
    await answer(opened);
    expect(await ssh.ended()).toBe(0);
  });
});
