/** What a browser fetches before the app paints, against its budget; the slow half of the same is `npm run bench -- app`. */
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { build } from 'vite';
import { expect, onTestFinished, test, vi } from 'vitest';

/** gzip -9 bytes of all scripts together. */
const BUDGET = 200_000;

/** What the start was made of when it had 193 kB, kB before they are minified, so that what grew can be told. */
const known: Record<string, number> = {
  'react-dom': 537,
  'phone/engine': 234,
  'relay-client': 50,
  'core/account': 37,
  '@msgpack/msgpack': 36,
  '@noble/hashes': 35,
  valibot: 27,
  chain: 23,
  envelope: 23,
  '@noble/ciphers': 20,
  'core/ssh': 19,
  react: 17,
  'core/messages': 17,
  'phone/parts': 16,
  'phone/pair': 14,
  'phone/first-run': 13,
  'phone/keyring': 11,
  'core/pairing': 10,
  'phone/app': 10,
  scheduler: 9,
  'core/crypto': 9,
  'phone/store': 8,
  'core/git': 8,
  'phone/notices': 7,
  idb: 7,
};

interface Chunk {
  readonly code: string;
  readonly imports: readonly string[];
  readonly isEntry: boolean;
  readonly modules: Readonly<Record<string, { readonly renderedLength: number }>>;
}

const root = fileURLToPath(new URL('..', import.meta.url));
const clone = fileURLToPath(new URL('../../..', import.meta.url));

/** The app as it is built, by file name. Nothing is written. */
async function chunks(): Promise<ReadonlyMap<string, Chunk>> {
  // The test runner's would bring React's build for developers.
  vi.stubEnv('NODE_ENV', 'production');
  onTestFinished(() => void vi.unstubAllEnvs());
  const built = await build({ root, mode: 'measured', logLevel: 'error', build: { write: false } });
  if (!('output' in built)) throw new Error('more, or less, than one app was built');
  return new Map(built.output.flatMap((file) => (file.type === 'chunk' ? [[file.fileName, file]] : [])));
}

/** The entry and all that it imports at once, however far. */
function atStart(all: ReadonlyMap<string, Chunk>): readonly Chunk[] {
  const names = new Set([...all].filter(([, { isEntry }]) => isEntry).map(([name]) => name));
  // A set goes on with what is added meanwhile.
  for (const name of names) for (const imported of all.get(name)?.imports ?? []) names.add(imported);
  return [...names].flatMap((name) => all.get(name) ?? []);
}

/** A library, a package of ours, or a folder of the two that have most. */
function partOf(file: string): string {
  const library = /.*node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(file)?.[1];
  if (library !== undefined) return library;
  const [, ours = 'build tools', , folder] = file.split('/');
  return ours === 'core' || ours === 'phone' ? `${ours}/${folder}` : ours;
}

/** kB by part, the largest first. */
function parts(start: readonly Chunk[]): Record<string, number> {
  const sizes = new Map<string, number>();
  for (const [id, { renderedLength }] of start.flatMap(({ modules }) => Object.entries(modules))) {
    const part = partOf(id.startsWith(clone) ? id.slice(clone.length) : id);
    sizes.set(part, (sizes.get(part) ?? 0) + renderedLength);
  }
  const sorted = [...sizes].sort(([, a], [, b]) => b - a);
  return Object.fromEntries(sorted.map(([part, bytes]) => [part, Math.round(bytes / 1_000)]));
}

test('the app’s scripts at its start are within their budget, or it is said which part grew', async () => {
  const start = atStart(await chunks());
  const bytes = start.reduce((sum, { code }) => sum + gzipSync(code, { level: 9 }).length, 0);
  const now = parts(start);
  const grown = Object.entries(now)
    .map(([part, kB]) => ({ part, more: kB - (known[part] ?? 0) }))
    .filter(({ more }) => more > 0)
    .sort((a, b) => b.more - a.more)
    .map(({ part, more }) => `${part} +${more} kB`);
  expect(start.length).toBeGreaterThan(1);
  expect(bytes, `grown, before minifying: ${grown.join(', ')}\nall of it: ${JSON.stringify(now)}`).toBeLessThan(BUDGET);
}, 60_000);
