/** What a person does in the app, by what they read on its screens. */
import type { Page } from 'playwright-core';
import { type BrowserOptions, openBrowser, type PhoneBrowser } from './browser.ts';
import { type Daemon, palmkey } from './palmkey.ts';

/** First run: makes the key. */
export async function makeKey(page: Page, names: { key?: string; device?: string } = {}): Promise<void> {
  await page.getByRole('button', { name: 'Make my key' }).click();
  await page.getByRole('heading', { name: 'Name your key' }).waitFor();
  if (names.key !== undefined) await page.getByLabel('Key', { exact: true }).fill(names.key);
  if (names.device !== undefined) await page.getByLabel('This device').fill(names.device);
  await page.getByRole('button', { name: 'Make my key' }).click();
}

/** Says yes to a link that was followed to an app with a key. */
export async function confirmLink(page: Page): Promise<void> {
  await page.getByRole('button', { name: 'Pair with it' }).click();
}

/** The six digits on the screen. */
export async function readCode(page: Page): Promise<string> {
  const digits = page.getByRole('img', { name: /^(\d ){5}\d$/ });
  await digits.waitFor();
  return ((await digits.getAttribute('aria-label')) ?? '').replaceAll(' ', '');
}

export interface Paired extends AsyncDisposable {
  readonly browser: PhoneBrowser;
  readonly page: Page;
  /** The line for authorized_keys. */
  readonly keyLine: string;
}

/** Opens the daemon's own link in a fresh browser, makes a key, types the code, and leaves the app on its inbox. */
export async function pairFresh(
  daemon: Daemon,
  profile: string,
  options: BrowserOptions & { key?: string; device?: string } = {},
): Promise<Paired> {
  const browser = await openBrowser(profile, options);
  const { page } = browser;
  await page.goto(await daemon.link());
  await makeKey(page, { device: 'Pixel', ...options });
  daemon.child.write(`${await readCode(page)}\n`);
  await page.getByRole('button', { name: 'Go to the inbox' }).click();
  return {
    browser,
    page,
    keyLine: await keyLineOf(daemon.home),
    [Symbol.asyncDispose]: () => browser[Symbol.asyncDispose](),
  };
}

/** The first user key of a host, as a line for authorized_keys. */
export async function keyLineOf(home: string): Promise<string> {
  const { stdout } = await palmkey(home, 'keys', '--json');
  const [line] = /ssh-ed25519 [A-Za-z0-9+/=]+[^"]*/.exec(stdout) ?? [''];
  return line;
}
