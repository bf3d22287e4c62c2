// Builds what people run: one bundle for the command line, one for the app.
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { must, root, tool } from './lib.mjs';

/** Everything that the build reads. */
export const built = ['package-lock.json', 'packages', 'apps/phone', 'scripts/build.mjs'];

export async function build() {
  await must(process.execPath, [join(root, 'packages/cli/build.mjs')], { toStderr: true });
  await tool('vite/bin/vite.js', ['build', '--logLevel', 'warn'], { cwd: join(root, 'apps/phone'), toStderr: true });
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) await build();
