// `npm run check`: types, lint with the arrows between packages, format, unused code. Everything is run; any finding fails.
import { join } from 'node:path';
import { availableParallelism } from 'node:os';
import process from 'node:process';
import { collect, root, say } from './lib.mjs';
import { lintParts } from './lint-parts.mjs';
import { setup } from './setup.mjs';

/** What both lanes take at most together. Where less is free they come one after the other. */
const SIDE_BY_SIDE_BYTES = 5 * 1024 ** 3;

const lint = lintParts(root).map((files, i, { length }) => [
  `lint and arrows, ${i + 1} of ${length}`,
  'eslint/bin/eslint.js',
  ['--max-warnings', '0', '--no-warn-ignored', ...files],
]);
const others = [
  ['types', 'typescript/bin/tsc', ['-b']],
  ['format', 'prettier/bin/prettier.cjs', ['--check', '--log-level', 'warn', '.']],
  ['unused', 'knip/bin/knip.js', ['--no-progress']],
];
/** Side by side each uses one processor: the lint takes about as long as all others together. */
const isRoomy = availableParallelism() > 1 && process.availableMemory() > SIDE_BY_SIDE_BYTES;
const lanes = isRoomy ? [lint, others] : [[...others, ...lint]];
await setup();
let failed = 0;
await Promise.all(
  lanes.map(async (steps) => {
    for (const [name, path, args] of steps) {
      const { code, printed } = await collect(process.execPath, [join(root, 'node_modules', path), ...args]);
      say(`${printed}${code === 0 ? '✓' : '✗'} ${name}`);
      if (code !== 0) failed += 1;
    }
  }),
);
process.exitCode = failed === 0 ? 0 : 1;
