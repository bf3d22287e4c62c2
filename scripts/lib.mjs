// What the scripts share. Only Node's own modules: on a bare clone there is nothing else yet.
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = dirname(dirname(fileURLToPath(import.meta.url)));
const oldest = [20, 19];

/** Says what happens, on stderr: stdout belongs to the program that runs next. */
export function say(text) {
  process.stderr.write(`${text}\n`);
}

export function fail(text, hint) {
  say(`palmkey: ${text}`);
  if (hint) say(`  ${hint}`);
  process.exit(1);
}

export function requireNode() {
  const [major, minor] = process.versions.node.split('.').map(Number);
  if (major < oldest[0] || (major === oldest[0] && minor < oldest[1])) {
    fail(
      `Node ${oldest.join('.')} or later is needed, this is ${process.versions.node}`,
      'Install a current Node.js and run the same command again.',
    );
  }
}

/** Runs a command to its end; resolves with its exit code. Its output goes where ours goes, or to stderr with `quiet`. */
export function run(command, args, { cwd = root, env = {}, toStderr = false } = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, {
      cwd,
      stdio: ['inherit', toStderr ? process.stderr : 'inherit', 'inherit'],
      env: { ...process.env, ...env },
    });
    child.on('error', reject);
    child.on('exit', (code, signal) => resolve(signal ? 128 : (code ?? 1)));
  });
}

/** Runs a command to its end; resolves with its exit code and with what it printed, which is shown only with `show`. */
export function collect(command, args, { cwd = root, show = false } = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { cwd, stdio: ['ignore', 'pipe', 'pipe'] });
    let printed = '';
    for (const stream of ['stdout', 'stderr']) {
      child[stream].setEncoding('utf8').on('data', (text) => {
        printed += text;
        if (show) process[stream].write(text);
      });
    }
    child.on('error', reject);
    child.on('close', (code, signal) => resolve({ code: signal ? 128 : (code ?? 1), printed }));
  });
}

/** Runs a command and shows what it printed only if it fails. */
export async function quietly(command, args, options) {
  const { code, printed } = await collect(command, args, options);
  if (code !== 0) fail(`\`${[command, ...args].join(' ')}\` ended with ${code}`, printed.trim());
}

export async function must(command, args, options) {
  const code = await run(command, args, options);
  if (code !== 0) fail(`\`${[command, ...args].join(' ')}\` ended with ${code}`, 'The lines above say why.');
}

const skipped = new Set(['node_modules', 'dist', 'dist-types', '.cache', 'artifacts', 'results']);

function* files(path) {
  if (!existsSync(path)) return;
  for (const entry of readdirSync(path, { withFileTypes: true }).sort((a, b) => (a.name < b.name ? -1 : 1))) {
    if (skipped.has(entry.name)) continue;
    const full = join(path, entry.name);
    if (entry.isDirectory()) yield* files(full);
    else if (entry.isFile() && !entry.name.endsWith('.test.ts')) yield full;
  }
}

/** SHA-256 over names and contents: the same tree gives the same text on every machine. */
export function contentHash(paths) {
  const hash = createHash('sha256').update(process.versions.node.split('.')[0]);
  for (const path of paths) {
    const full = join(root, path);
    for (const file of existsSync(full) && !readdirSafe(full) ? [full] : files(full)) {
      hash.update(file.slice(root.length)).update('\0').update(readFileSync(file)).update('\0');
    }
  }
  return hash.digest('hex');
}

function readdirSafe(path) {
  try {
    return readdirSync(path);
  } catch {
    return undefined;
  }
}

/** Does the work unless the stamp says that it was done for this very content. */
export async function once(stamp, hash, work) {
  const file = join(root, stamp);
  if (existsSync(file) && readFileSync(file, 'utf8') === hash) return false;
  await work();
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, hash);
  return true;
}
