// What is linted, in parts, one after the other: with all programs of TypeScript in one process the lint takes 3.5 GB.
import { readdirSync } from 'node:fs';
import { join } from 'node:path';

/** Folders in which nothing is anybody's source (eslint.config.js, `ignores`). */
const skipped = new Set(['node_modules', 'dist', 'dist-types', '.cache', '.git', 'artifacts', 'results']);
const isSource = (name) => /\.(?:[cm]?js|tsx?)$/.test(name);
const isTest = (path) => /\.test\.tsx?$/.test(path);

/** A file is in the first part that takes it: what shares a program of TypeScript stands together. */
const takes = [
  (path) => isTest(path) || !/^(?:packages|apps)\//.test(path),
  (path) => path.startsWith('apps/'),
  (path) => /^packages\/(?:host|cli)\//.test(path),
  () => true,
];

function* walk(root, folder) {
  for (const entry of readdirSync(join(root, folder), { withFileTypes: true })) {
    const path = folder === '' ? entry.name : `${folder}/${entry.name}`;
    if (entry.isDirectory() && !skipped.has(entry.name)) yield* walk(root, path);
    if (entry.isFile() && isSource(entry.name)) yield path;
  }
}

/** The files of each part, from the root of the repository, with `/` between folders. */
export function lintParts(root) {
  const parts = takes.map(() => []);
  for (const path of walk(root, '')) parts[takes.findIndex((isOf) => isOf(path))].push(path);
  return parts;
}
