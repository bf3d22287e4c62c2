/** The app as something that stays: it starts without a network, and offers to be installed after the first approval. */
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { answer } from '../lib/slip.ts';
import { Stage } from '../lib/stage.ts';

let stage: Stage;
let page: Page;

beforeAll(async () => {
  stage = await Stage.open();
  page = stage.page;
});
afterAll(() => stage[Symbol.asyncDispose]());

/** What Chromium says to a page that can be installed; headless never does. */
async function offerInstall(): Promise<void> {
  await page.evaluate(() => {
    const offer = Object.assign(new Event('beforeinstallprompt', { cancelable: true }), {
      prompt: () => {
        document.documentElement.setAttribute('data-prompted', 'yes');
        return Promise.resolve();
      },
    });
    window.dispatchEvent(offer);
  });
}
const card = () => page.getByRole('heading', { name: 'Keep Palmkey at hand' });

test('the install card comes after the first approval, asks once, and stays away once it was put away', async () => {
  await offerInstall();
  await page.getByText('Nothing is asking.').waitFor();
  expect(await card().count()).toBe(0);

  const ssh = stage.login();
  await answer(page);
  expect(await ssh.ended()).toBe(0);
  await card().waitFor();
  await page.getByRole('button', { name: 'Install it' }).click();
  expect(await page.locator('html').getAttribute('data-prompted')).toBe('yes');
  await card().waitFor({ state: 'detached' });

  await offerInstall();
  await card().waitFor();
  await page.getByRole('button', { name: 'No, thanks' }).click();
  await card().waitFor({ state: 'detached' });
  await page.reload();
  await page.getByText('Nothing is asking.').waitFor();
  await offerInstall();
  expect(await card().count()).toBe(0);
});

test('it starts without a network, at any of its pages, and says that there is none', async () => {
  await page.waitForFunction(async () => (await navigator.serviceWorker.ready).active?.state === 'activated');
  await stage.daemon[Symbol.asyncDispose]();
  await stage.browser.context.setOffline(true);
  await page.goto(`${stage.origin}/permissions`);
  await page.getByText('Nothing is allowed').waitFor();
  await page.goto(stage.origin);
  await page.getByText('Nothing is asking.').waitFor();
  await page.getByRole('heading', { name: 'No connection' }).waitFor();
  await page.getByRole('link', { name: 'Computers' }).first().click();
  await page
    .getByText(/No connection/)
    .first()
    .waitFor();
  await page.getByRole('link', { name: 'Keys' }).first().click();
  await page
    .getByText(/SHA256:/)
    .first()
    .waitFor();
});

test('with the network back, it asks again without a reload', async () => {
  await stage.browser.context.setOffline(false);
  stage.startHost();
  await stage.daemon.child.prints(/Ctrl-C stops/);
  await page.getByRole('link', { name: 'Inbox' }).first().click();
  const ssh = stage.login();
  await answer(page);
  expect(await ssh.ended()).toBe(0);
});
