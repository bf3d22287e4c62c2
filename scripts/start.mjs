// `npm start`: from a bare clone to the status line. Arguments after `--` go to `palmkey up`.
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { root } from './lib.mjs';
import { setup } from './setup.mjs';

await setup();
process.argv = [process.execPath, join(root, 'packages/cli/bin/palmkey.js'), 'up', ...process.argv.slice(2)];
await import(pathToFileURL(process.argv[1]).href);
