/** The app lock from the person's side: on, locked with a request behind it, a wrong code, opened, off. */
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { answer } from '../lib/slip.ts';
import { Stage } from '../lib/stage.ts';

const code = '271828';
let stage: Stage;
let page: Page;

beforeAll(async () => {
  stage = await Stage.open();
  page = stage.page;
});
afterAll(() => stage[Symbol.asyncDispose]());

async function openLockPage(): Promise<void> {
  await page.getByRole('link', { name: 'Settings' }).first().click();
  await page.getByRole('link', { name: /App lock/ }).click();
  await page.getByRole('heading', { name: 'App lock' }).waitFor();
}

test('a lock is switched on with a code that was typed twice', async () => {
  await openLockPage();
  const on = page.getByRole('button', { name: 'Switch the lock on' });
  await page.getByLabel('New code').fill(code);
  await page.getByLabel('The same again').fill('271829');
  expect(await on.isDisabled()).toBe(true);
  await page.getByLabel('The same again').fill(code);
  await on.click();
  await page.getByRole('button', { name: 'Lock now' }).click();
  await page.getByRole('heading', { name: 'Locked' }).waitFor();
});

test('a locked app says that a request waits, and nothing of what it is', async () => {
  const ssh = stage.login();
  await page.getByText('1 request waits.').first().waitFor();
  const shown = await page.locator('body').innerText();
  expect(shown).not.toContain('Log in');
  expect(shown).not.toContain('prod');
  expect(await page.getByRole('button', { name: /approve/i }).count()).toBe(0);

  await page.getByLabel('Code').fill('000000');
  await page.getByRole('button', { name: 'Unlock' }).click();
  await page.getByText(/Wrong code/).waitFor();
  await page.getByLabel('Code').fill(code);
  await page.getByRole('button', { name: 'Unlock' }).click();
  await page.getByRole('link', { name: 'Inbox' }).first().click();
  await answer(page);
  expect(await ssh.ended()).toBe(0);
});

test('a reload leaves it locked', async () => {
  await page.reload();
  await page.getByRole('heading', { name: 'Locked' }).waitFor();
  await page.getByLabel('Code').fill(code);
  await page.getByLabel('Code').press('Enter');
  await page.getByText('Nothing is asking.').waitFor();
});

test('it is switched off with the code only', async () => {
  await openLockPage();
  await page.getByLabel('Your code').fill('999999');
  await page.getByRole('button', { name: 'Switch the lock off' }).click();
  await page.getByText('Wrong code.').waitFor();
  await page.getByLabel('Your code').fill(code);
  await page.getByRole('button', { name: 'Switch the lock off' }).click();
  await page.getByRole('button', { name: 'Switch the lock on' }).waitFor();
});

test('where the device knows its person, their finger opens it, and another does not', async () => {
  const devtools = await page.context().newCDPSession(page);
  await devtools.send('WebAuthn.enable');
  const { authenticatorId } = await devtools.send('WebAuthn.addVirtualAuthenticator', {
    options: {
      protocol: 'ctap2',
      transport: 'internal',
      hasResidentKey: true,
      hasUserVerification: true,
      isUserVerified: true,
      automaticPresenceSimulation: true,
    },
  });
  // What the device can is asked when the page opens.
  await page.reload();
  await page.getByRole('heading', { name: 'App lock' }).waitFor();
  await page.getByRole('switch', { name: 'Fingerprint or face opens it too' }).click();
  await page.getByLabel('New code').fill(code);
  await page.getByLabel('The same again').fill(code);
  await page.getByRole('button', { name: 'Switch the lock on' }).click();
  await page.getByRole('button', { name: 'Lock now' }).click();

  const finger = page.getByRole('button', { name: 'Fingerprint or face' });
  await devtools.send('WebAuthn.setUserVerified', { authenticatorId, isUserVerified: false });
  await finger.click();
  await page.getByText('Not recognised. Use the code.').waitFor();
  expect(await page.getByRole('heading', { name: 'Locked' }).count()).toBe(1);
  await devtools.send('WebAuthn.setUserVerified', { authenticatorId, isUserVerified: true });
  await finger.click();
  await page.getByRole('heading', { name: 'Locked' }).waitFor({ state: 'detached' });
});
