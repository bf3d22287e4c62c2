import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { securityPage, securityPageNow } from './sees.ts';

test('SECURITY.md lists what the relay sees as the relay defines it (npm run vectors writes it)', () => {
  expect(readFileSync(securityPage, 'utf8')).toBe(securityPageNow());
});
