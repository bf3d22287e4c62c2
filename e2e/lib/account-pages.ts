/** What a person does on the pages of the account, by what they read on them. */
import type { Page } from 'playwright-core';
import { readCode } from './phone.ts';
import { hold as holdButton } from './press.ts';

/** Presses a button that has to be held. */
export async function hold(page: Page, name: string | RegExp): Promise<void> {
  await holdButton(page.getByRole('button', { name }).and(page.locator(':not([aria-disabled="true"])')));
}

/** Opens a page of the app by its address, as one that was installed does. */
export async function openAt(page: Page, path: string): Promise<void> {
  await page.goto(new URL(path, page.url()).href);
}

/** Waits for a heading; returns all text with white space squeezed. Throws with what is there instead. */
export async function reads(page: Page, title: string | RegExp, timeout = 30_000): Promise<string> {
  const main = page.getByRole('main');
  try {
    await page.getByRole('heading', { name: title }).waitFor({ timeout });
  } catch (error) {
    throw new Error(`the screen says: ${squeezed(await main.innerText())}`, { cause: error });
  }
  return squeezed(await main.innerText());
}

const squeezed = (text: string) => text.replaceAll(/\s+/g, ' ');

/** A secret as a device shows it. */
export interface ShownJoining {
  /** What can be typed instead of the code; null: only the code. */
  readonly words: string | null;
  /** What is in the code. */
  readonly link: string;
  /** The code as it is drawn, rows of light (true) and dark modules. */
  readonly rows: boolean[][];
}

/** The secret that is on the screen. */
export async function readJoining(page: Page): Promise<ShownJoining> {
  const code = page.getByRole('img', { name: 'QR code for the other device' });
  await code.waitFor();
  const words = page.locator('[data-joining-words]');
  const size = Number(((await code.getAttribute('viewBox')) ?? '').split(' ')[2]);
  const bars = (await code.locator('path').getAttribute('d')) ?? '';
  const rows = Array.from({ length: size }, () => Array<boolean>(size).fill(true));
  for (const [, x, y, width] of bars.matchAll(/M(\d+) (\d+)h(\d+)v1H\d+z/g)) {
    rows[Number(y)]?.fill(false, Number(x), Number(x) + Number(width));
  }
  return {
    words: (await words.count()) === 0 ? null : await words.getAttribute('data-joining-words'),
    link: (await code.getAttribute('data-qr')) ?? '',
    rows,
  };
}

/** Shows a secret on a member: the short code, or one of the other ways by its name. */
export async function addDevice(page: Page, way?: 'Eight words' | 'Nine words in a QR code'): Promise<ShownJoining> {
  await openAt(page, '/devices/add');
  const shown = await readJoining(page);
  if (way === undefined) return shown;
  await page.getByRole('button', { name: 'Other ways' }).click();
  await page.getByRole('button', { name: new RegExp(`^${way}`) }).click();
  await page.getByRole('heading', { name: headingOf[way] }).waitFor();
  return readJoining(page);
}

const headingOf = {
  'Eight words': 'Scan this, or type its eight words',
  'Nine words in a QR code': 'Scan this with the new device',
};

/** Opens the app on a device that has nothing, on the way into an account. */
export async function beginJoining(page: Page, origin: string): Promise<void> {
  await page.goto(origin);
  await page.getByRole('button', { name: 'I already use Palmkey on another device' }).click();
  await page.getByRole('heading', { name: 'Join your account' }).waitFor();
}

/** Types what the other device shows: words, or the link that is in its code. */
export async function typeJoining(page: Page, text: string): Promise<void> {
  await page.getByLabel('What it shows').fill(text);
  await page.getByRole('button', { name: 'Continue' }).click();
}

/** Scans what the other device shows, with the camera. */
export async function scanJoining(page: Page): Promise<void> {
  await page.getByRole('button', { name: 'Scan the QR code' }).click();
}

/** Types on a member what a new device shows. */
export async function enterInstead(page: Page, text: string): Promise<void> {
  await openAt(page, '/devices/add');
  await page.getByRole('button', { name: 'Other ways' }).click();
  await page.getByRole('button', { name: /^Scan or type what the new device shows/ }).click();
  await typeJoining(page, text);
}

/** Begins to come back by recovery words alone, on a device that has nothing. */
export async function rejoin(page: Page, words: readonly string[]): Promise<void> {
  await page.getByRole('button', { name: 'I only have my recovery words' }).click();
  await page.getByRole('textbox', { name: /^Words/ }).fill(words.join(' '));
  await page.getByRole('button', { name: 'Find my account' }).click();
}

/** Names the new device; returns the code that both are to show. */
export async function nameDevice(page: Page, name: string): Promise<string> {
  await reads(page, 'Name this device');
  await page.getByLabel('This device').fill(name);
  await page.getByRole('button', { name: 'Continue' }).click();
  return readCode(page);
}

/** On the member: the name that asks to come in, and the code. */
export async function readNewcomer(page: Page): Promise<{ readonly code: string; readonly text: string }> {
  await reads(page, 'Does the new device show this code?');
  return { code: await readCode(page), text: (await page.getByRole('main').textContent()) ?? '' };
}

/** Says yes on the member, and waits until both are there. */
export async function letIn(member: Page, newcomer: Page, name: string): Promise<void> {
  await hold(member, /Hold to let it in/);
  await member.getByRole('heading', { name: `${name} is in your account` }).waitFor({ timeout: 60_000 });
  await newcomer.getByRole('heading', { name: 'This device is in your account' }).waitFor({ timeout: 60_000 });
  await newcomer.getByRole('button', { name: 'Go to the inbox' }).click();
  await member.getByRole('button', { name: 'Done' }).click();
}

/** Makes recovery words, writes them down and copies three from the paper; returns them. */
export async function makeWords(page: Page): Promise<readonly string[]> {
  await openAt(page, '/devices/words');
  await page.getByRole('button', { name: /^(Show my|Make new) words$/ }).click();
  const grid = page.getByRole('list', { name: 'Your recovery words' });
  await grid.waitFor();
  const words = (await grid.locator('li').allTextContents()).map((text) => text.replace(/^\d+/, '').trim());
  await page.getByRole('button', { name: 'I have written them down' }).click();
  const asked = page.getByLabel(/^Word \d+$/);
  await asked.first().waitFor();
  for (const field of await asked.all()) {
    const label = await page.locator(`label[for="${(await field.getAttribute('id')) ?? ''}"]`).textContent();
    await field.fill(words[Number(/\d+/.exec(label ?? '')?.[0]) - 1] ?? '');
  }
  await page.getByRole('button', { name: 'Use these words' }).click();
  await page.getByRole('heading', { name: 'Your words are in force' }).waitFor({ timeout: 60_000 });
  return words;
}

/** Removes a device of the account from a member. */
export async function revokeDevice(page: Page, name: string): Promise<void> {
  await openAt(page, '/devices');
  await page.getByRole('link', { name: new RegExp(`^${name}`) }).click();
  await page.getByRole('button', { name: 'Remove from the account' }).click();
  await hold(page, `Hold to remove ${name}`);
  await page.getByText('Its SSH keys still open servers').waitFor({ timeout: 60_000 });
}
