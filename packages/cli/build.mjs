// Bundles the command line into dist/: one entry, and a chunk for each part that only some commands load.
import { build } from 'esbuild';
import { rm } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';

const folder = fileURLToPath(new URL('.', import.meta.url));
await rm(new URL('dist/', import.meta.url), { recursive: true, force: true });
await build({
  absWorkingDir: folder,
  entryPoints: ['src/main.ts', 'src/git-sign-main.ts'],
  outdir: 'dist',
  bundle: true,
  splitting: true,
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
});
