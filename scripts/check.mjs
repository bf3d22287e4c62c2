// `npm run check`: types, lint with the arrows between packages, format, unused code. Everything is run; any finding fails.
import { join } from 'node:path';
import { collect, root, say } from './lib.mjs';
import { setup } from './setup.mjs';

/** Side by side, since each uses one processor: the lint takes about as long as all others together. */
const lanes = [
  [['lint and arrows', 'eslint/bin/eslint.js', ['--max-warnings', '0', '.']]],
  [
    ['types', 'typescript/bin/tsc', ['-b']],
    ['format', 'prettier/bin/prettier.cjs', ['--check', '--log-level', 'warn', '.']],
    ['unused', 'knip/bin/knip.js', ['--no-progress']],
  ],
];
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
