import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ESLint } from 'eslint';
import { expect, it } from 'vitest';

const root = fileURLToPath(new URL('..', import.meta.url));
const { lintParts } = (await import(new URL('lint-parts.mjs', import.meta.url).href)) as {
  lintParts: (root: string) => readonly (readonly string[])[];
};

/** Every file below, but for what others have written. */
function* files(folder: string): Generator<string> {
  for (const entry of readdirSync(join(root, folder), { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isFile()) yield path;
    else if (entry.isDirectory() && !['node_modules', '.git', '.cache'].includes(entry.name)) yield* files(path);
  }
}

it('every file that the lint would find by itself is in one part', { timeout: 120_000 }, async () => {
  const eslint = new ESLint({ cwd: root });
  const wanted: string[] = [];
  for (const path of files('')) {
    if (/\.(?:[cm]?[jt]s|[jt]sx)$/.test(path) && !(await eslint.isPathIgnored(join(root, path)))) wanted.push(path);
  }
  expect(wanted.length).toBeGreaterThan(1000);
  expect(lintParts(root).flat().sort()).toEqual(wanted.sort());
});
