/**
 * Readers that share nothing with the packages find every vector to be as it says, and each that was changed not to be.
 */
import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

const folder = fileURLToPath(new URL('.', import.meta.url));
const run = (script: string) => spawnSync(process.execPath, [join(folder, script)], { encoding: 'utf8' });

describe('judge.mjs', () => {
  it('finds every vector to be as it says', { timeout: 120_000 }, () => {
    const { status, stdout } = run('judge.mjs');
    expect(stdout).toMatch(/^\d{3,} vectors read, 0 not as they say\n$/);
    expect(status).toBe(0);
  });

  it('and what it reads by take nothing of the packages', () => {
    const scripts = readdirSync(folder).filter((name) => name.endsWith('.mjs'));
    const imported = scripts.flatMap((name) =>
      [...readFileSync(join(folder, name), 'utf8').matchAll(/from '([^']+)'/g)].map(([, from]) => from),
    );
    const others = ['libsodium-wrappers', '@scure/bip39/wordlists/english.js'];
    const isOwn = (from = '') => from.startsWith('node:') || /^\.\/[\w-]+\.mjs$/.test(from) || others.includes(from);
    expect(imported.filter((from) => !isOwn(from))).toEqual([]);
  });
});

describe('unnoticed.mjs', () => {
  it('changes each field of each vector, and the readers notice every time', { timeout: 600_000 }, () => {
    const { status, stdout, stderr } = run('unnoticed.mjs');
    expect([status, stderr]).toEqual([0, '']);
    const report = JSON.parse(stdout) as Record<string, { changes: number; unnoticed: string[] }>;
    for (const [page, { changes, unnoticed }] of Object.entries(report)) {
      expect({ page, unnoticed }).toEqual({ page, unnoticed: [] });
      expect(changes).toBeGreaterThan(30);
    }
  });
});
