/**
 * The keyboard alone: a device joins, is let in, and a login is approved; the focus is always where the person goes on.
 */
import { join } from 'node:path';
import type { Locator, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { readJoining } from '../lib/account-pages.ts';
import { AccountScene } from '../lib/account-scene.ts';
import { readCode } from '../lib/phone.ts';
import { sshClient } from '../lib/ssh.ts';
import { type Sshd, startSshd } from '../lib/sshd.ts';

/** More than anything is away on these pages. */
const MAX_PRESSES = 60;

let scene: AccountScene;
let sshd: Sshd;

beforeAll(async () => {
  scene = await AccountScene.open();
  sshd = await startSshd(join(scene.folder, 'sshd'));
  sshd.authorize([scene.first.keyLine]);
});
afterAll(async () => {
  await sshd[Symbol.asyncDispose]();
  await scene[Symbol.asyncDispose]();
});

const hasFocus = (target: Locator) => target.evaluate((element) => element === document.activeElement);

/** Goes on with Tab until this has the focus. Throws where it is never reached. */
async function tabTo(target: Locator): Promise<void> {
  await target.waitFor();
  for (let presses = 0; presses < MAX_PRESSES; presses++) {
    if (await hasFocus(target)) return;
    await target.page().keyboard.press('Tab');
  }
  throw new Error(`never reached: ${await target.innerText()}`);
}

async function press(target: Locator): Promise<void> {
  await tabTo(target);
  await target.page().keyboard.press('Enter');
}

/** Holds Enter until the button has acted, which takes it away. */
async function holdEnter(target: Locator): Promise<void> {
  await tabTo(target);
  // A button that has just come takes no press that was meant for what was there before.
  await target.and(target.page().locator(':not([aria-disabled="true"])')).waitFor();
  const { keyboard } = target.page();
  await keyboard.down('Enter');
  try {
    await target.waitFor({ state: 'detached' });
  } finally {
    await keyboard.up('Enter');
  }
}

/** Types into a field, in the place of what is in it. */
async function type(field: Locator, text: string): Promise<void> {
  await tabTo(field);
  await field.press('ControlOrMeta+a');
  await field.page().keyboard.type(text);
}

/** This heading has the focus, which is how a screen reader says it. Throws with what is there instead. */
async function isSaid(page: Page, title: string | RegExp): Promise<void> {
  const heading = page.getByRole('heading', { name: title, exact: true });
  try {
    await heading.waitFor({ state: 'attached', timeout: 60_000 });
  } catch (error) {
    throw new Error(`the screen says: ${await page.getByRole('main').innerText()}`, { cause: error });
  }
  await expect.poll(() => hasFocus(heading), { timeout: 10_000 }).toBe(true);
}

const button = (page: Page, name: string | RegExp) => page.getByRole('button', { name });
const link = (page: Page, name: string | RegExp) => page.getByRole('link', { name });

test('a new device joins and is let in', async () => {
  const { page: member } = scene;
  await press(link(member, 'Settings'));
  await isSaid(member, 'Settings');
  await press(link(member, /^Devices/));
  await press(link(member, 'Add a device'));
  await isSaid(member, 'Scan this with the new device');
  const { words } = await readJoining(member);

  await using browser = await scene.stranger();
  const { page: newcomer } = browser;
  await newcomer.goto(scene.origin);
  await press(button(newcomer, 'I already use Palmkey on another device'));
  await isSaid(newcomer, 'Join your account');
  await type(newcomer.getByLabel('What it shows'), words ?? expect.unreachable());
  await press(button(newcomer, 'Continue'));
  await isSaid(newcomer, 'Name this device');
  await type(newcomer.getByLabel('This device'), 'By keyboard');
  await newcomer.keyboard.press('Enter');
  await isSaid(newcomer, 'Does your other device show this code?');
  await isSaid(member, 'Does the new device show this code?');
  expect(await readCode(member)).toBe(await readCode(newcomer));
  await holdEnter(button(member, /^Hold to let it in/));
  await isSaid(member, 'By keyboard is in your account');
  await isSaid(newcomer, 'This device is in your account');
  await press(button(newcomer, 'Go to the inbox'));
  await isSaid(newcomer, 'Inbox');
  await press(button(member, 'Done'));
  await isSaid(member, 'Devices');
  await press(link(member, /^By keyboard/));
  await isSaid(member, 'By keyboard');
});

test('a login is approved', async () => {
  const { page, daemon, folder } = scene;
  const ssh = sshClient(folder, daemon.home, sshd).startInTerminal('echo', 'in');
  await press(link(page, / asks$/));
  await isSaid(page, /^Log in to/);
  await holdEnter(button(page, /^Hold to approve once/));
  expect(await ssh.ended(), ssh.output).toBe(0);
  await isSaid(page, 'Inbox');
});
