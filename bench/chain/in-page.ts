/** Replay in Chromium with the app's own port, in a page that the relay serves: under the app's own policy. */
import { encodeLinks } from '@palmkey/chain';
import { toBase64Url } from '@palmkey/envelope';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { openBrowser } from '../../e2e/lib/browser.ts';
import { startPalmkey } from '../../e2e/lib/palmkey.ts';
import { freePort, tempFolder } from '../../e2e/lib/temp.ts';
import { median, type Row } from '../rows.ts';
import { lifeOf } from './made-chains.ts';
import type {} from './page/main.ts';

const source = fileURLToPath(new URL('page', import.meta.url));
const built = fileURLToPath(new URL('../../.cache/chain', import.meta.url));

/** Whole chains of these lengths: the time, and how long the page stood still at most. */
export async function replayedInPage(lengths: readonly number[], quick: boolean): Promise<Row[]> {
  const { build } = await import('vite');
  await build({
    root: source,
    logLevel: 'error',
    configFile: false,
    build: { outDir: built, emptyOutDir: true, target: 'es2022' },
  });
  using folder = tempFolder('palmkey-bench-');
  const port = await freePort();
  await using relay = startPalmkey(join(folder.path, 'relay'), 'relay', '--port', String(port), '--app', built);
  await relay.prints(/palmkey up --relay/);
  await using browser = await openBrowser(join(folder.path, 'profile'));
  await browser.page.goto(`http://localhost:${port}/`);
  const rows: Row[] = [];
  for (const length of lengths) {
    const links = toBase64Url(encodeLinks(await lifeOf(length)));
    const asked = { links, rounds: quick ? 3 : 9 };
    const { replay, longestBlock } = await browser.page.evaluate((chain) => window.measureReplay(chain), asked);
    const row = { bench: 'chain', case: `${length} links (Chromium)`, subject: 'ours' };
    rows.push(
      { ...row, metric: 'replay_ms', value: median(replay), unit: 'ms' },
      { ...row, metric: 'longest_block_ms', value: median(longestBlock), unit: 'ms' },
    );
  }
  return rows;
}
