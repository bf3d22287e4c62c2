import { execFileSync } from 'node:child_process';
import { realpathSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

interface Listed {
  readonly dependencies?: Readonly<Record<string, Listed>>;
  readonly path?: string;
}

const root = fileURLToPath(new URL('../../../', import.meta.url));

/** Packages with a construction that a sealed body is made of: boxes, AEADs, curves, and our own opening code. */
const openers =
  /^(@noble\/|@scure\/|@palmkey\/core|@msgpack\/|hash-wasm|libsodium|sodium-|tweetnacl|nacl|@stablelib\/)/;

/** Every package that a workspace comes with when it is installed to run, by name, with where it is. */
function installedWith(workspace: string): Map<string, string> {
  const printed = execFileSync('npm', ['ls', '-w', workspace, '--all', '--omit=dev', '--json', '--long'], {
    cwd: root,
    encoding: 'utf8',
    maxBuffer: 64 * 1024 * 1024,
  });
  const found = new Map<string, string>();
  const walk = ({ dependencies = {} }: Listed): void => {
    for (const [name, listed] of Object.entries(dependencies)) {
      found.set(name, listed.path ?? '');
      walk(listed);
    }
  };
  walk(JSON.parse(printed) as Listed);
  return found;
}

test('nothing that the relay is installed with could open a body', () => {
  const installed = installedWith('packages/relay');
  expect(installed.size).toBeGreaterThan(50);
  const suspects = [...installed].filter(([name]) => openers.test(name));
  // NATS's client asks for it to sign with nkeys, and gets a package of ours that can only sign.
  expect(suspects.map(([name]) => name)).toEqual(['tweetnacl']);
  expect(realpathSync(suspects[0]?.[1] ?? '')).toBe(fileURLToPath(new URL('../nkeys-signing', import.meta.url)));
});

test('the search finds such packages where there are some', () => {
  const names = [...installedWith('packages/host').keys()].filter((name) => openers.test(name));
  expect(names).toEqual(expect.arrayContaining(['@noble/ciphers', '@palmkey/core']));
});
