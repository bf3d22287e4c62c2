/// <reference types="vite/client" />
/** Runs the suites that stand beside the source in this page, with its WebCrypto and its IndexedDB. */
import { startTests, type VitestRunner } from '@vitest/runner';
import { getTestName, getTests } from '@vitest/runner/utils';

/** How one case went. */
export interface CaseResult {
  /** The suite's file, from the repository's root. */
  readonly file: string;
  /** The names of its describes and its own, as `vitest list` prints them. */
  readonly name: string;
  /** `pass`, or what else Vitest says of it, such as `fail` and `skip`. */
  readonly state: string;
  /** Why it failed. */
  readonly errors: readonly string[];
}

const files: Record<string, () => Promise<unknown>> = {
  ...import.meta.glob(['../../packages/{chain,core,envelope}/src/**/*.test.ts', '!../../packages/**/*.node.test.ts']),
  '../../e2e/chromium/store.test.ts': () => import('./store.test.ts'),
  '../../e2e/chromium/vault-store.test.ts': () => import('./vault-store.test.ts'),
};
const fromRoot = (path: string) => path.replace('../../', '');

/** Runs them all, one after the other. Throws if a suite does not load. */
export async function runSuites(): Promise<CaseResult[]> {
  const ran = await startTests(Object.keys(files), runner);
  for (const { filepath, result } of ran) {
    const [error] = result?.errors ?? [];
    if (error) throw new Error(`${fromRoot(filepath)}: ${error.message}`);
  }
  return getTests(ran).map((test) => ({
    file: fromRoot(test.file.filepath),
    name: getTestName(test),
    state: test.result?.state ?? test.mode,
    errors: (test.result?.errors ?? []).map(({ message, stack }) => `${message}\n${stack ?? ''}`),
  }));
}

const runner: VitestRunner = {
  importFile: (path) => files[path]?.(),
  config: {
    root: '../..',
    setupFiles: [],
    name: undefined,
    passWithNoTests: false,
    testNamePattern: undefined,
    allowOnly: false,
    sequence: { seed: 0, hooks: 'stack', setupFiles: 'list' },
    chaiConfig: undefined,
    maxConcurrency: 1,
    testTimeout: 20_000,
    hookTimeout: 20_000,
    retry: 0,
    includeTaskLocation: false,
    tags: [],
    tagsFilter: undefined,
    strictTags: true,
  },
};
