/** `.node.test.ts`: reads a file, so it runs in Node alone; all other suites here run in Chromium too (e2e/chromium). */
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { relayErrors } from './relay-error.ts';

test('the table is that of spec/relay.md', () => {
  const page = readFileSync(new URL('../../../spec/relay.md', import.meta.url), 'utf8');
  const rows = [...page.matchAll(/^\| (\d+) \| `([a-z-]+)` \| (yes|no|later|after) \| (yes)? ?\|/gm)];
  const table = Object.fromEntries(
    rows.map(([, number, code, retry, closes]) => [code, { number: Number(number), retry, closes: closes === 'yes' }]),
  );
  expect(table).toEqual(relayErrors);
});
