// Builds what people run: one bundle for the command line, one for the app.
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { quietly, root } from './lib.mjs';

/** Everything that the build reads. */
export const built = ['package-lock.json', 'packages', 'apps/phone', 'scripts/build.mjs'];

export async function build() {
  await quietly(process.execPath, [join(root, 'packages/cli/build.mjs')]);
  await quietly(process.execPath, [join(root, 'node_modules/vite/bin/vite.js'), 'build'], {
    cwd: join(root, 'apps/phone'),
  });
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) await build();
