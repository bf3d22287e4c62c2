/**
 * Builds the gallery and takes a picture of every screen at three sizes, light and dark, into e2e/artifacts/screens.
 * Fails on serious or critical accessibility findings, and where a page is wider than the window at 320 px,
 * also with text at 200 %. Run: `npm run screens [-- --check] [SCREEN …]`; `--check` leaves out the sizes that find least.
 */
import { createReadStream, existsSync, readFileSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { createServer } from 'node:http';
import { createRequire } from 'node:module';
import { extname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { AxeBuilder } from '@axe-core/playwright';
import { chromium, type Page } from 'playwright-core';
import { build } from 'vite';

const app = fileURLToPath(new URL('..', import.meta.url));
const folder = fileURLToPath(new URL('../../../e2e/artifacts/screens/', import.meta.url));
const sizes = [
  { width: 320, height: 568 },
  { width: 390, height: 844 },
  { width: 1280, height: 800 },
];
const themes = ['light', 'dark'] as const;
const check = process.argv.includes('--check');
const leftOut = new Set(['390 light', '390 dark', '1280 dark']);

/** By recovery words to the account that they open. */
async function findAccount(page: Page): Promise<void> {
  await page.getByRole('button', { name: 'I only have my recovery words' }).click();
  await page.getByRole('textbox').fill(`${'abandon '.repeat(11)}about`);
  await page.getByRole('button', { name: 'Find my account' }).click();
  await page.getByRole('heading', { name: 'Is this your account' }).waitFor();
}

async function loseNetwork(page: Page): Promise<void> {
  await page.evaluate(
    `Object.defineProperty(navigator, 'onLine', { value: false }); window.dispatchEvent(new Event('offline'))`,
  );
  await page.getByRole('heading', { name: 'No connection' }).waitFor();
}

/** Screens that take a press or two to reach: from which screen, and what to do there. */
const further: Record<string, { from: string; reach: (page: Page) => Promise<void> }> = {
  'first-run-name': {
    from: 'first-run-welcome',
    reach: (page) => page.getByRole('button', { name: 'Make my key' }).click(),
  },
  'first-run-pair': {
    from: 'first-run-welcome',
    reach: async (page) => {
      await page.getByRole('button', { name: 'Make my key' }).click();
      await page.getByRole('heading', { name: 'Name your key' }).waitFor();
      await page.getByRole('button', { name: 'Make my key' }).click();
      await page.getByRole('heading', { name: 'Pair your computer' }).waitFor();
    },
  },
  'approve-fields': {
    from: 'approve-pinned',
    reach: (page) => page.getByRole('button', { name: 'What exactly' }).click(),
  },
  'approve-explained': {
    from: 'approve-new',
    reach: (page) => page.getByRole('button', { name: 'Host key:' }).click(),
  },
  'approve-answered': {
    from: 'approve-pinned',
    reach: (page) => page.getByRole('button', { name: 'Approve once' }).click(),
  },
  'approve-allow': {
    from: 'approve-pinned',
    reach: (page) => page.getByRole('button', { name: 'This host for' }).click(),
  },
  'approve-allow-commits': {
    from: 'approve-commit',
    reach: (page) => page.getByRole('button', { name: 'Commits for' }).click(),
  },
  'approve-allow-forwarded': {
    from: 'approve-forwarded',
    reach: async (page) => {
      await page.getByRole('button', { name: 'This host for' }).click();
      await page.getByRole('switch', { name: 'Also through other servers' }).click();
    },
  },
  'approve-pass': {
    from: 'approve-pinned',
    reach: (page) => page.getByRole('button', { name: 'Use another' }).click(),
  },
  'approve-signed-text': {
    from: 'approve-commit',
    reach: async (page) => {
      await page.getByRole('button', { name: 'What exactly' }).click();
      await page.getByText('Digest').scrollIntoViewIfNeeded();
    },
  },
  'host-key-compared': {
    from: 'host-key',
    reach: async (page) => {
      await page
        .getByLabel('What the owner gave you')
        .fill('256 SHA256:mZx8CvB7nLkJ6hGfD5sApOiUy4T3rEwQ2zXcVbN1mKj root@prod-3 (ED25519)');
      await page.getByRole('heading', { name: 'It is the same' }).scrollIntoViewIfNeeded();
    },
  },
  'home-install': {
    from: 'home-empty',
    reach: async (page) => {
      await page.evaluate(
        `window.dispatchEvent(Object.assign(new Event('beforeinstallprompt'), { prompt: () => Promise.resolve() }))`,
      );
      await page.getByRole('heading', { name: 'Keep Palmkey at hand' }).scrollIntoViewIfNeeded();
    },
  },
  'home-offline': {
    from: 'home-empty',
    reach: loseNetwork,
  },
  'join-offline': { from: 'join-meeting', reach: loseNetwork },
  'device-add-offline': { from: 'device-add-short', reach: loseNetwork },
  'home-mute': {
    from: 'home-flooded',
    reach: (page) => page.getByRole('button', { name: 'Mute laptop' }).click(),
  },
  'passphrase-wrong': {
    from: 'passphrase-unlock',
    reach: async (page) => {
      await page.getByLabel('Passphrase', { exact: true }).fill('another one');
      await page.getByRole('button', { name: 'Open', exact: true }).click();
      await page.getByText('Not the passphrase.').waitFor();
    },
  },
  'passphrase-forgotten': {
    from: 'passphrase-unlock',
    reach: (page) => page.getByRole('button', { name: 'I have forgotten it' }).click(),
  },
  'passphrase-renew': {
    from: 'passphrase-bare',
    reach: (page) => page.getByRole('button', { name: 'Make new keys for this device' }).click(),
  },
  'passphrase-weak': {
    from: 'passphrase-off',
    reach: async (page) => {
      await page.getByLabel('New passphrase').fill('12345678');
      await page.getByLabel('The same again').fill('1234567x');
      await page.getByRole('button', { name: 'Encrypt with it' }).scrollIntoViewIfNeeded();
    },
  },
  'lock-wrong': {
    from: 'lock-screen',
    reach: async (page) => {
      await page.getByLabel('Code').fill('000000');
      await page.getByRole('button', { name: 'Unlock' }).click();
      await page.getByText('Wrong code').waitFor();
    },
  },
  'invite-made': {
    from: 'invite',
    reach: async (page) => {
      await page.getByRole('button', { name: 'Make a code' }).click();
      await page.getByRole('heading', { name: 'On the computer' }).waitFor();
    },
  },
  'first-run-pair-asks': {
    from: 'first-run-asks',
    reach: async (page) => {
      await page.getByRole('button', { name: 'Make my key' }).click();
      await page.getByRole('heading', { name: 'Name your key' }).waitFor();
      await page.getByRole('button', { name: 'Make my key' }).click();
      await page.getByRole('heading', { name: 'This relay asks' }).scrollIntoViewIfNeeded();
    },
  },
  'admission-taken': {
    from: 'admission-first',
    reach: async (page) => {
      await page.getByLabel('I have an invitation').fill('K7Q2M-9XW4D-0HT5B-N3VCR');
      await page.getByRole('button', { name: 'Use it' }).click();
      await page.getByRole('heading', { name: 'The relay knows this device' }).waitFor();
    },
  },
  'admission-wrong-code': {
    from: 'admission',
    reach: async (page) => {
      await page.getByLabel('I have an invitation').fill('K7Q2M-9XW4D');
      await page.getByRole('button', { name: 'Use it' }).click();
      await page.getByText('A code has 20 characters').scrollIntoViewIfNeeded();
    },
  },
  'devices-removed': {
    from: 'devices',
    reach: async (page) => {
      await page.getByRole('button', { name: 'Removed' }).click();
      await page.getByText('Account record').last().scrollIntoViewIfNeeded();
    },
  },
  'device-remove': {
    from: 'device',
    reach: (page) => page.getByRole('button', { name: 'Remove from the account' }).click(),
  },
  'device-add-other-ways': {
    from: 'device-add-short',
    reach: async (page) => {
      await page.getByRole('button', { name: 'Other ways' }).click();
      await page.getByRole('button', { name: 'Cancel' }).scrollIntoViewIfNeeded();
    },
  },
  'device-add-enter': {
    from: 'device-add-short',
    reach: async (page) => {
      await page.getByRole('button', { name: 'Other ways' }).click();
      await page.getByRole('button', { name: 'Scan or type' }).click();
      await page.getByLabel('What it shows').fill('apple rivre stone ');
    },
  },
  'words-shown': {
    from: 'words-none',
    reach: async (page) => {
      await page.getByRole('button', { name: 'Show my words' }).click();
      await page.getByRole('heading', { name: 'Write these down' }).waitFor();
    },
  },
  'words-check': {
    from: 'words-none',
    reach: async (page) => {
      await page.getByRole('button', { name: 'Show my words' }).click();
      await page.getByRole('button', { name: 'I have written them down' }).click();
      for (const field of await page.getByRole('textbox').all()) await field.fill('abandom');
      await page.getByRole('button', { name: 'Use these words' }).click();
    },
  },
  'words-done': {
    from: 'words-none',
    reach: async (page) => {
      await page.getByRole('button', { name: 'Show my words' }).click();
      const shown = page.getByRole('list', { name: 'Your recovery words' });
      const words = await shown.locator('li > span:last-child').allTextContents();
      await page.getByRole('button', { name: 'I have written them down' }).click();
      for (const field of await page.getByRole('textbox', { name: /^Word \d+$/ }).all()) {
        const label = await field.evaluate((element) => (element as HTMLInputElement).labels?.[0]?.textContent ?? '');
        await field.fill(words[Number(label.replace('Word ', '')) - 1] ?? '');
      }
      await page.getByRole('button', { name: 'Use these words' }).click();
      await page.getByRole('heading', { name: 'Your words are in force' }).waitFor();
    },
  },
  'removed-begin': {
    from: 'account-removed',
    reach: (page) => page.getByRole('button', { name: 'Begin anew' }).click(),
  },
  'join-begin': {
    from: 'first-run-welcome',
    reach: async (page) => {
      await page.getByRole('button', { name: 'I already use Palmkey' }).click();
      await page.getByRole('heading', { name: 'Join your account' }).waitFor();
      await page.getByLabel('What it shows').fill('12 apple riv');
    },
  },
  'join-naming-none': {
    from: 'join-naming',
    reach: (page) => page.getByLabel('This device').fill('a'),
  },
  'rejoin-words': {
    from: 'first-run-welcome',
    reach: async (page) => {
      await page.getByRole('button', { name: 'I only have my recovery words' }).click();
      await page
        .getByLabel('Words', { exact: false })
        .first()
        .fill(`${'abandon '.repeat(6)}abo`);
    },
  },
  'rejoin-found': { from: 'first-run-welcome', reach: findAccount },
  'rejoin-joined': {
    from: 'first-run-welcome',
    reach: async (page) => {
      await findAccount(page);
      await page.getByRole('button', { name: 'Add this device' }).click();
      await page.getByRole('heading', { name: 'This device is in your account' }).waitFor();
    },
  },
  'key-remove': { from: 'key', reach: (page) => page.getByRole('button', { name: 'Remove this key' }).click() },
  'second-way': { from: 'home-notices', reach: (page) => page.getByRole('button', { name: 'How, and why' }).click() },
  'computer-unpair': { from: 'computer', reach: (page) => page.getByRole('button', { name: 'Unpair' }).click() },
  'keys-add': { from: 'keys', reach: (page) => page.getByRole('button', { name: 'Make another key' }).click() },
  'pair-no-camera': {
    from: 'pair-none',
    reach: async (page) => {
      await page.getByRole('button', { name: 'Scan the QR code' }).click();
      await page.getByRole('button', { name: 'Back' }).waitFor();
    },
  },
};

/** Gone again before an audit could end. */
const passing = new Set(['approve-answered']);

const types: Record<string, string> = {
  '.html': 'text/html',
  '.js': 'text/javascript',
  '.css': 'text/css',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
};

async function serve(root: string): Promise<{ origin: string; close: () => void }> {
  const server = createServer((request, response) => {
    const { pathname } = new URL(request.url ?? '/', 'http://localhost');
    const file = root + pathname;
    if (pathname.includes('..') || pathname === '/' || !existsSync(file)) return response.writeHead(404).end();
    response.writeHead(200, {
      'content-type': types[extname(file)] ?? 'application/octet-stream',
      // The same scripts for hundreds of pages: what is kept is neither fetched nor compiled again.
      'cache-control': 'max-age=86400',
    });
    return createReadStream(file).pipe(response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return { origin: `http://localhost:${address.port}`, close: () => server.close() };
}

async function overflow(page: Page): Promise<number> {
  return page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
}

const { resolve } = createRequire(createRequire(import.meta.url).resolve('@axe-core/playwright'));
const axeSource = readFileSync(resolve('axe-core/axe.min.js'), 'utf8');

/**
 * What every rule of axe finds on a page. No screen has frames, whose findings would be put together in a page of their
 * own; and of what a rule finds nothing wrong with, no report is made.
 */
async function audit(page: Page): Promise<string[]> {
  const builder = new AxeBuilder({ page, axeSource }).setLegacyMode().options({ resultTypes: ['violations'] });
  const { violations } = await builder.analyze();
  return violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .flatMap(({ id, nodes }) =>
      nodes.map((node) => `${id}: ${node.html.slice(0, 160)} — ${node.failureSummary?.split('\n')[1] ?? ''}`),
    );
}

await build({ root: app, configFile: `${app}vite.config.ts`, mode: 'gallery', logLevel: 'warn' });
await mkdir(folder, { recursive: true });
const server = await serve(`${app}.cache/gallery`);
const browser = await chromium.launch({
  executablePath: '/usr/bin/chromium',
  args: ['--no-sandbox', '--disable-gpu', '--disable-quic'],
});
const findings: string[] = [];
let pictures = 0;
try {
  const index = await browser.newPage();
  await index.goto(`${server.origin}/gallery.html`);
  const listed = await index.getByRole('link').allTextContents();
  await index.close();
  const wanted = process.argv.slice(2).filter((argument) => argument !== '--check');
  const names = [...listed, ...Object.keys(further)].filter(
    (name) => wanted.length === 0 || wanted.some((part) => name.includes(part)),
  );
  const looks = themes
    .flatMap((theme) => sizes.map((viewport) => ({ theme, viewport })))
    .filter(({ theme, viewport }) => !check || !leftOut.has(`${viewport.width} ${theme}`));
  // Each in a context of its own, side by side: most of the time goes into waiting and auditing.
  await Promise.all(looks.map((look) => takePictures(names, look)));
} finally {
  await browser.close();
  server.close();
}
process.stdout.write(`${pictures} pictures in e2e/artifacts/screens; ${findings.length} findings\n`);
for (const finding of new Set(findings)) process.stdout.write(`  ${finding}\n`);
if (findings.length > 0) process.exitCode = 1;

/** Every named screen in one look. */
async function takePictures(
  names: readonly string[],
  { theme, viewport }: { theme: (typeof themes)[number]; viewport: (typeof sizes)[number] },
): Promise<void> {
  const context = await browser.newContext({ viewport, colorScheme: theme, reducedMotion: 'reduce' });
  const page = await context.newPage();
  page.on('pageerror', (error) => findings.push(`script error: ${error.message}`));
  page.on('console', (message) => {
    if (message.type() === 'error') findings.push(`console: ${message.text()}`);
  });
  for (const name of names) {
    const step = further[name];
    await page.goto(`${server.origin}/gallery.html?screen=${step?.from ?? name}`);
    await page.getByRole('heading').first().waitFor({ state: 'attached' });
    // The places and some pages are fetched on their own.
    if (name !== 'loading') await page.locator(':is(main, p)[aria-busy=true]').waitFor({ state: 'detached' });
    await step?.reach(page);
    // Past the guard, so that the buttons look as they do when they act; the beat after an answer is kept.
    if (name.startsWith('approve-') && !passing.has(name)) await page.waitForTimeout(450);
    const label = `${name} ${viewport.width} ${theme}`;
    await page.screenshot({ path: `${folder}${name}-${viewport.width}-${theme}.png` });
    pictures += 1;
    const wider = await overflow(page);
    if (wider > 0) findings.push(`${label}: ${wider} px too wide`);
    if (viewport.width !== 390 && !passing.has(name)) {
      for (const finding of await audit(page)) findings.push(`${label}: ${finding}`);
    }
    if (viewport.width === 320 && theme === 'light') {
      await page.evaluate(() => (document.documentElement.style.fontSize = '200%'));
      const zoomed = await overflow(page);
      if (zoomed > 0) findings.push(`${label}: ${zoomed} px too wide with text at 200 %`);
    }
  }
  await context.close();
}
