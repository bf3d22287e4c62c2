// Bundles the command line into dist/: one entry, and a chunk for each part that only some commands load. git's signing
// program is one file: it starts for each commit, and each file more takes Node a millisecond.
import { build } from 'esbuild';
import { rm } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';

const folder = fileURLToPath(new URL('.', import.meta.url));
await rm(new URL('dist/', import.meta.url), { recursive: true, force: true });
const common = {
  absWorkingDir: folder,
  outdir: 'dist',
  bundle: true,
  format: 'esm',
  platform: 'node',
  target: 'node20.19',
  legalComments: 'none',
  logLevel: 'warning',
  // The store has a binary beside it; ssh2 does without its two native parts, which nobody compiles here.
  external: ['@photostructure/sqlite', 'cpu-features', '*.node'],
  // CommonJS dependencies use names that an ES module does not have.
  banner: {
    js: [
      "import { createRequire as bundleRequire } from 'node:module';",
      'const require = bundleRequire(import.meta.url), __filename = import.meta.filename, __dirname = import.meta.dirname;',
    ].join(' '),
  },
};

await build({ ...common, entryPoints: ['src/main.ts'], splitting: true });
await build({ ...common, entryPoints: ['src/git-sign-main.ts'], minify: true });
