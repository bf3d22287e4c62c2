// `npm run e2e -- NAME`: the end-to-end tests whose file name contains NAME, or all of them.
import { join } from 'node:path';
import { root, run } from './lib.mjs';
import { setup } from './setup.mjs';
import { system } from './system.mjs';

await setup();
await system();
process.exitCode = await run(
  process.execPath,
  [join(root, 'node_modules/vitest/vitest.mjs'), 'run', '--project', 'e2e*', ...process.argv.slice(2)],
  { env: { NODE_OPTIONS: '--disable-warning=ExperimentalWarning' } },
);
