/** The suites' page (e2e/chromium), built, and which of its cases Node runs. */
import { createRequire } from 'node:module';
import { relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { runProgram } from './child.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const built = fileURLToPath(new URL('../../.cache/chromium', import.meta.url));
const here = (path: string) => fileURLToPath(new URL(`../chromium/${path}`, import.meta.url));

/** Builds the page; returns its folder. */
export async function buildSuites(): Promise<string> {
  const { build } = await import('vite');
  const sodiumWrappers = createRequire(import.meta.url).resolve('libsodium-wrappers');
  await build({
    root: here('.'),
    logLevel: 'error',
    configFile: false,
    resolve: {
      alias: [
        { find: /^vitest$/, replacement: here('vitest.ts') },
        { find: /^.*\/vectors\/page\.ts$/, replacement: here('vectors.ts') },
        // The oracle's CommonJS build can do without WebAssembly, which the page's policy forbids.
        { find: /^libsodium-wrappers$/, replacement: sodiumWrappers },
        { find: /^libsodium$/, replacement: createRequire(sodiumWrappers).resolve('libsodium') },
      ],
    },
    // Names of cases hold names of functions.
    build: { outDir: built, emptyOutDir: true, target: 'es2022', minify: false },
  });
  return built;
}

/** The cases that the page is to run too, `<file> > <name>`, as Vitest lists them in Node: all but those of `.node.test.ts`. */
export async function listNodeCases(): Promise<string[]> {
  const vitest = fileURLToPath(new URL('../../node_modules/vitest/vitest.mjs', import.meta.url));
  const shared = ['chain', 'core', 'envelope'].map((name) => `packages/${name}`);
  const args = [vitest, 'list', '--json', '--no-isolate', '--project', 'unit', ...shared];
  const { stdout, output, exitCode } = await runProgram(process.execPath, args, { cwd: root });
  if (exitCode !== 0) throw new Error(`vitest list failed:\n${output}`);
  const cases = JSON.parse(stdout) as { file: string; name: string }[];
  const inBoth = cases.filter(({ file }) => !file.endsWith('.node.test.ts'));
  return inBoth.map(({ file, name }) => `${relative(root, file)} > ${name}`);
}
