// Writes the settings of the relay into docs/operators.md.
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { withReference } from '../packages/cli/src/voice/settings-reference.ts';

const path = fileURLToPath(new URL('../docs/operators.md', import.meta.url));
writeFileSync(path, withReference(readFileSync(path, 'utf8')));
