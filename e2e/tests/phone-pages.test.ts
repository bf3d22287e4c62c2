/** How the pages behave under a thumb, over the app's fixture model in real Chromium; the engine has its own tests. */
import { createReadStream, existsSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { fileURLToPath } from 'node:url';
import { chromium, type Browser, type Page } from 'playwright-core';
import { build } from 'vite';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';

const app = fileURLToPath(new URL('../../apps/phone/', import.meta.url));
const types: Record<string, string> = {
  html: 'text/html',
  js: 'text/javascript',
  css: 'text/css',
  svg: 'image/svg+xml',
};
let server: Server;
let browser: Browser;
let page: Page;
let origin: string;

beforeAll(async () => {
  await build({ root: app, configFile: `${app}vite.config.ts`, mode: 'gallery', logLevel: 'error' });
  server = createServer((request, response) => {
    const { pathname } = new URL(request.url ?? '/', 'http://localhost');
    const file = `${app}.cache/gallery${pathname}`;
    if (pathname === '/' || !existsSync(file)) return response.writeHead(404).end();
    response.writeHead(200, { 'content-type': types[pathname.split('.').at(-1) ?? ''] ?? 'application/octet-stream' });
    return createReadStream(file).pipe(response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  origin = `http://localhost:${address.port}`;
  browser = await chromium.launch({
    executablePath: '/usr/bin/chromium',
    args: ['--no-sandbox', '--disable-gpu', '--disable-quic'],
  });
});
afterAll(async () => {
  await browser.close();
  server.close();
});
beforeEach(async () => {
  page = await browser.newPage({ viewport: { width: 390, height: 844 } });
  return () => page.close();
});

async function open(screen: string): Promise<void> {
  await page.goto(`${origin}/gallery.html?screen=${screen}`);
  await page.getByRole('heading', { level: 1 }).first().waitFor({ state: 'attached' });
}
const approve = () => page.getByRole('button', { name: 'Approve once' });
const hold = () => page.getByRole('button', { name: 'Hold to approve' });
/** Resolves when the button acts: past the guard. */
const armed = (button: ReturnType<typeof hold>) => button.and(page.locator('[aria-disabled=false]')).waitFor();
const approved = () => page.getByRole('heading', { name: 'Approved' });

describe('a request', () => {
  test('takes the focus and the title when it arrives', async () => {
    await open('approve-queue');
    await expect.poll(() => page.evaluate(() => document.activeElement?.textContent)).toContain('prod-3.example.org');
    expect(await page.title()).toBe('(3) Palmkey');
  });
  test('is not answered by a press that came before its buttons act', async () => {
    await open('approve-pinned');
    await approve().dispatchEvent('click', { detail: 1 });
    expect(await approve().count()).toBe(1);
  });
  test('answered by a double tap leaves the next one unanswered', async () => {
    await open('approve-queue');
    await armed(approve());
    await approve().dblclick();
    await page.getByRole('heading', { name: 'git.example.org' }).waitFor();
    expect(await page.title()).toBe('(2) Palmkey');
  });
  test('with a changed host key has no approve at all', async () => {
    await open('approve-changed');
    await page.getByRole('button', { name: 'Reject' }).waitFor();
    expect(await page.getByRole('button', { name: /approve/i }).count()).toBe(0);
  });
  test('that expires on screen loses its buttons', async () => {
    await open('approve-expired');
    await page.getByText('This request has expired').waitFor();
    expect(await page.getByRole('button', { name: /approve once|reject/i }).count()).toBe(0);
  });
});

describe('an unusual request', () => {
  test('is not approved by a tap or a short hold, and is by 0.6 s', async () => {
    await open('approve-new');
    await armed(hold());
    await hold().click();
    await hold().click({ delay: 200 });
    expect(await approved().count()).toBe(0);
    await hold().click({ delay: 700 });
    await approved().waitFor();
  });
  test('is approved by holding a key', async () => {
    await open('approve-new');
    await armed(hold());
    await hold().press('Space');
    expect(await approved().count()).toBe(0);
    await hold().press('Enter', { delay: 700 });
    await approved().waitFor();
  });
  test('asks assistive technology, which can only click, a second time', async () => {
    await open('approve-new');
    await armed(hold());
    await hold().dispatchEvent('click', { detail: 0 });
    const again = page.getByRole('button', { name: 'Press again' });
    await again.dispatchEvent('click', { detail: 0 });
    expect(await approved().count()).toBe(0);
    await expect
      .poll(async () => {
        if ((await again.count()) > 0) await again.dispatchEvent('click', { detail: 0 });
        return approved().count();
      })
      .toBe(1);
  });
});

describe('a commit', () => {
  test('is shown whole: subject first, people with their zones, parents and tree', async () => {
    await open('approve-merge');
    await page.getByRole('heading', { name: /^Sign a commit: Keep the order/ }).waitFor();
    const slip = await page.getByRole('main').innerText();
    expect(slip).toContain('12 Mar 2026, 14:05 +0100');
    expect(slip).toContain('12 Mar 2026, 14:40 -0800');
    expect(slip).toContain('Closes: #412');
    expect(slip).toContain('mergetag');
  });
  test('cannot be approved before all of it is here', async () => {
    await open('approve-loading');
    await page.getByRole('progressbar').waitFor();
    await page.getByRole('button', { name: 'Reject', disabled: false }).waitFor();
    expect(await page.getByRole('button', { name: /approve|commits for/i }).count()).toBe(0);
  });
  test('of five megabytes is turned in pages, and the last one is reached', async () => {
    await open('approve-long');
    await page
      .getByText(/^Page 1 of \d+$/)
      .first()
      .waitFor();
    await page.getByRole('button', { name: 'Next' }).first().click();
    await page
      .getByText(/^Page 2 of \d+$/)
      .first()
      .waitFor();
    await page.getByRole('button', { name: 'To the last page' }).first().click();
    expect(await page.getByRole('button', { name: 'Next' }).first().isDisabled()).toBe(true);
    const nodes = await page.evaluate(() => document.querySelectorAll('*').length);
    expect(nodes).toBeLessThan(1000);
  });
  test('with hidden characters names each and has to be held', async () => {
    await open('approve-hidden');
    await armed(hold());
    const slip = await page.getByRole('main').innerText();
    for (const name of ['U+200B', 'U+001B', 'U+2066', 'U+000D', 'U+0007', 'U+202E']) expect(slip).toContain(name);
  });
});

describe('a permission', () => {
  test('is given from the sheet, for as long as was chosen', async () => {
    await open('approve-pinned');
    await armed(approve());
    await page.getByRole('button', { name: 'This host for 1 h' }).click();
    await page.getByRole('dialog').getByText('Everything from this computer').click();
    await page.getByRole('dialog').getByText('12 h', { exact: true }).click();
    await page.getByRole('button', { name: 'Approve and allow for 12 h', disabled: false }).click();
    await approved().waitFor();
    await page.getByText('Allowed for 12 h').waitFor();
  });
  test('through other servers needs its own switch, and a hold', async () => {
    await open('approve-forwarded');
    await armed(hold());
    await page.getByRole('button', { name: 'This host for 1 h' }).click();
    const allow = page.getByRole('button', { name: 'Hold to approve and allow' });
    await page.waitForTimeout(500);
    expect(await allow.getAttribute('aria-disabled')).toBe('true');
    await page.getByRole('switch', { name: 'Also through other servers' }).click();
    await allow.and(page.locator('[aria-disabled=false]')).click({ delay: 750 });
    await approved().waitFor();
  });
  test('is not offered for a file, which has to be held', async () => {
    await open('approve-file');
    await armed(hold());
    expect(await page.getByRole('button', { name: / for 1 h/ }).count()).toBe(0);
  });
});

test('a key on another phone can be rejected or passed on here, and not approved', async () => {
  await open('approve-elsewhere');
  await page.getByRole('button', { name: 'Use another key', disabled: false }).waitFor();
  expect(await page.getByRole('button', { name: /approve/i }).count()).toBe(0);
  await page.getByRole('button', { name: 'Use another key' }).and(page.locator('[aria-disabled=false]')).click();
  await page.getByRole('heading', { name: 'Passed on' }).waitFor();
});

describe('a device that joins', () => {
  const shown = () => page.getByLabel('What it shows');
  test('is given words that are completed, and a slip is named and put right', async () => {
    await open('first-run-welcome');
    await page.getByRole('button', { name: 'I already use Palmkey' }).click();
    await shown().fill('12 aple riv');
    await page.getByText('“aple” is not in the list').waitFor();
    await page.getByRole('button', { name: 'apple', exact: true }).click();
    await page.getByRole('button', { name: 'river', exact: true }).click();
    expect(await shown().inputValue()).toBe('12 apple river ');
    expect(await page.evaluate(() => document.activeElement?.tagName)).toBe('TEXTAREA');
    await shown().pressSequentially('stone');
    await page.getByRole('button', { name: 'Continue' }).click();
    await page.getByRole('heading', { name: 'Meeting your other device' }).waitFor();
  });
  test('with a secret of its own side goes nowhere and is told so', async () => {
    await open('first-run-welcome');
    await page.getByRole('button', { name: 'I already use Palmkey' }).click();
    await shown().fill('apple river stone');
    await page.getByRole('button', { name: 'Continue' }).click();
    await page.getByText('It is a number and three words, or eight words.').waitFor();
  });
  test('is let in by a hold, not by a tap', async () => {
    await open('device-add-asking');
    await page.getByRole('img', { name: '4 0 7 1 9 2' }).waitFor();
    const yes = page.getByRole('button', { name: 'Hold to let it in' });
    await yes.click();
    await yes.click({ delay: 200 });
    await page.getByRole('heading', { name: 'Does the new device' }).waitFor();
    await yes.click({ delay: 700 });
    await page.getByRole('heading', { name: 'Adding it to your account' }).waitFor();
  });
});

describe('recovery words', () => {
  test('are in force only after three of them were typed from the paper', async () => {
    await open('words-none');
    await page.getByRole('button', { name: 'Show my words' }).click();
    const list = page.getByRole('list', { name: 'Your recovery words' });
    const words = await list.locator('span:not([aria-hidden])').allTextContents();
    expect(words).toHaveLength(12);
    await page.getByRole('button', { name: 'I have written them down' }).click();
    for (const field of await page.getByRole('textbox').all()) await field.fill('zoo');
    await page.getByRole('button', { name: 'Use these words' }).click();
    expect(await page.getByText('That is another word').count()).toBe(3);
    const asked = await page.getByText(/^Word \d+$/).allTextContents();
    for (const label of asked) {
      await page.getByLabel(label, { exact: true }).fill(words[Number(label.slice(5)) - 1] ?? '');
    }
    await page.getByRole('button', { name: 'Use these words' }).click();
    await page.getByRole('heading', { name: 'Your words are in force' }).waitFor();
  });
  test('show the account and its last change before anything is added', async () => {
    await open('first-run-welcome');
    await page.getByRole('button', { name: 'I only have my recovery words' }).click();
    const find = page.getByRole('button', { name: 'Find my account' });
    await page.getByRole('textbox').fill('abandon '.repeat(11));
    expect(await find.isDisabled()).toBe(true);
    await page.getByRole('textbox').fill(`${'abandon '.repeat(11)}about`);
    await find.click();
    await page.getByText('Last changed on').waitFor();
    expect(await page.getByText('Tablet at home').count()).toBe(1);
    await page.getByRole('button', { name: 'Add this device' }).click();
    await page.getByRole('button', { name: 'Remove Tablet at home' }).waitFor();
  });
});

test('a device is removed by a hold in a sheet that says what follows', async () => {
  await open('device');
  await page.getByRole('button', { name: 'Remove from the account' }).click();
  await page.getByRole('dialog').getByText('palmkey keys replace').waitFor();
  const remove = page.getByRole('button', { name: 'Hold to remove Tablet at home' });
  await remove.click();
  expect(await page.getByText('Its SSH keys still open servers').count()).toBe(0);
  await remove.click({ delay: 700 });
  await page.getByRole('heading', { name: 'Its SSH keys still open servers' }).waitFor();
});

test('a removed device shows nothing but that it is removed', async () => {
  await open('account-removed');
  await page.getByText('By Tablet at home').waitFor();
  expect(await page.getByRole('navigation').count()).toBe(0);
});
