/** Sealing and opening messages: in Node with the host's primitives, in Chromium with the app's. */
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { deviceKeys } from '@palmkey/core/devices';
import { openBrowser } from '../../e2e/lib/browser.ts';
import { startPalmkey } from '../../e2e/lib/palmkey.ts';
import { freePort, tempFolder } from '../../e2e/lib/temp.ts';
import { nodeAgreement, nodePrimitives, nodeSigner } from '../../packages/host/src/keys/node-primitives.ts';
import type { BenchOptions, Row } from '../rows.ts';
import { measureEnvelope } from './measure.ts';
import type {} from './page/main.ts';

const source = fileURLToPath(new URL('page', import.meta.url));
const built = fileURLToPath(new URL('../../.cache/envelope', import.meta.url));

export async function envelope(options: BenchOptions): Promise<readonly Row[]> {
  const inNode = await measureEnvelope(
    {
      name: 'Node',
      primitives: nodePrimitives,
      newDevice: () => Promise.resolve(deviceKeys(nodeSigner(randomBytes(32)), nodeAgreement(randomBytes(32)))),
    },
    options,
  );
  return [...inNode, ...(await inChromium(options))];
}

/** The relay serves the page, so that it is under the app's own policy. */
async function inChromium({ quick, only }: BenchOptions): Promise<Row[]> {
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
  return await browser.page.evaluate((wanted) => window.measure(wanted), { quick, only });
}
