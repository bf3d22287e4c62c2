/** One small JSON file with a version, replaced as a whole so that a crash leaves the old or the new one. */
import { closeSync, existsSync, fsyncSync, openSync, readFileSync, renameSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';
import * as v from 'valibot';
import { StateError } from './errors.ts';
import { checkPrivate } from './private-folder.ts';

const versioned = v.object({ v: v.number() });

/**
 * Reads and checks a file.
 * @returns undefined when there is none.
 * @throws StateError `newer-state` for a version above `version`, `state-broken` for anything that does not parse,
 * `bad-permissions` when others could read it.
 */
export function readJsonFile<Schema extends v.GenericSchema>(
  path: string,
  version: number,
  schema: Schema,
): v.InferOutput<Schema> | undefined {
  if (!existsSync(path)) return undefined;
  checkPrivate(path, 'file');
  let found: unknown;
  try {
    found = JSON.parse(readFileSync(path, 'utf8'));
  } catch (cause) {
    throw new StateError('state-broken', path, null, cause);
  }
  const head = v.safeParse(versioned, found);
  if (head.success && head.output.v > version) throw new StateError('newer-state', path, String(head.output.v));
  const parsed = v.safeParse(schema, found);
  if (!parsed.success) throw new StateError('state-broken', path);
  return parsed.output;
}

/** Writes, syncs and renames; the file has mode 0600 from its first byte. */
export function writeJsonFile(path: string, value: object): void {
  const next = `${path}.next`;
  const file = openSync(next, 'w', 0o600);
  try {
    writeSync(file, `${JSON.stringify(value, null, 2)}\n`);
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
  renameSync(next, path);
  syncFolder(dirname(path));
}

/** A rename lasts only once its folder is on the disk. */
function syncFolder(path: string): void {
  const folder = openSync(path, 'r');
  try {
    fsyncSync(folder);
  } finally {
    closeSync(folder);
  }
}
