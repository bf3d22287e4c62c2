// `npm run check`: types, lint with the arrows between packages, format, unused code. Everything is run; any finding fails.
import { join } from 'node:path';
import { root, run, say } from './lib.mjs';
import { setup } from './setup.mjs';

await setup();
const steps = [
  ['types', 'typescript/bin/tsc', ['-b']],
  ['lint and arrows', 'eslint/bin/eslint.js', ['--max-warnings', '0', '.']],
  ['format', 'prettier/bin/prettier.cjs', ['--check', '--log-level', 'warn', '.']],
  ['unused', 'knip/bin/knip.js', ['--no-progress']],
];
let failed = 0;
for (const [name, path, args] of steps) {
  const code = await run(process.execPath, [join(root, 'node_modules', path), ...args], { toStderr: true });
  say(`${code === 0 ? '✓' : '✗'} ${name}`);
  if (code !== 0) failed += 1;
}
process.exitCode = failed === 0 ? 0 : 1;
