// Runs one TypeScript program of the project after setup: `node scripts/run.mjs FILE [arguments]`.
import { join } from 'node:path';
import { root, run } from './lib.mjs';
import { setup } from './setup.mjs';

const [file, ...args] = process.argv.slice(2);
await setup();
process.exitCode = await run(process.execPath, ['--import', 'tsx', join(root, file), ...args], {
  env: { NODE_OPTIONS: '--disable-warning=ExperimentalWarning' },
});
