/** `npm run fuzz -- --inputs N [--seed S] [--target NAME] [--json] [--input HEX]`: every parser under changed bytes. */
import { randomInt } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { performance } from 'node:perf_hooks';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { type Finding, fuzz, inputsFor, type Row } from './campaign.ts';
import { findingText, footText, headText, rowText } from './report.ts';
import type { Target } from './target.ts';
import { allTargets } from './targets.ts';
import { isFinding, judge } from './verdict.ts';

const USAGE = 'npm run fuzz -- --inputs N [--seed S] [--target NAME] [--json] [--input HEX]';
const FINDINGS_FOLDER = fileURLToPath(new URL('../../.cache/fuzz/', import.meta.url));
const clock = () => performance.now();

const { values } = parseArgs({
  options: {
    inputs: { type: 'string', default: '100000' },
    seed: { type: 'string' },
    target: { type: 'string' },
    json: { type: 'boolean', default: false },
    input: { type: 'string' },
  },
});
const inputs = wholeNumber(values.inputs, '--inputs');
const seed = values.seed === undefined ? randomInt(2 ** 32) : wholeNumber(values.seed, '--seed');
const all = await allTargets();
const targets = values.target === undefined ? all : all.filter(({ name }) => name === values.target);
if (targets.length === 0) {
  end(`no target is called ${values.target ?? ''}; there are:\n  ${all.map(({ name }) => name).join('\n  ')}`);
}

try {
  if (values.input === undefined) await runAll();
  else for (const target of targets) await runOne(target, new Uint8Array(Buffer.from(values.input, 'hex')));
} finally {
  for (const target of all) await target.close?.();
}

async function runAll(): Promise<void> {
  const counts = inputsFor(targets, inputs);
  const rows: Row[] = [];
  const findings: Finding[] = [];
  const startedAt = clock();
  if (!values.json) console.log(headText(targets));
  for (const [i, target] of targets.entries()) {
    const result = await fuzz(target, counts[i] ?? 0, seed, clock);
    rows.push(result.row);
    findings.push(...result.findings);
    if (!values.json) console.log(rowText(result.row, target));
  }
  const tookMs = clock() - startedAt;
  if (values.json) console.log(JSON.stringify({ seed, inputs, tookMs, rows, findings }, null, 2));
  else console.log(footText(rows, seed, tookMs));
  if (findings.length === 0) return;
  process.exitCode = 1;
  mkdirSync(FINDINGS_FOLDER, { recursive: true });
  writeFileSync(`${FINDINGS_FOLDER}findings-${seed}.json`, `${JSON.stringify(findings, null, 2)}\n`);
  for (const finding of findings) console.error(findingText(finding));
}

/** Judges the one input of a finding again. */
async function runOne(target: Target, input: Uint8Array): Promise<void> {
  const verdict = await judge(target, input, clock);
  console.log(JSON.stringify({ target: target.name, ...verdict }));
  if (isFinding(verdict)) process.exitCode = 1;
}

function wholeNumber(text: string, name: string): number {
  const number = Number(text);
  if (!/^\d{1,10}$/.test(text) || number > 0xffff_ffff) end(`${name} is a whole number of at most 32 bits`);
  return number;
}

function end(problem: string): never {
  console.error(`${problem}\n${USAGE}`);
  process.exit(2);
}
