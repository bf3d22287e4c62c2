/** A permission from the person's side: given with an approval, used without asking, seen, and stopped. */
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { answer } from '../lib/slip.ts';
import { Stage } from '../lib/stage.ts';

let stage: Stage;
let page: Page;

beforeAll(async () => {
  stage = await Stage.open();
  page = stage.page;
  // The first login pins the server: until then only that one is allowed.
  const first = stage.login();
  await answer(page);
  expect(await first.ended()).toBe(0);
});
afterAll(() => stage[Symbol.asyncDispose]());

const nothingAsks = () => page.getByText('Nothing is asking.').waitFor();

describe('a host allowed for a while', () => {
  test('is given with the approval, in words that say what it covers', async () => {
    const ssh = stage.login();
    await page.getByRole('button', { name: 'This host for 1 h' }).click();
    const sheet = page.getByRole('dialog');
    await sheet.getByText('3 h', { exact: true }).click();
    expect(await sheet.innerText()).toMatch(/may log in to .* as \S+ with .*, as often as it likes/);
    expect(await sheet.innerText()).toMatch(/Still asked:.*changed host key/);
    await sheet.getByRole('button', { name: 'Approve and allow for 3 h', disabled: false }).click();
    expect(await ssh.ended()).toBe(0);
    await nothingAsks();
    await page.getByText(/Allowed right now · 1/).waitFor();
    await page.getByText(/2 h 59 min left/).waitFor();
  });

  test('lets the next login in without asking, which stands in the history', async () => {
    const ssh = stage.login();
    expect(await ssh.ended()).toBe(0);
    await page
      .getByText(/Approved by permission/)
      .first()
      .waitFor();
    await page.getByRole('link', { name: 'Details' }).click();
    await page.getByText(/Used once/).waitFor();
  });

  test('asks again once it was stopped', async () => {
    await page.getByRole('link', { name: 'Inbox' }).first().click();
    await page.getByRole('button', { name: /^Stop: / }).click();
    await page.getByText(/Allowed right now/).waitFor({ state: 'detached' });
    const ssh = stage.login();
    const slip = await answer(page);
    expect(slip.title).toMatch(/^Log in to/);
    expect(await ssh.ended()).toBe(0);
  });
});

describe('a computer that is muted', () => {
  test('is offered after two rejects in a row, and asks nothing more until it is unmuted', async () => {
    for (let time = 0; time < 2; time += 1) {
      const ssh = stage.login();
      await answer(page, 'reject');
      expect(await ssh.ended()).not.toBe(0);
    }
    await nothingAsks();
    await page.getByRole('button', { name: 'Mute this computer' }).click();
    await page.getByRole('button', { name: 'For 1 hour' }).click();
    const muted = stage.login();
    expect(await muted.ended()).not.toBe(0);
    await nothingAsks();
    await page.getByRole('button', { name: /^Unmute / }).click();
    const ssh = stage.login();
    await answer(page);
    expect(await ssh.ended()).toBe(0);
  });
});
