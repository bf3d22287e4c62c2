/** The engine without screens (e2e/harness), built and run as a phone that always says yes. */
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type PhoneBrowser, openBrowser } from './browser.ts';
import { startPalmkey } from './palmkey.ts';
import type { Child } from './child.ts';
import { freePort } from './temp.ts';

const source = fileURLToPath(new URL('../harness', import.meta.url));
const built = fileURLToPath(new URL('../../.cache/harness', import.meta.url));

/** Builds the harness page; returns its folder. */
async function buildHarness(): Promise<string> {
  const { build } = await import('vite');
  await build({
    root: source,
    logLevel: 'error',
    configFile: false,
    define: { __APP_VERSION__: JSON.stringify('harness') },
    build: { outDir: built, emptyOutDir: true, target: 'es2022' },
  });
  return built;
}

export interface HarnessRun extends AsyncDisposable {
  readonly home: string;
  readonly host: Child;
  readonly relay: Child;
  readonly browser: PhoneBrowser;
  /** The line for authorized_keys. */
  readonly keyLine: string;
}

export interface HarnessOptions {
  /** The relay's port, and the one by which host and phone reach it: that of a tap between them. */
  readonly ports?: { readonly relay: number; readonly reached: number };
  /** Before the browser loads the page. */
  readonly prepare?: (browser: PhoneBrowser) => Promise<void>;
}

/** A relay and a host, each a process of its own, and a paired phone in Chromium that approves at once. */
export async function startHarness(folder: string, options: HarnessOptions = {}): Promise<HarnessRun> {
  const app = await buildHarness();
  const { relay: port, reached } = options.ports ?? same(await freePort());
  const origin = `http://localhost:${reached}`;
  const home = join(folder, 'host');
  const relay = startPalmkey(
    join(folder, 'relay'),
    'relay',
    '--port',
    String(port),
    '--public-url',
    origin,
    '--app',
    app,
  );
  await relay.prints(/palmkey up --relay/);
  const host = startPalmkey(home, 'up', '--relay', origin);
  const [link] = await host.prints(/https?:\/\/\S+\/pair#[A-Za-z0-9_-]+/);
  const browser = await openBrowser(join(folder, 'profile'));
  await options.prepare?.(browser);
  const said = listen(browser);
  await browser.page.goto(link);
  const code = await said('code ');
  host.write(`${code}\n`);
  await said('paired');
  await host.prints(/Paired with/);
  const { stdout } = await (await import('./palmkey.ts')).palmkey(home, 'keys', '--json');
  const [keyLine] = /ssh-ed25519 [A-Za-z0-9+/=]+[^"]*/.exec(stdout) ?? [''];
  return {
    home,
    host,
    relay,
    browser,
    keyLine,
    [Symbol.asyncDispose]: async () => {
      await browser[Symbol.asyncDispose]();
      await host[Symbol.asyncDispose]();
      await relay[Symbol.asyncDispose]();
    },
  };
}

/** Waits for a console line of the harness that begins so; returns its rest. (`waitForFunction` needs eval, which the page's policy forbids.) */
function listen({ page }: PhoneBrowser): (beginning: string) => Promise<string> {
  const lines: string[] = [];
  page.on('console', (message) => lines.push(message.text()));
  return async (beginning) => {
    const said = () => lines.find((line) => line.startsWith(beginning));
    while (said() === undefined) await page.waitForEvent('console', { timeout: 30_000 });
    return said()?.slice(beginning.length) ?? '';
  };
}

function same(port: number): { relay: number; reached: number } {
  return { relay: port, reached: port };
}
