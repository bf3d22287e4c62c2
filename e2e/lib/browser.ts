/** The app in Debian's Chromium: one profile is one phone. */
import { type BrowserContext, chromium, type Page } from 'playwright-core';
import { tapSignatures } from './signing-tap.ts';

export interface PhoneBrowser extends AsyncDisposable {
  readonly context: BrowserContext;
  readonly page: Page;
  /** What the page logged as an error, for failure messages. */
  readonly problems: readonly string[];
  /** How many logins it signed so far. */
  signed(): number;
}

export interface BrowserOptions {
  /** A y4m file that the fake camera shows. */
  readonly camera?: string;
  readonly size?: { readonly width: number; readonly height: number };
  readonly colorScheme?: 'light' | 'dark';
  /** False where a test answers requests itself: what a service worker fetches, `page.route` does not see. */
  readonly serviceWorkers?: boolean;
}

/** Opens a browser on a profile folder; the same folder again is the same phone after a restart. */
export async function openBrowser(profile: string, options: BrowserOptions = {}): Promise<PhoneBrowser> {
  const camera =
    options.camera === undefined
      ? []
      : [
          '--use-fake-ui-for-media-stream',
          '--use-fake-device-for-media-stream',
          `--use-file-for-fake-video-capture=${options.camera}`,
        ];
  const context = await chromium.launchPersistentContext(profile, {
    executablePath: '/usr/bin/chromium',
    viewport: options.size ?? { width: 390, height: 844 },
    colorScheme: options.colorScheme ?? 'light',
    serviceWorkers: options.serviceWorkers === false ? 'block' : 'allow',
    permissions: options.camera === undefined ? [] : ['camera'],
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
      ...camera,
    ],
  });
  const signed = await tapSignatures(context);
  const problems: string[] = [];
  const watch = (page: Page) => {
    page.on('pageerror', (error) => problems.push(error.message));
    page.on('console', (message) => {
      if (message.type() === 'error') problems.push(message.text());
    });
  };
  context.on('page', watch);
  const page = context.pages()[0] ?? (await context.newPage());
  watch(page);
  return { context, page, problems, signed, [Symbol.asyncDispose]: () => context.close() };
}
