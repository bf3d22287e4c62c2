// `npm test`: everything, in the order in which a fault is cheapest to find. `npm test -- --fast` leaves out e2e and fuzz.
import { readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { collect, root, run, say } from './lib.mjs';
import { setup } from './setup.mjs';
import { system } from './system.mjs';

/** Of a program that failed, lines that are said once more. */
const LAST_LINES = 20;
const fast = process.argv.includes('--fast');
await setup();
if (!fast) await system();

let passed = 0;
let failed = 0;
/** What failed, said once more at the end: of a long run many see no more than that. */
const failures = [];
async function step(name, work) {
  const started = Date.now();
  const ok = await work();
  say(`${ok ? '✓' : '✗'} ${name} (${Math.round((Date.now() - started) / 1000)} s)`);
  if (ok) return;
  process.exitCode = 1;
  failures.push(`✗ ${name}`);
}
async function suite(name, projects = name) {
  const report = join(root, `.cache/${name}.json`);
  const code = await run(
    process.execPath,
    [
      join(root, 'node_modules/vitest/vitest.mjs'),
      'run',
      '--project',
      projects,
      '--reporter=default',
      '--reporter=json',
      `--outputFile.json=${report}`,
    ],
    { env: { NODE_OPTIONS: '--disable-warning=ExperimentalWarning' } },
  );
  const counts = JSON.parse(readFileSync(report, 'utf8'));
  passed += counts.numPassedTests;
  failed += counts.numFailedTests + (code !== 0 && counts.numFailedTests === 0 ? 1 : 0);
  failures.push(...counts.testResults.flatMap(failuresOf));
  return code === 0;
}

/** One of our programs, of which the last lines say what it found. */
async function program(file, ...args) {
  const { code, printed } = await collect(process.execPath, [join(root, file), ...args], { show: true });
  if (code !== 0) failures.push(printed.trimEnd().split('\n').slice(-LAST_LINES).join('\n'));
  return code === 0;
}

/** A line for each test of a file that failed, and for the file where it could not be run, with why. */
function failuresOf({ name, status, message, assertionResults }) {
  const file = relative(root, name);
  const tests = assertionResults
    .filter((test) => test.status === 'failed')
    .map(({ fullName, failureMessages }) => `${file} > ${fullName}\n${failureMessages.join('\n')}`);
  return tests.length === 0 && status === 'failed' ? [`${file}\n${message}`] : tests;
}

await step('check', () => program('scripts/check.mjs'));
await step('unit', () => suite('unit'));
if (!fast) {
  await step('fuzz', () => program('scripts/run.mjs', 'e2e/fuzz/main.ts', '--inputs', '100000'));
  await step('screens', () => program('scripts/run.mjs', 'apps/phone/scripts/screenshots.ts', '--check'));
  await step('e2e', () => suite('e2e', 'e2e*'));
}
if (process.exitCode && failed === 0) failed = 1;
for (const failure of failures) console.log(`${failure}\n`);
console.log(`${passed} passed, ${failed} failed`);
