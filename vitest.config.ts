import { availableParallelism } from 'node:os';
import { defineConfig } from 'vitest/config';

/** Tests that flood or load a machine, hold connections up, or hold a time against a limit: nothing else runs beside them. */
const alone = [
  'account-leaving',
  'chaos',
  'cluster',
  'hostile-mail',
  'worst-connection',
  'worst-flood',
  'worst-login',
  'worst-relay',
].map((name) => `e2e/tests/${name}.test.ts`);

/** Real programs take their time to start. */
const patient = { testTimeout: 120_000, hookTimeout: 120_000 };

/**
 * `unit` stands beside the source and is fast; `e2e` starts real programs (scripts/e2e.mjs runs it): most of its files
 * three at a time, since they mostly wait, and then those of `e2e-alone` one by one.
 */
export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: 'unit',
          include: [
            'packages/*/src/**/*.test.ts',
            'apps/*/src/**/*.test.ts',
            'apps/*/scripts/**/*.test.ts',
            'scripts/**/*.test.ts',
            'vectors/**/*.test.ts',
            'e2e/fuzz/*.test.ts',
          ],
          // A machine that is busy is no fault of what is tested.
          testTimeout: 60_000,
          hookTimeout: 60_000,
          // One more than processors: a third of the time goes into waiting for files, sockets and stores.
          maxWorkers: availableParallelism() + 1,
        },
      },
      {
        test: {
          name: 'e2e',
          include: ['e2e/tests/**/*.test.ts'],
          exclude: alone,
          ...patient,
          maxWorkers: 3,
          sequence: { groupOrder: 1 },
        },
      },
      {
        test: {
          name: 'e2e-alone',
          include: alone,
          ...patient,
          maxWorkers: 1,
          sequence: { groupOrder: 2 },
        },
      },
    ],
  },
});
