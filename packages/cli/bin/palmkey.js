#!/usr/bin/env node
// Starts the bundle, or says what is missing. Kept in plain old JavaScript so that an old Node can still read it.
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

var parts = process.versions.node.split('.');
var major = Number(parts[0]);
var minor = Number(parts[1]);
var main = new URL('../dist/main.js', import.meta.url);

if (major < 20 || (major === 20 && minor < 19)) {
  process.stderr.write('palmkey: Node ' + process.versions.node + ' is too old; Palmkey needs Node 20.19 or later.\n');
  process.stderr.write('  Install a newer Node (https://nodejs.org) and try again.\n');
  process.exitCode = 3;
} else if (!existsSync(fileURLToPath(main))) {
  process.stderr.write('palmkey: this copy of Palmkey is not built yet.\n');
  process.stderr.write('  Run npm run setup in its folder, then try again.\n');
  process.exitCode = 3;
} else {
  await import(main.href);
}
